#include "doors/aws/sqs/sqs.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <utility>

#include "doors/aws/sqs/queue_attributes.h"
#include "doors/aws/sqs/text.h"

namespace sluice::sqs {
namespace {

constexpr std::size_t batch_entries_max = 10;
constexpr std::size_t batch_id_length_max = 80;
constexpr std::uint64_t sequence_number_base = 10'000'000'000'000'000'000U;  // 20 digits, before any message

bool valid_batch_id(std::string_view id) {
  return !id.empty() && id.size() <= batch_id_length_max && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

constexpr aws::Handler rows[] = {
    aws::handle<api::operation::AddPermission, &Sqs::add_permission>(),
    aws::handle<api::operation::CancelMessageMoveTask, &Sqs::cancel_message_move_task>(),
    aws::handle<api::operation::ChangeMessageVisibility, &Sqs::change_message_visibility>(),
    aws::handle<api::operation::ChangeMessageVisibilityBatch, &Sqs::change_message_visibility_batch>(),
    aws::handle<api::operation::CreateQueue, &Sqs::create_queue>(),
    aws::handle<api::operation::DeleteMessage, &Sqs::delete_message>(),
    aws::handle<api::operation::DeleteMessageBatch, &Sqs::delete_message_batch>(),
    aws::handle<api::operation::DeleteQueue, &Sqs::delete_queue>(),
    aws::handle<api::operation::GetQueueAttributes, &Sqs::get_queue_attributes>(),
    aws::handle<api::operation::GetQueueUrl, &Sqs::get_queue_url>(),
    aws::handle<api::operation::ListDeadLetterSourceQueues, &Sqs::list_dead_letter_source_queues>(),
    aws::handle<api::operation::ListMessageMoveTasks, &Sqs::list_message_move_tasks>(),
    aws::handle<api::operation::ListQueues, &Sqs::list_queues>(),
    aws::handle<api::operation::ListQueueTags, &Sqs::list_queue_tags>(),
    aws::handle<api::operation::PurgeQueue, &Sqs::purge_queue>(),
    aws::handle<api::operation::ReceiveMessage, &Sqs::receive_message>(),
    aws::handle<api::operation::RemovePermission, &Sqs::remove_permission>(),
    aws::handle<api::operation::SendMessage, &Sqs::send_message>(),
    aws::handle<api::operation::SendMessageBatch, &Sqs::send_message_batch>(),
    aws::handle<api::operation::SetQueueAttributes, &Sqs::set_queue_attributes>(),
    aws::handle<api::operation::StartMessageMoveTask, &Sqs::start_message_move_task>(),
    aws::handle<api::operation::TagQueue, &Sqs::tag_queue>(),
    aws::handle<api::operation::UntagQueue, &Sqs::untag_queue>(),
};

/// One after the other.
class Both final : public machines::Proviso {
 public:
  Both(std::shared_ptr<const machines::Proviso> first, std::shared_ptr<const machines::Proviso> second)
      : first_(std::move(first)), second_(std::move(second)) {}
  std::optional<Refusal> refusal(const machines::Labels& labels) const override {
    std::optional<Refusal> refusal = first_->refusal(labels);
    return refusal ? refusal : second_->refusal(labels);
  }

 private:
  std::shared_ptr<const machines::Proviso> first_, second_;
};

}  // namespace

std::span<const aws::Handler> handlers() { return rows; }

std::expected<QueueName, ServiceError> queue_of(const aws::Call& call, const std::optional<std::string>& url) {
  std::optional<QueueName> queue = parse_queue_url(url.value_or(""), call.region, call.account);
  if (!queue) {
    return std::unexpected(queue_does_not_exist());
  }
  if (auto error = forbidden(call, {*queue})) {
    return std::unexpected(*std::move(error));
  }
  return *std::move(queue);
}

std::expected<QueueName, ServiceError> Sqs::admit(aws::Call& call, const std::optional<std::string>& url) {
  auto queue = queue_of(call, url);
  if (!queue) {
    return queue;
  }
  if (rules_.only_own_region && queue->region != call.region) {
    return fail(api::error::invalid_address,
                fmt::format("The address {}/ is not valid for this endpoint.", call.endpoint));
  }
  if (rules_.throttle != nullptr && !std::exchange(call.counted, true) && !count(call, *queue)) {
    return fail(api::error::request_throttled, "Request is throttled.");
  }
  return queue;
}

bool Sqs::count(const aws::Call& call, const QueueName& queue) {
  const Action* action = call.operation != nullptr ? find_action(call.operation->name) : nullptr;
  if (action == nullptr) {
    return true;  // our own: queues that a file declares
  }
  const Throttle::Standing standing = rules_.throttle->take(queue, *action, gate_.now());
  if (standing.asks) {
    tell_throttle_of(queue);
  }
  return standing.allowed;
}

void Sqs::tell_throttle_of(const QueueName& queue) {
  std::string arn = queue.arn();
  node::Question question{.name = arn, .command = std::make_unique<queue::Describe>()};
  gate_.ask(std::move(question), [throttle = rules_.throttle, arn = std::move(arn)](node::Answer answer) {
    if (const auto described = reply_as<queue::Description>(std::move(answer))) {
      throttle->learn(arn, is_high_throughput((*described)->settings));
    }
  });
}

std::shared_ptr<const machines::Proviso> Sqs::demands(const aws::Call& call, const QueueName& queue,
                                                      std::optional<KeyUse> use) const {
  std::shared_ptr<const machines::Proviso> policy = call.caller != nullptr ? proviso_of(call, {queue}) : nullptr;
  std::shared_ptr<const machines::Proviso> encryption =
      rules_.encryption.any() ? rules_.encryption.proviso(call, queue, use) : nullptr;
  if (policy == nullptr || encryption == nullptr) {
    return policy == nullptr ? encryption : policy;
  }
  return std::make_shared<Both>(std::move(policy), std::move(encryption));
}

Task<ServiceError> Sqs::unless_missing(aws::Call& call, const QueueName& queue, ServiceError error) {
  const auto exists = reply_as<queue::Description>(co_await describe(call, queue));
  co_return exists ? std::move(error) : exists.error();
}

std::optional<ServiceError> check_batch_ids(std::span<const std::optional<std::string>> ids,
                                            std::string_view operation) {
  if (ids.empty()) {
    return ServiceError{&api::error::empty_batch_request,
                        fmt::format("There should be at least one {}RequestEntry in the request.", operation)};
  }
  if (ids.size() > batch_entries_max) {
    return ServiceError{
        &api::error::too_many_entries_in_batch_request,
        fmt::format("Maximum number of entries per request are {}. You have sent {}.", batch_entries_max, ids.size())};
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (!ids[i]) {
      return missing_parameter(fmt::format("{}RequestEntry.{}.Id", operation, i + 1));
    }
    if (!valid_batch_id(*ids[i])) {
      return ServiceError{
          &api::error::invalid_batch_entry_id,
          "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be "
          "at most 80 letters long."};
    }
  }
  std::set<std::string_view> seen;
  for (const std::optional<std::string>& id : ids) {
    if (!seen.insert(*id).second) {
      return ServiceError{&api::error::batch_entry_ids_not_distinct, fmt::format("Id {} repeated.", *id)};
    }
  }
  return std::nullopt;
}

std::string sequence_number(std::uint64_t number) { return std::to_string(sequence_number_base + number); }

std::optional<ServiceError> check_range(const std::optional<std::int32_t>& value, std::int32_t minimum,
                                        std::int32_t maximum, std::string_view parameter, std::string_view reason) {
  if (!value || (*value >= minimum && *value <= maximum)) {
    return std::nullopt;
  }
  return invalid_parameter(std::to_string(*value), parameter, reason);
}

std::optional<ServiceError> check_token(const std::optional<std::string>& value, std::string_view parameter) {
  if (!value || is_token(*value)) {
    return std::nullopt;
  }
  return invalid_parameter(
      *value, parameter,
      fmt::format("{} can only include alphanumeric and punctuation characters. 1 to 128 in length.", parameter));
}

api::BatchResultErrorEntry failed_entry(const std::string& id, const ServiceError& error) {
  api::BatchResultErrorEntry entry;
  entry.id = id;
  entry.code = std::string(error.shape->query_code);
  entry.message = error.message.empty() ? std::string(error.shape->message) : error.message;
  entry.sender_fault = error.shape->sender;
  return entry;
}

}  // namespace sluice::sqs
