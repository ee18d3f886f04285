#include <algorithm>
#include <limits>

#include "cli/messages.h"
#include "cli/session.h"
#include "cli/table.h"
#include "shapes/sqs.h"

namespace sluice::cli {
namespace {

namespace api = aws::sqs;

constexpr std::int64_t call_messages_max = 10;           // ReceiveMessage: MaxNumberOfMessages
constexpr std::int64_t wait_seconds_max = 20;            // WaitTimeSeconds
constexpr std::int64_t visibility_seconds_max = 43'200;  // VisibilityTimeout
constexpr std::int64_t count_max = 100'000;
constexpr std::size_t body_columns_max = 100;

/// What the flags ask for.
struct Wanted {
  std::int64_t count = 1;
  bool with_delete = false;
  api::ReceiveMessageRequest request;
};

Outcome<Wanted> wanted_of(const Arguments& arguments, const std::string& url) {
  const auto count = number_of(arguments, "--count", 1, 1, count_max);
  const auto wait = number_of(arguments, "--wait", 0, 0, wait_seconds_max);
  const auto visibility = number_of(arguments, "--visibility", 0, 0, visibility_seconds_max);
  for (const auto* number : {&count, &wait, &visibility}) {
    if (!*number) {
      return std::unexpected(number->error());
    }
  }
  Wanted wanted{*count, arguments.has("--delete"), {}};
  wanted.request.queue_url = url;
  wanted.request.wait_time_seconds = static_cast<std::int32_t>(*wait);
  if (arguments.has("--visibility")) {
    wanted.request.visibility_timeout = static_cast<std::int32_t>(*visibility);
  }
  wanted.request.message_system_attribute_names.emplace().emplace_back("All");
  wanted.request.message_attribute_names.emplace().emplace_back("All");
  return wanted;
}

Outcome<void> remove(Client& client, const std::string& url, const std::vector<api::Message>& messages) {
  api::DeleteMessageBatchRequest request;
  request.queue_url = url;
  request.entries.emplace();
  for (const api::Message& message : messages) {
    auto& entry = request.entries->emplace_back();
    entry.id = std::to_string(request.entries->size());
    entry.receipt_handle = message.receipt_handle;
  }
  const auto answer = client.call<api::operation::DeleteMessageBatch>(request);
  if (!answer) {
    return std::unexpected(answer.error());
  }
  if (answer->failed && !answer->failed->empty()) {
    return refuse(exit_refused, "not deleted: " + answer->failed->front().message.value_or(""));
  }
  return {};
}

std::string attribute(const api::Message& message, const char* name) {
  const auto found =
      message.attributes ? message.attributes->find(name) : std::map<std::string, std::string>::const_iterator{};
  return message.attributes && found != message.attributes->end() ? found->second : "";
}

std::string time_of(const std::string& milliseconds) {
  std::string text;
  if (const auto number = read_number("", milliseconds, 0, std::numeric_limits<std::int64_t>::max())) {
    aws::append_iso8601(text, from_milliseconds(*number));
  }
  return text;
}

void show(const std::vector<api::Message>& messages) {
  Table table({"MESSAGE", "#RECEIVES", "SENT", "BODY"});
  for (const api::Message& message : messages) {
    table.add({message.message_id.value_or(""), attribute(message, "ApproximateReceiveCount"),
               time_of(attribute(message, "SentTimestamp")), one_line(message.body.value_or(""), body_columns_max)});
  }
  print(table.empty() ? "" : table.text());
}

Outcome<void> receive_messages(Client& client, const Arguments& arguments) {
  const auto url = only_queue(client, arguments);
  auto wanted = url ? wanted_of(arguments, *url) : std::unexpected(url.error());
  if (!wanted) {
    return std::unexpected(wanted.error());
  }
  const bool only_bodies = arguments.has("--bodies") && !wants_json(arguments);
  std::vector<api::Message> all;
  for (std::int64_t left = wanted->count; left > 0;) {
    wanted->request.max_number_of_messages = static_cast<std::int32_t>(std::min(left, call_messages_max));
    auto batch = client.call<api::operation::ReceiveMessage>(wanted->request);
    if (!batch) {
      return std::unexpected(batch.error());
    }
    if (!batch->messages || batch->messages->empty()) {
      break;
    }
    left -= static_cast<std::int64_t>(batch->messages->size());
    if (only_bodies) {
      std::ranges::for_each(*batch->messages, [](const auto& one) { print(one.body.value_or("") + "\n"); });
    } else {
      all.insert(all.end(), batch->messages->begin(), batch->messages->end());
    }
    if (auto removed = wanted->with_delete ? remove(client, *url, *batch->messages) : Outcome<void>(); !removed) {
      return removed;
    }
  }
  if (wants_json(arguments)) {
    print_json<api::operation::ReceiveMessage>({.messages = std::move(all)});
  } else {
    show(all);
  }
  return {};
}

}  // namespace

int receive(std::span<const std::string> arguments) { return run("receive", arguments, receive_messages); }

}  // namespace sluice::cli
