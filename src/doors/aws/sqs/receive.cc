// ReceiveMessage.
#include <fmt/core.h>

#include <algorithm>

#include "base/log.h"
#include "doors/aws/sqs/limits.h"
#include "doors/aws/sqs/message_attributes.h"
#include "doors/aws/sqs/receipt_handle.h"
#include "doors/aws/sqs/shown_message.h"
#include "doors/aws/sqs/sqs.h"

namespace sluice::sqs {
namespace {

constexpr std::int32_t messages_max = 10;  // ReceiveMessage: MaxNumberOfMessages

/// Old SDKs name them in AttributeNames, new ones in MessageSystemAttributeNames: the union counts.
std::expected<std::vector<std::string>, ServiceError> system_names_of(const api::ReceiveMessageRequest& request) {
  std::vector<std::string> names;
  for (const auto* list : {&request.attribute_names, &request.message_system_attribute_names}) {
    for (const std::string& name : list->value_or(std::vector<std::string>{})) {
      if (!is_system_attribute(name)) {
        return std::unexpected(invalid_attribute_name(fmt::format("Unknown Attribute {}.", name)));
      }
      if (std::ranges::find(names, name) == names.end()) {
        names.push_back(name);
      }
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

/// AWS asks only some of its servers when a receive does not wait; FIFO queues, whose order that would break, aside.
queue::Sampled sampling_of(const std::optional<std::int32_t>& wait_seconds) {
  if (!wait_seconds) {
    return queue::Sampled::unless_queue_waits;
  }
  return *wait_seconds == 0 ? queue::Sampled::yes : queue::Sampled::no;
}

}  // namespace

Task<aws::Outcome<api::ReceiveMessageResult>> Sqs::receive_message(aws::Call& call,
                                                                   const api::ReceiveMessageRequest& request) {
  const auto queue = admit(call, request.queue_url);
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
  command->proviso = demands(call, *queue, KeyUse::decrypts);
  command->sampled = rules_.sampled ? sampling_of(request.wait_time_seconds) : queue::Sampled::no;
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
    shown = show_message(*std::move(message), received, *names, filter);
    shown.receipt_handle = make_receipt_handle(received.lease, gate_.secret());
  }
  co_return result;
}

}  // namespace sluice::sqs
