#include "bench/sqs_calls.h"

#include <cstdio>
#include <cstdlib>

namespace sluice::bench {
namespace {

constexpr std::string_view query_type = "application/x-www-form-urlencoded";
constexpr std::string_view json_type = "application/x-amz-json-1.0";

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    if (std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '-' || letter == '_' || letter == '.') {
      out.push_back(letter);
    } else {
      char code[4];
      std::snprintf(code, sizeof code, "%%%02X", static_cast<unsigned char>(letter));
      out.append(code);
    }
  }
  return out;
}

}  // namespace

SqsCalls::SqsCalls(Address address, Protocol protocol, Credentials credentials)
    : address_(std::move(address)),
      protocol_(protocol),
      signs_(!credentials.id.empty()),
      signer_(std::move(credentials)),
      id_prefix_(std::to_string(Clock::now().time_since_epoch().count()) + "-") {}

std::string SqsCalls::request(std::string_view operation, const std::string& body) {
  const bool json = protocol_ == Protocol::json;
  const std::string host = address_.text();
  const std::string target = json ? "AmazonSQS." + std::string(operation) : "";
  const std::string_view type = json ? json_type : query_type;
  std::string text = "POST / HTTP/1.1\r\nHost: " + host + "\r\nContent-Type: ";
  text.append(type).append("\r\nContent-Length: ").append(std::to_string(body.size()));
  if (json) {
    text.append("\r\nX-Amz-Target: ").append(target);
  }
  if (signs_) {
    const SignedParts parts{type, host, amazon_date(), target, body};
    text.append("\r\nX-Amz-Date: ").append(parts.date);
    text.append("\r\nAuthorization: ").append(signer_.authorization(parts));
  }
  return text.append("\r\n\r\n").append(body);
}

void SqsCalls::create_queue(std::string_view name) {
  const bool fifo = name.ends_with(".fifo");
  const std::string text(name);
  const std::string body =
      protocol_ == Protocol::json
          ? "{\"QueueName\":\"" + text + "\"" + (fifo ? ",\"Attributes\":{\"FifoQueue\":\"true\"}}" : "}")
          : "Action=CreateQueue&Version=2012-11-05&QueueName=" + text +
                (fifo ? "&Attribute.1.Name=FifoQueue&Attribute.1.Value=true" : "");
  int status = 0;
  const std::string reply = call(address_, request("CreateQueue", body), status);
  const std::vector<std::string> urls = values_of(reply, "QueueUrl");
  if (status != 200 || urls.size() != 1) {
    std::fprintf(stderr, "bench: CreateQueue answers %d %s\n", status, reply.c_str());
    std::exit(1);
  }
  queue_url_ = urls[0];
}

void SqsCalls::delete_queue() {
  const std::string body = protocol_ == Protocol::json
                               ? "{\"QueueUrl\":\"" + queue_url_ + "\"}"
                               : "Action=DeleteQueue&Version=2012-11-05&QueueUrl=" + percent_encoded(queue_url_);
  int status = 0;
  call(address_, request("DeleteQueue", body), status);
}

std::string SqsCalls::send(std::string_view body) {
  if (protocol_ == Protocol::query) {
    return request("SendMessage", "Action=SendMessage&Version=2012-11-05&QueueUrl=" + percent_encoded(queue_url_) +
                                      "&MessageBody=" + percent_encoded(body));
  }
  return request("SendMessage", "{\"QueueUrl\":\"" + queue_url_ + "\",\"MessageBody\":\"" + std::string(body) + "\"}");
}

std::string SqsCalls::send_batch(const std::vector<std::string>& bodies, int delay_seconds) {
  const bool json = protocol_ == Protocol::json;
  std::string text = json ? "{\"QueueUrl\":\"" + queue_url_ + "\",\"Entries\":["
                          : "Action=SendMessageBatch&Version=2012-11-05&QueueUrl=" + percent_encoded(queue_url_);
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    if (json) {
      text.append(i == 0 ? "{\"Id\":\"m" : ",{\"Id\":\"m").append(number);
      text.append("\",\"MessageBody\":\"").append(bodies[i]).append("\"");
      if (delay_seconds > 0) {
        text.append(",\"DelaySeconds\":").append(std::to_string(delay_seconds));
      }
      text.append("}");
    } else {
      const std::string entry = "&SendMessageBatchRequestEntry." + number;
      text.append(entry).append(".Id=m").append(number);
      text.append(entry).append(".MessageBody=").append(percent_encoded(bodies[i]));
      text.append(entry).append(".DelaySeconds=").append(std::to_string(delay_seconds));
    }
  }
  return request("SendMessageBatch", json ? text + "]}" : text);
}

std::string SqsCalls::members(const Ordered& message) {
  std::string text = "\"MessageBody\":\"";
  text.append(message.body).append("\",\"MessageGroupId\":\"").append(message.group);
  return text.append("\",\"MessageDeduplicationId\":\"").append(id_prefix_).append(std::to_string(ids_++)).append("\"");
}

