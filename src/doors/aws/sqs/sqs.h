#pragma once

#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/task.h"
#include "doors/aws/call.h"
#include "doors/aws/handler.h"
#include "doors/aws/sqs/access.h"
#include "doors/aws/sqs/errors.h"
#include "doors/aws/sqs/key_service.h"
#include "doors/aws/sqs/names.h"
#include "doors/aws/sqs/throttle.h"
#include "machines/queue/commands.h"
#include "node/node.h"
#include "shapes/sqs.h"

namespace sluice::sqs {

struct BrokenRule;

/// What an operator chooses. The rules by which AWS protects itself are off by default, all on in strict mode.
struct Rules {
  Seconds recreate_pause{0};       ///< after DeleteQueue, before the name can be created again (AWS: 60 s)
  Seconds purge_pause{0};          ///< between two PurgeQueue of one queue (AWS: 60 s)
  std::size_t move_tasks_max = 0;  ///< active at a time in one account; 0: any number (AWS: 100)
  bool sampled = false;            ///< receives that do not wait may miss messages of a standard queue
  bool only_own_region = false;    ///< a queue's URL of another region is no address here
  UrlForm url_form = UrlForm::plain;
  Throttle* throttle = nullptr;  ///< outlives the door; nullptr: nobody calls too often
  EncryptionRules encryption{};

  static Rules strict() {
    return {.recreate_pause = Seconds(60),
            .purge_pause = Seconds(60),
            .move_tasks_max = 100,
            .sampled = true,
            .only_own_region = true};
  }
};

/// The SQS door: each operation's checks in AWS's order, the command it becomes, and the words of its answer. One per
/// core, on that core's thread.
class Sqs {
 public:
  Sqs(node::Gate& gate, Rules rules) : gate_(gate), rules_(rules) {}

  // queues.cc
  Task<aws::Outcome<api::CreateQueueResult>> create_queue(aws::Call& call, const api::CreateQueueRequest& request);
  Task<aws::Outcome<api::GetQueueUrlResult>> get_queue_url(aws::Call& call, const api::GetQueueUrlRequest& request);
  Task<aws::Outcome<api::ListQueuesResult>> list_queues(aws::Call& call, const api::ListQueuesRequest& request);
  Task<aws::Outcome<aws::Nothing>> delete_queue(aws::Call& call, const api::DeleteQueueRequest& request);
  Task<aws::Outcome<aws::Nothing>> purge_queue(aws::Call& call, const api::PurgeQueueRequest& request);
  Task<aws::Outcome<api::ListDeadLetterSourceQueuesResult>> list_dead_letter_source_queues(
      aws::Call& call, const api::ListDeadLetterSourceQueuesRequest& request);

  // settings.cc
  Task<aws::Outcome<api::GetQueueAttributesResult>> get_queue_attributes(aws::Call& call,
                                                                         const api::GetQueueAttributesRequest& request);
  Task<aws::Outcome<aws::Nothing>> set_queue_attributes(aws::Call& call, const api::SetQueueAttributesRequest& request);
  Task<aws::Outcome<aws::Nothing>> tag_queue(aws::Call& call, const api::TagQueueRequest& request);
  Task<aws::Outcome<aws::Nothing>> untag_queue(aws::Call& call, const api::UntagQueueRequest& request);
  Task<aws::Outcome<api::ListQueueTagsResult>> list_queue_tags(aws::Call& call,
                                                               const api::ListQueueTagsRequest& request);

  // permissions.cc
  Task<aws::Outcome<aws::Nothing>> add_permission(aws::Call& call, const api::AddPermissionRequest& request);
  Task<aws::Outcome<aws::Nothing>> remove_permission(aws::Call& call, const api::RemovePermissionRequest& request);

  // send.cc
  Task<aws::Outcome<api::SendMessageResult>> send_message(aws::Call& call, const api::SendMessageRequest& request);
  Task<aws::Outcome<api::SendMessageBatchResult>> send_message_batch(aws::Call& call,
                                                                     const api::SendMessageBatchRequest& request);

  // receive.cc
  Task<aws::Outcome<api::ReceiveMessageResult>> receive_message(aws::Call& call,
                                                                const api::ReceiveMessageRequest& request);

  // settle.cc
  Task<aws::Outcome<aws::Nothing>> delete_message(aws::Call& call, const api::DeleteMessageRequest& request);
  Task<aws::Outcome<api::DeleteMessageBatchResult>> delete_message_batch(aws::Call& call,
                                                                         const api::DeleteMessageBatchRequest& request);
  Task<aws::Outcome<aws::Nothing>> change_message_visibility(aws::Call& call,
                                                             const api::ChangeMessageVisibilityRequest& request);
  Task<aws::Outcome<api::ChangeMessageVisibilityBatchResult>> change_message_visibility_batch(
      aws::Call& call, const api::ChangeMessageVisibilityBatchRequest& request);

  // move_tasks.cc
  Task<aws::Outcome<api::StartMessageMoveTaskResult>> start_message_move_task(
      aws::Call& call, const api::StartMessageMoveTaskRequest& request);
  Task<aws::Outcome<api::ListMessageMoveTasksResult>> list_message_move_tasks(
      aws::Call& call, const api::ListMessageMoveTasksRequest& request);
  Task<aws::Outcome<api::CancelMessageMoveTaskResult>> cancel_message_move_task(
      aws::Call& call, const api::CancelMessageMoveTaskRequest& request);

