// Pages under the paths of LocalStack, for what asks a server there: is it up, what lies in a queue.
#include <fmt/format.h>

#include <algorithm>

#include "base/digest.h"
#include "doors/admin/admin.h"
#include "doors/aws/codec.h"
#include "doors/aws/route.h"
#include "doors/aws/sqs/shown_message.h"
#include "doors/aws/sqs/sqs.h"
#include "wire/json.h"

namespace sluice::admin {
namespace {

namespace api = aws::sqs;

constexpr std::string_view served[] = {"sqs", "sts", "cloudwatch"};
constexpr std::size_t messages_max = 1'000;                    // of one answer
constexpr std::size_t bytes_max = 4U << 20;                    // of their envelopes
constexpr std::string_view no_handle = "SQS/BACKDOOR/ACCESS";  // what LocalStack says where there is no receipt handle

/// What is asked for: how it is answered stands in the call.
struct Question {
  std::string url;
  bool in_flight = false;
  bool delayed = false;
};

bool is_on(const std::string* parameter) {
  return parameter != nullptr && (*parameter == "true" || *parameter == "True" || *parameter == "1");
}

// A GET names the queue in the path or as QueueUrl; a POST is ReceiveMessage as an SDK sends it to this endpoint.
std::expected<Question, aws::ServiceError> question_of(const Asked& asked) {
  aws::Call& call = asked.visit.call;
  const bool wants_json = asked.request.header("Accept").find("application/json") != std::string_view::npos;
  call.service = &api::service();
  call.operation = aws::find_operation(api::service(), "ReceiveMessage");
  call.encoding = wants_json ? aws::Encoding::query_json : aws::Encoding::query_xml;
  const std::string* url = asked.parameter("QueueUrl");
  Question question{url != nullptr ? *url : ""};
  if (asked.labels.size() == 3) {
    question.url = fmt::format("/queue/{}/{}/{}", asked.labels[0], asked.labels[1], asked.labels[2]);
  }
  if (asked.request.method == "POST") {
    aws::Route route = aws::route(asked.request);
    call.encoding = route.encoding;
    api::ReceiveMessageRequest input;
    if (route.operation != call.operation) {
      return std::unexpected(aws::ServiceError{&aws::framework::unknown_operation, "Here is only ReceiveMessage."});
    }
    if (auto error = aws::codec_of(call.encoding).decode({asked.request, route.parameters}, call, &input)) {
      return std::unexpected(*std::move(error));
    }
    question.url = input.queue_url.value_or(question.url);
  }
  question.in_flight = is_on(asked.parameter("ShowInvisible"));
  question.delayed = is_on(asked.parameter("ShowDelayed"));
  return question;
}

/// Messages gathered over pages and states.
struct Found {
  std::vector<api::Message> messages;
  std::size_t bytes = 0;
  bool full() const { return messages.size() >= messages_max || bytes >= bytes_max; }
};

void take(const queue::Peeked& page, Found& found) {
  static const sqs::AttributeFilter all({"All"});
  static const std::vector<std::string> names{"All"};
  for (std::size_t i = 0; i < page.messages.size(); ++i) {
    auto message = page.bytes[i] ? queue::decode(*page.bytes[i]) : std::nullopt;
    if (!message) {
      continue;
    }
    const queue::PeekedMessage& peeked = page.messages[i];
    queue::Received received;
    received.lease.number = peeked.number;
    received.receive_count = peeked.receive_count;
    received.sent = peeked.sent;
    received.first_received = peeked.receive_count > 0 ? peeked.first_received : Time{};
    found.bytes += page.bytes[i]->size();
    found.messages.push_back(sqs::show_message(*std::move(message), received, names, all));
    found.messages.back().receipt_handle = no_handle;
  }
}

// All pages of one state, until there is enough.
Task<std::optional<aws::ServiceError>> look(node::Gate& gate, aws::Call& call, const sqs::QueueName& name,
                                            queue::PeekState state, Found& found) {
  std::optional<queue::PeekPlace> after;
  do {
    auto command = std::make_unique<queue::Peek>();
    command->state = state;
    command->count_max = static_cast<std::uint32_t>(messages_max - found.messages.size());
    command->bytes_max = bytes_max - found.bytes;
    command->after = after;
    node::Question question;  // named: g++ 12 frees a braced one twice when it waits
    question.name = name.arn();
    question.command = std::move(command);
    node::Answer answer = co_await node::ask(gate, std::move(question), &call.ticket);
    const auto page = sqs::reply_as<queue::Peeked>(std::move(answer));
    if (!page) {
      co_return page.error();
    }
    take(**page, found);
    after = (*page)->next;
  } while (after && !found.full());
  co_return std::nullopt;
}

void append_member(std::string& out, std::string_view name, const std::optional<std::string>& value) {
  if (value) {
    out += fmt::format("\"{}\":", name);
    wire::append_json_string(out, *value);
    out += ',';
  }
}

// LocalStack's JSON is its XML member by member, so nothing is null, one thing itself, and several are a list.
void append_message(std::string& out, const api::Message& message) {
  out += '{';
  append_member(out, "MessageId", message.message_id);
  append_member(out, "MD5OfBody", message.md5_of_body);
  append_member(out, "Body", message.body);
  out += "\"Attribute\":[";
  for (const auto& [name, value] : message.attributes.value_or(std::map<std::string, std::string>{})) {
    out += '{';
    append_member(out, "Name", name);
    append_member(out, "Value", value);
    wire::close_json(out, '}');
    out += ',';
  }
  wire::close_json(out, ']');
  out += ',';
  append_member(out, "MD5OfMessageAttributes", message.md5_of_message_attributes);
  if (message.message_attributes) {
    out += "\"MessageAttribute\":[";
    for (const auto& [name, value] : *message.message_attributes) {
      out += '{';
      append_member(out, "Name", name);
      out += "\"Value\":{";
      append_member(out, "StringValue", value.string_value);
      append_member(out, "BinaryValue",
                    value.binary_value ? std::optional(base64_encode(*value.binary_value)) : std::nullopt);
      append_member(out, "DataType", value.data_type);
      wire::close_json(out, '}');
      out += "},";
    }
    wire::close_json(out, ']');
    out += ',';
  }
  append_member(out, "ReceiptHandle", message.receipt_handle);
  wire::close_json(out, '}');
}

wire::HttpResponse in_localstack_json(const std::vector<api::Message>& messages, const aws::Call& call) {
  std::string out = "{\"ReceiveMessageResponse\":{\"ReceiveMessageResult\":";
  if (messages.empty()) {
    out += "null";
  } else {
    out += messages.size() > 1 ? "{\"Message\":[" : "{\"Message\":";
    for (const api::Message& message : messages) {
      append_message(out, message);
      out += ',';
    }
    out.pop_back();
    out += messages.size() > 1 ? "]}" : "}";
  }
  out += fmt::format(",\"ResponseMetadata\":{{\"RequestId\":\"{}\"}}}}}}", call.request_id);
  return json_page(std::move(out));
}

}  // namespace

Task<wire::HttpResponse> Admin::localstack_health(Asked) {
  std::string services;
  for (const std::string_view name : served) {
    services += fmt::format("{}\"{}\": \"running\"", services.empty() ? "" : ", ", name);
  }
  co_return json_page(
      fmt::format("{{\"services\": {{{}}}, \"edition\": \"sluice\", \"version\": \"{}\"}}\n", services, desk_.version));
}

Task<wire::HttpResponse> Admin::localstack_init(Asked) {
  co_return json_page(
      "{\"completed\": {\"BOOT\": true, \"START\": true, \"READY\": true, \"SHUTDOWN\": false}, \"scripts\": []}\n");
}

Task<wire::HttpResponse> Admin::localstack_stage(Asked asked) {
  constexpr std::string_view stages[] = {"boot", "start", "ready", "shutdown"};
  const std::string& stage = asked.labels[0];
  if (std::ranges::find(stages, stage) == std::end(stages)) {
    co_return error_page(404, "The stages are boot, start, ready and shutdown.");
  }
  co_return json_page(fmt::format("{{\"completed\": {}, \"scripts\": []}}\n", stage != "shutdown"));
}

Task<wire::HttpResponse> Admin::localstack_messages(Asked asked) {
  aws::Call& call = asked.visit.call;
  static_cast<void>(authorize_(asked.request, call));  // who asks, if anybody is told; whether they may is decided
  const auto question = question_of(asked);
  const aws::Codec& codec = aws::codec_of(call.encoding);
  if (!question) {
    co_return codec.refuse(call, question.error());
  }
  const auto name = sqs::queue_of(call, question->url);
  if (!name) {
    co_return codec.refuse(call, name.error());
  }
  Found found;
  std::vector<queue::PeekState> states{queue::PeekState::visible};
  if (question->in_flight) {
    states.insert(states.begin(), queue::PeekState::in_flight);
  }
  if (question->delayed) {
    states.push_back(queue::PeekState::delayed);
  }
  for (const queue::PeekState state : states) {
    if (found.full()) {
      break;
    }
    if (const auto error = co_await look(gate_, call, *name, state, found)) {
      co_return codec.refuse(call, *error);
    }
  }
  if (call.encoding == aws::Encoding::query_json) {
    co_return in_localstack_json(found.messages, call);
  }
  api::ReceiveMessageResult result;
  result.messages = std::move(found.messages);
  co_return codec.encode(call, &result);
}

}  // namespace sluice::admin