std::string SqsCalls::form_members(const Ordered& message, const std::string& entry) {
  std::string text = "&" + entry + "MessageBody=" + percent_encoded(message.body);
  text.append("&").append(entry).append("MessageGroupId=").append(percent_encoded(message.group));
  text.append("&").append(entry).append("MessageDeduplicationId=").append(id_prefix_).append(std::to_string(ids_++));
  return text;
}

std::string SqsCalls::send(const Ordered& message) {
  if (protocol_ == Protocol::query) {
    return request("SendMessage", "Action=SendMessage&Version=2012-11-05&QueueUrl=" + percent_encoded(queue_url_) +
                                      form_members(message, ""));
  }
  return request("SendMessage", "{\"QueueUrl\":\"" + queue_url_ + "\"," + members(message) + "}");
}

std::string SqsCalls::send_batch(const std::vector<Ordered>& messages) {
  const bool json = protocol_ == Protocol::json;
  std::string text = json ? "{\"QueueUrl\":\"" + queue_url_ + "\",\"Entries\":["
                          : "Action=SendMessageBatch&Version=2012-11-05&QueueUrl=" + percent_encoded(queue_url_);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    if (json) {
      text.append(i == 0 ? "{\"Id\":\"m" : ",{\"Id\":\"m").append(number).append("\",");
      text.append(members(messages[i])).append("}");
    } else {
      const std::string entry = "SendMessageBatchRequestEntry." + number + ".";
      text.append("&").append(entry).append("Id=m").append(number).append(form_members(messages[i], entry));
    }
  }
  return request("SendMessageBatch", json ? text + "]}" : text);
}

std::string SqsCalls::receive(int messages_max, int visibility_seconds, int wait_seconds) {
  const std::string count = std::to_string(messages_max);
  const std::string wait = std::to_string(wait_seconds);
  const std::string hidden = std::to_string(visibility_seconds);
  if (protocol_ == Protocol::query) {
    return request("ReceiveMessage",
                   "Action=ReceiveMessage&Version=2012-11-05&QueueUrl=" + percent_encoded(queue_url_) +
                       "&MaxNumberOfMessages=" + count + "&WaitTimeSeconds=" + wait +
                       (visibility_seconds < 0 ? "" : "&VisibilityTimeout=" + hidden));
  }
  return request("ReceiveMessage", "{\"QueueUrl\":\"" + queue_url_ + "\",\"MaxNumberOfMessages\":" + count +
                                       ",\"WaitTimeSeconds\":" + wait +
                                       (visibility_seconds < 0 ? "" : ",\"VisibilityTimeout\":" + hidden) + "}");
}

std::string SqsCalls::remove(std::string_view handle) {
  if (protocol_ == Protocol::query) {
    return request("DeleteMessage", "Action=DeleteMessage&Version=2012-11-05&QueueUrl=" + percent_encoded(queue_url_) +
                                        "&ReceiptHandle=" + percent_encoded(handle));
  }
  return request("DeleteMessage",
                 "{\"QueueUrl\":\"" + queue_url_ + "\",\"ReceiptHandle\":\"" + std::string(handle) + "\"}");
}

std::string SqsCalls::remove_batch(const std::vector<std::string>& handles) {
  const bool json = protocol_ == Protocol::json;
  std::string text = json ? "{\"QueueUrl\":\"" + queue_url_ + "\",\"Entries\":["
                          : "Action=DeleteMessageBatch&Version=2012-11-05&QueueUrl=" + percent_encoded(queue_url_);
  for (std::size_t i = 0; i < handles.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    if (json) {
      text.append(i == 0 ? "{\"Id\":\"m" : ",{\"Id\":\"m").append(number);
      text.append("\",\"ReceiptHandle\":\"").append(handles[i]).append("\"}");
    } else {
      const std::string entry = "&DeleteMessageBatchRequestEntry." + number;
      text.append(entry).append(".Id=m").append(number);
      text.append(entry).append(".ReceiptHandle=").append(percent_encoded(handles[i]));
    }
  }
  return request("DeleteMessageBatch", json ? text + "]}" : text);
}

std::vector<std::string> values_of(std::string_view reply, std::string_view member) {
  std::vector<std::string> values;
  const bool json = reply.starts_with('{');
  const std::string opening = (json ? "\"" : "<") + std::string(member) + (json ? "\"" : ">");
  for (std::size_t at = reply.find(opening); at != std::string_view::npos; at = reply.find(opening, at)) {
    at += opening.size();
    if (json) {
      at = reply.find('"', at) + 1;
    }
    const std::size_t end = reply.find(json ? '"' : '<', at);
    values.emplace_back(reply.substr(at, end - at));
    at = end;
  }
  return values;
}

}  // namespace sluice::bench
