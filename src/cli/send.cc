#include <iostream>
#include <iterator>

#include "cli/messages.h"
#include "cli/session.h"
#include "shapes/sqs.h"

namespace sluice::cli {
namespace {

namespace api = aws::sqs;
using MessageAttributes = std::map<std::string, api::MessageAttributeValue>;

constexpr std::size_t batch_messages_max = 10;      // SendMessageBatch
constexpr std::size_t batch_bytes_max = 1'048'576;  // of all bodies and attributes of one
constexpr std::int64_t delay_seconds_max = 900;     // SendMessage: DelaySeconds

/// What each message of one call gets beside its body.
struct Extras {
  std::optional<std::int32_t> delay_seconds;
  std::optional<std::string> group;
  std::optional<std::string> deduplication_id;
  std::optional<MessageAttributes> attributes;
  std::size_t bytes = 0;  ///< of the attributes
};

// NAME=VALUE, or NAME:TYPE=VALUE.
Outcome<void> add_attribute(Extras& extras, std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return refuse(exit_bad_usage, fmt::format("--attribute takes NAME=VALUE or NAME:TYPE=VALUE, not '{}'", text));
  }
  const std::string_view left = text.substr(0, equals);
  const std::size_t colon = left.find(':');
  api::MessageAttributeValue value;
  value.data_type = colon == std::string_view::npos ? "String" : left.substr(colon + 1);
  value.string_value = text.substr(equals + 1);
  extras.bytes += text.size() + value.data_type->size();
  if (!extras.attributes) {
    extras.attributes.emplace();
  }
  extras.attributes->insert_or_assign(std::string(left.substr(0, colon)), std::move(value));
  return {};
}

Outcome<Extras> extras_of(const Arguments& arguments) {
  Extras extras;
  if (arguments.has("--delay")) {
    const auto delay = number_of(arguments, "--delay", 0, 0, delay_seconds_max);
    if (!delay) {
      return std::unexpected(delay.error());
    }
    extras.delay_seconds = static_cast<std::int32_t>(*delay);
  }
  extras.group = arguments.value("--group");
  extras.deduplication_id = arguments.value("--deduplication-id");
  for (const std::string& text : arguments.values("--attribute")) {
    if (auto added = add_attribute(extras, text); !added) {
      return std::unexpected(added.error());
    }
  }
  return extras;
}

template <class Request>
Request request_of(const Extras& extras, std::string body) {
  Request request;
  request.message_body = std::move(body);
  request.delay_seconds = extras.delay_seconds;
  request.message_group_id = extras.group;
  request.message_deduplication_id = extras.deduplication_id;
  request.message_attributes = extras.attributes;
  return request;
}

Outcome<void> send_one(Client& client, const Arguments& arguments, const std::string& url, const Extras& extras,
                       std::string body) {
  auto request = request_of<api::SendMessageRequest>(extras, std::move(body));
  request.queue_url = url;
  const auto sent = client.call<api::operation::SendMessage>(request);
  if (!sent) {
    return std::unexpected(sent.error());
  }
  if (wants_json(arguments)) {
    print_json<api::operation::SendMessage>(*sent);
  } else {
    print(sent->message_id.value_or("") + "\n");
  }
  return {};
}

/// Lines on their way, gathered into batches.
class Lines {
 public:
  Lines(Client& client, const std::string& url, const Extras& extras) : client_(client), extras_(extras) {
    batch_.queue_url = url;
    batch_.entries.emplace();
  }

  Outcome<void> add(std::string line) {
    const std::size_t bytes = line.size() + extras_.bytes;
    if (batch_.entries->size() == batch_messages_max || (bytes_ + bytes > batch_bytes_max && bytes_ > 0)) {
      if (auto flushed = flush(); !flushed) {
        return flushed;
      }
    }
    auto entry = request_of<api::SendMessageBatchRequestEntry>(extras_, std::move(line));
    entry.id = std::to_string(batch_.entries->size());
    batch_.entries->push_back(std::move(entry));
    bytes_ += bytes;
    return {};
  }

  Outcome<void> flush() {
    if (batch_.entries->empty()) {
      return {};
    }
    const auto answer = client_.call<api::operation::SendMessageBatch>(batch_);
    if (!answer) {
      return refuse(answer.error().exit_code, fmt::format("after {} messages: {}", sent_, answer.error().words));
    }
    sent_ += answer->successful ? answer->successful->size() : 0;
    if (answer->failed && !answer->failed->empty()) {
      const auto& failed = answer->failed->front();
      return refuse(exit_refused, fmt::format("after {} messages: {} ({})", sent_, failed.message.value_or(""),
                                              failed.code.value_or("")));
    }
    batch_.entries->clear();
    bytes_ = 0;
    return {};
  }

  std::size_t sent() const { return sent_; }

 private:
  Client& client_;
  const Extras& extras_;
  api::SendMessageBatchRequest batch_;
  std::size_t bytes_ = 0;
  std::size_t sent_ = 0;
};

Outcome<void> send_lines(Client& client, const Arguments& arguments, const std::string& url, const Extras& extras) {
  Lines lines(client, url, extras);
  for (std::string line; std::getline(std::cin, line);) {
    if (auto added = line.empty() ? Outcome<void>() : lines.add(std::move(line)); !added) {  // a body is never empty
      return added;
    }
    line.clear();
  }
  if (auto flushed = lines.flush(); !flushed) {
    return flushed;
  }
  print(wants_json(arguments) ? fmt::format("{{\"sent\":{}}}\n", lines.sent())
                              : fmt::format("{} messages sent\n", lines.sent()));
  return {};
}

Outcome<void> send_messages(Client& client, const Arguments& arguments) {
  const auto& rest = arguments.rest();
  if (rest.size() > 2) {
    return refuse(exit_bad_usage, "a body with spaces stands in quotes: sluice send QUEUE 'BODY'");
  }
  const auto extras = extras_of(arguments);
  if (!extras) {
    return std::unexpected(extras.error());
  }
  const auto url = only_queue(client, arguments);
  if (!url) {
    return std::unexpected(url.error());
  }
  if (arguments.has("--lines")) {
    return send_lines(client, arguments, *url, *extras);
  }
  const bool from_input = rest.size() < 2 || rest[1] == "-";
  return send_one(client, arguments, *url, *extras,
                  from_input ? std::string(std::istreambuf_iterator<char>(std::cin), {}) : rest[1]);
}

}  // namespace

int send(std::span<const std::string> arguments) { return run("send", arguments, send_messages); }

}  // namespace sluice::cli