 private:
  /// The queue that the call is about, as `queue_of` tells it, counted as one call to it: first of all, once a call.
  std::expected<QueueName, ServiceError> admit(aws::Call& call, const std::optional<std::string>& url);
  /// One call more to the queue; false when that is too many.
  bool count(const aws::Call& call, const QueueName& queue);
  /// Has the throttle told what it wants to know of the queue's settings, some time later.
  void tell_throttle_of(const QueueName& queue);
  /// What the queue demands of every call: its policy, and its encryption. nullptr: nothing.
  std::shared_ptr<const machines::Proviso> demands(const aws::Call& call, const QueueName& queue,
                                                   std::optional<KeyUse> use = std::nullopt) const;

  /// The command on its way to the queue's machine; awaits to a node::Answer. The call's ticket names it meanwhile. The
  /// queue's demands must be met, unless the command brings a proviso of its own.
  node::Asking ask(aws::Call& call, const QueueName& queue, std::unique_ptr<machines::Command> command,
                   std::optional<Milliseconds> wait = Milliseconds{0}, bool make = false) {
    if (command->proviso == nullptr) {
      command->proviso = demands(call, queue);
    }
    return tell(call, queue, std::move(command), wait, make);
  }
  /// The same on our own account: about queues that the caller does not ask for.
  node::Asking tell(aws::Call& call, const QueueName& queue, std::unique_ptr<machines::Command> command,
                    std::optional<Milliseconds> wait = Milliseconds{0}, bool make = false) {
    return node::ask(gate_,
                     {.name = queue.arn(),
                      .command = std::move(command),
                      .make = make ? std::optional(machines::Kind::queue) : std::nullopt,
                      .wait = wait,
                      .only = std::nullopt},
                     &call.ticket);
  }
  /// Answered with a queue::Description.
  node::Asking describe(aws::Call& call, const QueueName& queue) {
    return ask(call, queue, std::make_unique<queue::Describe>());
  }
  /// What a request that breaks a rule is answered: on AWS a missing queue comes before every other error.
  Task<ServiceError> unless_missing(aws::Call& call, const QueueName& queue, ServiceError error);
  /// The same for a message of `bytes` that breaks a rule: the queue's own limit may come before it as well.
  Task<ServiceError> refuse_message(aws::Call& call, const QueueName& queue, const BrokenRule& broken,
                                    std::size_t bytes);
  /// The same for a batch, of which `lacks_ids` tells that a deduplication id is not given: that may be the error.
  Task<std::optional<ServiceError>> refuse_batch(aws::Call& call, const QueueName& queue,
                                                 std::optional<ServiceError> whole, bool lacks_ids);
  /// `given`: the attributes that `settings` were made from.
  Task<std::optional<ServiceError>> check_dead_letter_target(
      aws::Call& call, const QueueName& source, const queue::SettingsChange& settings,
      const std::optional<std::map<std::string, std::string>>& given);
  /// That the queue may be moved out of, and one more task be started.
  Task<std::optional<ServiceError>> check_move_source(aws::Call& call, const QueueName& source);
  Task<std::optional<ServiceError>> check_move_destination(aws::Call& call, const QueueName& source,
                                                           const QueueName& destination);
  /// `nothing_given`: what a command without any tag is answered.
  Task<std::optional<ServiceError>> tag(aws::Call& call, const std::optional<std::string>& url,
                                        std::unique_ptr<queue::Tag> command, ServiceError nothing_given);
  /// From the present policy (empty: none) the new one.
  using PolicyEdit = std::function<std::expected<std::string, ServiceError>(std::string_view policy, const QueueName&)>;
  Task<std::optional<ServiceError>> edit_policy(aws::Call& call, const std::optional<std::string>& url,
                                                const PolicyEdit& edit);
  Task<aws::Outcome<std::vector<std::string>>> list(node::Listing listing);

  node::Gate& gate_;
  Rules rules_;
};

/// The rows for aws::Door::serve.
std::span<const aws::Handler> handlers();

// What the operations share

/// The queue that a QueueUrl names; missing or malformed: QueueDoesNotExist (seen on AWS). Access denied where its
/// policy need not be asked for that.
std::expected<QueueName, ServiceError> queue_of(const aws::Call& call, const std::optional<std::string>& url);

/// The URL under which this caller reaches the queue.
inline std::string url_of(const aws::Call& call, const QueueName& queue, UrlForm form) {
  return queue_url(call.endpoint, queue, form);
}

/// The reply as the type that the command is answered with, or the refusal in our words.
template <class ReplyType>
std::expected<std::unique_ptr<ReplyType>, ServiceError> reply_as(node::Answer answer) {
  if (!answer) {
    return std::unexpected(from_refusal(answer.error()));
  }
  return std::unique_ptr<ReplyType>(static_cast<ReplyType*>(answer->release()));
}

/// How many entries, and their ids: what fails a whole batch, in AWS's order. `operation` as in EmptyBatchRequest's
/// text.
std::optional<ServiceError> check_batch_ids(std::span<const std::optional<std::string>> ids,
                                            std::string_view operation);

/// A message's number as SequenceNumber shows it: 20 digits.
std::string sequence_number(std::uint64_t number);

/// An integer parameter in its range, or the error with this reason.
std::optional<ServiceError> check_range(const std::optional<std::int32_t>& value, std::int32_t minimum,
                                        std::int32_t maximum, std::string_view parameter, std::string_view reason);

/// 1–128 letters, digits and punctuation, if it is given at all.
std::optional<ServiceError> check_token(const std::optional<std::string>& value, std::string_view parameter);

/// A failed entry of a batch.
api::BatchResultErrorEntry failed_entry(const std::string& id, const ServiceError& error);

/// A reply's member, made present (and empty) when it is absent.
template <class Value>
Value& made(std::optional<Value>& member) {
  return member ? *member : member.emplace();
}

}  // namespace sluice::sqs
