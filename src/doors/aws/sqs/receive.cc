// ReceiveMessage.
#include <fmt/core.h>

#include <algorithm>

#include "base/digest.h"
#include "base/log.h"
#include "doors/aws/sqs/limits.h"
#include "doors/aws/sqs/message_attributes.h"
#include "doors/aws/sqs/receipt_handle.h"
#include "doors/aws/sqs/sqs.h"

namespace sluice::sqs {
namespace {

constexpr std::int32_t messages_max = 10;  // ReceiveMessage: MaxNumberOfMessages

/// A system attribute of a received message; empty when it has none of that name.
struct SystemAttribute {
  std::string_view name;
  std::string (*value)(const queue::Message& message, const queue::Received& received);
};

// A message has a deduplication id in a FIFO queue, and only there.
std::string sequence_number_of(const queue::Message& message, const queue::Received& received) {
  return message.deduplication_id.empty() ? std::string() : sequence_number(received.lease.number);
}

std::string milliseconds_text(Time time) { return std::to_string(to_milliseconds(time)); }

// ReceiveMessage: MessageSystemAttributeNames.
constexpr SystemAttribute system_attributes[] = {
    {"SenderId", [](const queue::Message& message, const queue::Received&) { return message.sender; }},
    {"SentTimestamp",
     [](const queue::Message&, const queue::Received& received) { return milliseconds_text(received.sent); }},
    {"ApproximateReceiveCount",
     [](const queue::Message&, const queue::Received& received) { return std::to_string(received.receive_count); }},
    {"ApproximateFirstReceiveTimestamp",
     [](const queue::Message&, const queue::Received& received) { return milliseconds_text(received.first_received); }},
    {"AWSTraceHeader", [](const queue::Message& message, const queue::Received&) { return message.trace; }},
    {"MessageGroupId", [](const queue::Message& message, const queue::Received&) { return message.group; }},
    {"MessageDeduplicationId",
     [](const queue::Message& message, const queue::Received&) { return message.deduplication_id; }},
    {"DeadLetterQueueSourceArn",
     [](const queue::Message& message, const queue::Received&) { return message.dead_letter_source; }},
    {"SequenceNumber", sequence_number_of},
};

/// Old SDKs name them in AttributeNames, new ones in MessageSystemAttributeNames: the union counts.
std::expected<std::vector<std::string>, ServiceError> system_names_of(const api::ReceiveMessageRequest& request) {
  std::vector<std::string> names;
  for (const auto* list : {&request.attribute_names, &request.message_system_attribute_names}) {
    for (const std::string& name : list->value_or(std::vector<std::string>{})) {
      const bool known = name == "All" || std::ranges::find(system_attributes, name, &SystemAttribute::name) !=
                                              std::end(system_attributes);
      if (!known) {
        return std::unexpected(invalid_attribute_name(fmt::format("Unknown Attribute {}.", name)));
      }
      names.push_back(name);
    }
  }
  return names;
}

/// The parameters, in AWS's order.
std::optional<ServiceError> check_request(const api::ReceiveMessageRequest& request, bool fifo) {
  if (auto error = check_range(request.max_number_of_messages, 1, messages_max, "MaxNumberOfMessages",
                               "Must be between 1 and 10, if provided.")) {
    return error;
  }
  if (auto error = check_range(request.wait_time_seconds, 0, wait_seconds_max, "WaitTimeSeconds",
                               "Must be >= 0 and <= 20, if provided.")) {
    return error;
  }
  if (auto error = check_range(request.visibility_timeout, 0, visibility_seconds_max, "VisibilityTimeout",
                               "Must be >= 0 and <= 43200, if provided.")) {
    return error;
  }
  if (request.receive_request_attempt_id && !fifo) {
    return not_for_this_queue_type(*request.receive_request_attempt_id, "ReceiveRequestAttemptId");
  }
  return check_token(request.receive_request_attempt_id, "ReceiveRequestAttemptId");
}

void show_headers(const queue::Message& message, const AttributeFilter& filter, api::Message& shown) {
  std::vector<queue::Header> selected;
  std::ranges::copy_if(message.headers, std::back_inserter(selected),
                       [&](const queue::Header& header) { return filter.wants(header.name); });
  if (selected.empty()) {
    return;
  }
  shown.md5_of_message_attributes = md5_of(selected);  // over what is returned, not over all
  shown.message_attributes.emplace();
  for (queue::Header& header : selected) {
    api::MessageAttributeValue& value = (*shown.message_attributes)[header.name];
    (is_binary(header.type) ? value.binary_value : value.string_value) = std::move(header.value);
    value.data_type = std::move(header.type);
  }
}

void show_system_attributes(const queue::Message& message, const queue::Received& received,
                            const std::vector<std::string>& names, api::Message& shown) {
  const bool all = std::ranges::find(names, "All") != names.end();
  for (const SystemAttribute& attribute : system_attributes) {
    if (!all && std::ranges::find(names, attribute.name) == names.end()) {
      continue;
    }
    if (std::string value = attribute.value(message, received); !value.empty()) {
      made(shown.attributes)[std::string(attribute.name)] = std::move(value);
    }
  }
}

}  // namespace

Task<aws::Outcome<api::ReceiveMessageResult>> Sqs::receive_message(aws::Call& call,
                                                                   const api::ReceiveMessageRequest& request) {
  const auto queue = queue_of(call, request.queue_url);
  if (!queue) {
    co_return std::unexpected(queue.error());
  }
  std::optional<ServiceError> error = check_request(request, queue->fifo());
  auto names = system_names_of(request);
  if (!error && !names) {
    error = std::move(names.error());
  }
  if (error) {
    co_return std::unexpected(co_await unless_missing(call, *queue, *std::move(error)));
  }
  auto command = std::make_unique<queue::Receive>();
  command->count_max = static_cast<std::uint32_t>(request.max_number_of_messages.value_or(1));
  if (request.visibility_timeout) {
    command->visibility_timeout = Seconds(*request.visibility_timeout);
  }
  command->attempt_id = request.receive_request_attempt_id.value_or("");
  std::optional<Milliseconds> wait;  // unset: the queue's own
  if (request.wait_time_seconds) {
    wait = Seconds(*request.wait_time_seconds);
  }
  auto batch = reply_as<queue::Batch>(co_await ask(call, *queue, std::move(command), wait));
  if (!batch) {
    co_return std::unexpected(std::move(batch.error()));
  }

  const AttributeFilter filter(request.message_attribute_names.value_or(std::vector<std::string>{}));
  api::ReceiveMessageResult result;
  for (std::size_t i = 0; i < (*batch)->messages.size(); ++i) {
    const queue::Received& received = (*batch)->messages[i];
    const std::optional<std::string>& envelope = (*batch)->bytes[i];
    std::optional<queue::Message> message = envelope ? queue::decode(*envelope) : std::nullopt;
    if (!message) {  // it stays in flight; one unreadable body does not block its queue
      log(LogLevel::error,
          fmt::format("message {} of {} cannot be read from the log", received.lease.number, queue->arn()),
          call.request_id);
      continue;
    }
    api::Message& shown = made(result.messages).emplace_back();
    shown.receipt_handle = make_receipt_handle(received.lease, gate_.secret());
    shown.md5_of_body = hex(md5(message->body));
    show_headers(*message, filter, shown);
    show_system_attributes(*message, received, *names, shown);
    shown.message_id = std::move(message->id);
    shown.body = std::move(message->body);
  }
  co_return result;
}

}  // namespace sluice::sqs
