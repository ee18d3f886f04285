// SendMessage and SendMessageBatch.
#include <fmt/core.h>

#include "base/digest.h"
#include "doors/aws/sqs/limits.h"
#include "doors/aws/sqs/message_attributes.h"
#include "doors/aws/sqs/sqs.h"
#include "doors/aws/sqs/text.h"

namespace sluice::sqs {
namespace {

constexpr std::size_t batch_bytes_max = message_bytes_max;      // SendMessageBatch, whatever the queue's own limit
constexpr std::string_view trace_attribute = "AWSTraceHeader";  // the only system attribute that can be sent

/// One message checked and on its way: what goes to the machine, and what its answer will say.
struct Draft {
  queue::Outgoing outgoing;
  std::string message_id;
  std::string body_md5;
  std::string attributes_md5;         ///< empty: no attributes
  std::string system_attributes_md5;  ///< empty: none
};

/// A broken rule. A body that is missing comes before the message's size in AWS's order, everything else after it.
struct BrokenRule {
  ServiceError error;
  bool before_size = false;
};

ServiceError not_for_this_queue_type(std::string_view value, std::string_view parameter) {
  return invalid_parameter(value, parameter, "The request include parameter that is not valid for this queue type.");
}

std::optional<ServiceError> check_token(const std::optional<std::string>& value, std::string_view parameter) {
  if (!value || is_token(*value)) {
    return std::nullopt;
  }
  return invalid_parameter(
      *value, parameter,
      fmt::format("{} can only include alphanumeric and punctuation characters. 1 to 128 in length.", parameter));
}

template <class SystemAttributes>
std::optional<ServiceError> check_system_attributes(const SystemAttributes& attributes) {
  for (const auto& [name, value] : attributes) {
    if (name != trace_attribute) {
      return invalid_parameter_value(fmt::format("Message system attribute name '{}' is invalid.", name));
    }
    if (value.data_type.value_or("") != "String" || value.string_value.value_or("").empty()) {
      return invalid_parameter_value(
          fmt::format("The value of message system attribute '{}' must be a non-empty String.", name));
    }
    if (!is_trace_header(*value.string_value)) {
      return invalid_parameter_value(fmt::format("The value of message system attribute '{}' is invalid.", name));
    }
  }
  return std::nullopt;
}

/// The checks on one message that need nothing of the queue, in AWS's order (spec: Sending, 5.1). `Entry` is
/// SendMessageRequest or SendMessageBatchRequestEntry: their members have the same names.
template <class Entry>
std::optional<BrokenRule> check_message(const Entry& entry) {
  const auto after_size = [](std::optional<ServiceError> error) {
    return error ? std::optional(BrokenRule{*std::move(error)}) : std::nullopt;
  };
  if (entry.message_body.value_or("").empty()) {
    return BrokenRule{missing_parameter("MessageBody"), true};
  }
  if (!allowed_characters(*entry.message_body)) {
    return BrokenRule{{&api::error::invalid_message_contents,
                       "Invalid binary character was found in the message body, the set of allowed characters is #x9 | "
                       "#xA | #xD | [#x20 to #xD7FF] | [#xE000 to #xFFFD] | [#x10000 to #x10FFFF]"}};
  }
  if (entry.message_attributes) {
    if (auto broken = after_size(check_attributes(*entry.message_attributes))) {
      return broken;
    }
  }
  if (entry.message_system_attributes) {
    if (auto broken = after_size(check_system_attributes(*entry.message_system_attributes))) {
      return broken;
    }
  }
  if (auto broken = after_size(check_range(entry.delay_seconds, 0, delay_seconds_max, "DelaySeconds",
                                           "DelaySeconds must be >= 0 and <= 900."))) {
    return broken;
  }
  if (auto broken = after_size(check_token(entry.message_group_id, "MessageGroupId"))) {
    return broken;
  }
  return after_size(check_token(entry.message_deduplication_id, "MessageDeduplicationId"));
}

template <class Entry>
std::size_t size_of_message(const Entry& entry) {
  return entry.message_body.value_or("").size() + (entry.message_attributes ? size_of(*entry.message_attributes) : 0);
}

template <class Entry>
std::string trace_of(const aws::Call& call, const Entry& entry) {
  if (entry.message_system_attributes) {
    const auto found = entry.message_system_attributes->find(std::string(trace_attribute));
    if (found != entry.message_system_attributes->end()) {
      return *found->second.string_value;
    }
  }
  return call.trace_header;
}

/// From a message that passed its checks.
template <class Entry>
Draft draft_of(const aws::Call& call, const Entry& entry, Random& random) {
  Draft draft;
  queue::Message message;
  message.id = make_uuid(random);
  message.body = *entry.message_body;
  message.sender = call.principal;
  message.group = entry.message_group_id.value_or("");
  message.deduplication_id = entry.message_deduplication_id.value_or("");
  message.trace = trace_of(call, entry);
  if (entry.message_attributes && !entry.message_attributes->empty()) {
    message.headers = to_headers(Attributes(*entry.message_attributes));
    draft.attributes_md5 = md5_of(message.headers);
  }
  if (entry.message_system_attributes && !entry.message_system_attributes->empty()) {
    const queue::Header trace{std::string(trace_attribute), "String", message.trace};
    draft.system_attributes_md5 = md5_of(std::span(&trace, 1));
  }
  draft.body_md5 = hex(md5(message.body));
  draft.outgoing.envelope = queue::encode(message);
  draft.outgoing.size_bytes = static_cast<std::uint32_t>(size_of_message(entry));
  // 0 is a delay too: it overrides the queue's.
  draft.outgoing.delay = entry.delay_seconds ? std::optional(Seconds(*entry.delay_seconds)) : std::nullopt;
  draft.outgoing.group = std::move(message.group);
  draft.outgoing.deduplication_id = std::move(message.deduplication_id);
  draft.message_id = std::move(message.id);
  return draft;
}

/// `Result` is SendMessageResult or SendMessageBatchResultEntry.
template <class Result>
void fill_result(Draft&& draft, Result& result) {
  result.message_id = std::move(draft.message_id);
  result.md5_of_message_body = std::move(draft.body_md5);
  if (!draft.attributes_md5.empty()) {
    result.md5_of_message_attributes = std::move(draft.attributes_md5);
  }
  if (!draft.system_attributes_md5.empty()) {
    result.md5_of_message_system_attributes = std::move(draft.system_attributes_md5);
  }
}

/// A machine's refusal of one message. AWS words the size of a single send and of a batch's entry differently.
ServiceError refused_message(const Refusal& refusal, std::uint32_t bytes_max, bool in_batch) {
  if (refusal.reason == Reason::invalid_setting && refusal.detail == "message_bytes_max") {
    return invalid_parameter_value(
        in_batch
            ? fmt::format("One or more parameters cannot be validated. Reason: Message must be shorter than {} bytes.",
                          bytes_max)
            : fmt::format("One or more parameters are invalid. Reason: Message must be shorter than {} bytes.",
                          bytes_max));
  }
  return from_refusal(refusal);
}

std::optional<ServiceError> check_trace_header(const aws::Call& call) {
  if (call.trace_header.empty() || is_trace_header(call.trace_header)) {
    return std::nullopt;
  }
  return invalid_parameter_value(
      fmt::format("The request has a 'X-Amzn-Trace-Id' HTTP header which is reserved for AWS X-Ray trace header and "
                  "has an invalid value '{}'",
                  call.trace_header));
}

}  // namespace

Task<aws::Outcome<api::SendMessageResult>> Sqs::send_message(aws::Call& call, const api::SendMessageRequest& request) {
  const auto queue = queue_of(call, request.queue_url);
  if (!queue) {
    co_return std::unexpected(queue.error());
  }
  std::optional<BrokenRule> broken = check_message(request);
  if (!broken) {
    if (auto error = check_trace_header(call)) {
      broken = BrokenRule{*std::move(error)};
    }
  }
  // A standard queue has no deduplication; queues with it are told apart by their name.
  if (!broken && request.message_deduplication_id && !queue->fifo()) {
    broken = BrokenRule{not_for_this_queue_type(*request.message_deduplication_id, "MessageDeduplicationId")};
  }
  if (broken) {
    // What AWS checks before this rule: does the queue exist, is the message too long for it.
    const auto described = reply_as<queue::Description>(co_await describe(call, *queue));
    if (!described) {
      co_return std::unexpected(described.error());
    }
    const std::uint32_t bytes_max = (*described)->settings.message_bytes_max;
    if (!broken->before_size && size_of_message(request) > bytes_max) {
      co_return std::unexpected(refused_message({Reason::invalid_setting, "message_bytes_max"}, bytes_max, false));
    }
    co_return std::unexpected(std::move(broken->error));
  }
  Draft draft = draft_of(call, request, gate_.random());
  auto command = std::make_unique<queue::Send>();
  command->messages.push_back(std::move(draft.outgoing));
  const auto sent = reply_as<queue::Sent>(co_await ask(call, *queue, std::move(command)));
  if (!sent) {
    co_return std::unexpected(sent.error());
  }
  if (!(*sent)->each[0]) {
    co_return std::unexpected(refused_message((*sent)->each[0].error(), (*sent)->message_bytes_max, false));
  }
  api::SendMessageResult result;
  fill_result(std::move(draft), result);
  co_return result;
}

Task<aws::Outcome<api::SendMessageBatchResult>> Sqs::send_message_batch(aws::Call& call,
                                                                        const api::SendMessageBatchRequest& request) {
  const auto queue = queue_of(call, request.queue_url);
  if (!queue) {
    co_return std::unexpected(queue.error());
  }
  static const std::vector<api::SendMessageBatchRequestEntry> no_entries;
  const auto& entries = request.entries ? *request.entries : no_entries;
  std::vector<std::optional<std::string>> ids;
  ids.reserve(entries.size());
  std::size_t bytes = 0;
  for (const auto& entry : entries) {
    ids.push_back(entry.id);
    bytes += size_of_message(entry);
  }
  std::optional<ServiceError> error = check_batch_ids(ids, "SendMessageBatch");
  if (!error) {
    error = check_trace_header(call);
  }
  if (!error && bytes > batch_bytes_max) {
    error = ServiceError{
        &api::error::batch_request_too_long,
        fmt::format("Batch requests cannot be longer than {} bytes. You have sent {} bytes.", batch_bytes_max, bytes)};
  }
  if (error) {
    co_return std::unexpected(co_await unless_missing(call, *queue, *std::move(error)));
  }

  std::vector<std::optional<BrokenRule>> broken;
  broken.reserve(entries.size());
  std::vector<Draft> drafts;  // of those entries that are not broken, in order
  drafts.reserve(entries.size());
  auto command = std::make_unique<queue::Send>();
  command->messages.reserve(entries.size());
  for (const auto& entry : entries) {
    broken.push_back(check_message(entry));
    if (!broken.back() && entry.message_deduplication_id && !queue->fifo()) {
      broken.back() = BrokenRule{not_for_this_queue_type(*entry.message_deduplication_id, "MessageDeduplicationId")};
    }
    if (!broken.back()) {
      drafts.push_back(draft_of(call, entry, gate_.random()));
      command->messages.push_back(std::move(drafts.back().outgoing));
    }
  }
  const auto sent = reply_as<queue::Sent>(co_await ask(call, *queue, std::move(command)));
  if (!sent) {
    co_return std::unexpected(sent.error());
  }
  const std::uint32_t bytes_max = (*sent)->message_bytes_max;
  api::SendMessageBatchResult result;
  for (std::size_t i = 0, draft = 0; i < entries.size(); ++i) {
    std::optional<ServiceError> failed;
    if (broken[i]) {
      failed = !broken[i]->before_size && size_of_message(entries[i]) > bytes_max
                   ? refused_message({Reason::invalid_setting, "message_bytes_max"}, bytes_max, true)
                   : std::move(broken[i]->error);
    } else if (const auto& accepted = (*sent)->each[draft]; !accepted) {
      failed = refused_message(accepted.error(), bytes_max, true);
    }
    if (failed) {
      made(result.failed).push_back(failed_entry(*ids[i], *failed));
    } else {
      api::SendMessageBatchResultEntry& entry = made(result.successful).emplace_back();
      entry.id = *ids[i];
      fill_result(std::move(drafts[draft]), entry);
    }
    draft += broken[i] ? 0 : 1;
  }
  co_return result;
}

}  // namespace sluice::sqs
