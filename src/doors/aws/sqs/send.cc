// SendMessage and SendMessageBatch.
#include <fmt/core.h>

#include <algorithm>
#include <span>

#include "doors/aws/sqs/draft.h"
#include "doors/aws/sqs/sqs.h"

namespace sluice::sqs {
namespace {

constexpr std::size_t batch_bytes_max = message_bytes_max;  // SendMessageBatch, whatever the queue's own limit

/// What a duplicate is answered: what the first one was. nullopt when that one's envelope cannot be read.
std::optional<Draft> as_first(const Draft& draft, const queue::Accepted& accepted, const queue::Sent& sent,
                              std::span<const Draft> drafts) {
  if (accepted.first_in_command) {
    return drafts[*accepted.first_in_command];
  }
  const std::optional<std::string>& envelope = sent.bytes[accepted.first_in_bytes.value()];
  const std::optional<queue::Message> first = envelope ? queue::decode(*envelope) : std::nullopt;
  if (!first) {
    return std::nullopt;
  }
  Draft answer;
  answer.message_id = first->id;
  answer.body_md5 = hex(md5(first->body));
  answer.attributes_md5 = first->headers.empty() ? "" : md5_of(first->headers);
  const bool with_trace = !draft.system_attributes_md5.empty() && !first->trace.empty();
  answer.system_attributes_md5 = with_trace ? md5_of_trace(first->trace) : "";
  return answer;
}

/// `Result` is SendMessageResult or SendMessageBatchResultEntry. `drafts` are the command's messages. False when a
/// duplicate's first one cannot be read.
template <class Result>
bool fill_result(Draft& draft, const queue::Accepted& accepted, const queue::Sent& sent, std::span<const Draft> drafts,
                 bool fifo, Result& result) {
  std::optional<Draft> first = accepted.duplicate ? as_first(draft, accepted, sent, drafts) : std::nullopt;
  if (accepted.duplicate && !first) {
    return false;
  }
  Draft& shown = first ? *first : draft;
  const bool kept = fifo && drafts.size() > 1;  // another one of the batch may be its duplicate
  const auto take = [kept](std::string& text) { return kept ? text : std::move(text); };
  result.message_id = take(shown.message_id);
  result.md5_of_message_body = take(shown.body_md5);
  if (!shown.attributes_md5.empty()) {
    result.md5_of_message_attributes = take(shown.attributes_md5);
  }
  if (!shown.system_attributes_md5.empty()) {
    result.md5_of_message_system_attributes = take(shown.system_attributes_md5);
  }
  if (fifo) {
    result.sequence_number = sequence_number(accepted.number);
  }
  return true;
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

ServiceError unreadable_first() {
  return {&aws::framework::internal_failure, "The message of which this is a duplicate cannot be read from the log."};
}

using BatchEntries = std::vector<api::SendMessageBatchRequestEntry>;

/// What fails a whole batch before the queue is asked, in AWS's order, except for its length.
std::optional<ServiceError> check_batch(const aws::Call& call, const BatchEntries& entries, bool fifo) {
  std::vector<std::optional<std::string>> ids;
  for (const auto& entry : entries) {
    ids.push_back(entry.id);
  }
  if (auto error = check_batch_ids(ids, "SendMessageBatch")) {
    return error;
  }
  if (auto error = check_trace_header(call)) {
    return error;
  }
  // The same words as for a single message, under another code (seen on AWS).
  if (fifo && std::ranges::any_of(entries, [](const auto& entry) { return !entry.message_group_id; })) {
    return invalid_parameter_value(missing_parameter("MessageGroupId").message);
  }
  return std::nullopt;
}

std::optional<ServiceError> check_batch_bytes(const BatchEntries& entries) {
  std::size_t bytes = 0;
  for (const auto& entry : entries) {
    bytes += size_of_message(entry);
  }
  if (bytes <= batch_bytes_max) {
    return std::nullopt;
  }
  return ServiceError{
      &api::error::batch_request_too_long,
      fmt::format("Batch requests cannot be longer than {} bytes. You have sent {} bytes.", batch_bytes_max, bytes)};
}

/// The machine's answer, with what it was not asked, as the entries' results.
api::SendMessageBatchResult batch_result(const BatchEntries& entries, std::vector<std::optional<BrokenRule>> broken,
                                         std::vector<Draft>& drafts, const queue::Sent& sent, bool fifo) {
  const std::uint32_t bytes_max = sent.message_bytes_max;
  api::SendMessageBatchResult result;
  for (std::size_t i = 0, asked = 0; i < entries.size(); ++i) {
    std::optional<ServiceError> failed;
    api::SendMessageBatchResultEntry shown;
    if (broken[i]) {
      failed = !broken[i]->before_size && size_of_message(entries[i]) > bytes_max
                   ? refused_message({Reason::invalid_setting, "message_bytes_max"}, bytes_max, true)
                   : std::move(broken[i]->error);
    } else {
      const auto& accepted = sent.each[asked];
      if (!accepted) {
        failed = refused_message(accepted.error(), bytes_max, true);
      } else if (!fill_result(drafts[asked], *accepted, sent, drafts, fifo, shown)) {
        failed = unreadable_first();
      }
      ++asked;
    }
    if (failed) {
      made(result.failed).push_back(failed_entry(*entries[i].id, *failed));
    } else {
      shown.id = *entries[i].id;
      made(result.successful).push_back(std::move(shown));
    }
  }
  return result;
}

bool lacks_deduplication_id(const api::SendMessageBatchRequestEntry& entry) { return !entry.message_deduplication_id; }

}  // namespace

Task<ServiceError> Sqs::refuse_message(aws::Call& call, const QueueName& queue, const BrokenRule& broken,
                                       std::size_t bytes) {
  // What AWS checks before this rule: does the queue exist, is the message too long for it.
  const auto described = reply_as<queue::Description>(co_await describe(call, queue));
  if (!described) {
    co_return described.error();
  }
  const std::uint32_t bytes_max = (*described)->settings.message_bytes_max;
  if (!broken.before_size && bytes > bytes_max) {
    co_return refused_message({Reason::invalid_setting, "message_bytes_max"}, bytes_max, false);
  }
  co_return broken.error;
}

Task<aws::Outcome<api::SendMessageResult>> Sqs::send_message(aws::Call& call, const api::SendMessageRequest& request) {
  const auto queue = admit(call, request.queue_url);
  if (!queue) {
    co_return std::unexpected(queue.error());
  }
  const bool fifo = queue->fifo();
  std::optional<BrokenRule> broken = check_message(request, fifo);
  if (!broken) {
    if (auto error = check_trace_header(call)) {
      broken = BrokenRule{*std::move(error)};
    } else if (fifo && !request.message_group_id) {
      broken = BrokenRule{missing_parameter("MessageGroupId")};
    }
  }
  if (broken) {
    co_return std::unexpected(co_await refuse_message(call, *queue, *broken, size_of_message(request)));
  }
  Draft draft = draft_of(call, request, fifo, gate_.random());
  auto command = std::make_unique<queue::Send>();
  command->proviso = demands(call, *queue, KeyUse::encrypts);
  command->messages.push_back(std::move(draft.outgoing));
  node::Answer answer = co_await ask(call, *queue, std::move(command));
  if (!answer && answer.error().reason == Reason::deduplication_id_missing) {
    const BrokenRule missing{from_refusal(answer.error())};
    co_return std::unexpected(co_await refuse_message(call, *queue, missing, size_of_message(request)));
  }
  const auto sent = reply_as<queue::Sent>(std::move(answer));
  if (!sent) {
    co_return std::unexpected(sent.error());
  }
  const auto& accepted = (*sent)->each[0];
  if (!accepted) {
    co_return std::unexpected(refused_message(accepted.error(), (*sent)->message_bytes_max, false));
  }
  api::SendMessageResult result;
  if (!fill_result(draft, *accepted, **sent, std::span(&draft, 1), fifo, result)) {
    co_return std::unexpected(unreadable_first());
  }
  co_return result;
}

Task<std::optional<ServiceError>> Sqs::refuse_batch(aws::Call& call, const QueueName& queue,
                                                    std::optional<ServiceError> whole, bool lacks_ids) {
  const auto described = reply_as<queue::Description>(co_await describe(call, queue));
  if (!described) {
    co_return described.error();
  }
  if (lacks_ids && !(*described)->settings.deduplicates_by_content) {
    co_return from_refusal({Reason::deduplication_id_missing, {}});
  }
  co_return whole;
}

Task<aws::Outcome<api::SendMessageBatchResult>> Sqs::send_message_batch(aws::Call& call,
                                                                        const api::SendMessageBatchRequest& request) {
  const auto queue = admit(call, request.queue_url);
  if (!queue) {
    co_return std::unexpected(queue.error());
  }
  static const BatchEntries no_entries;
  const BatchEntries& entries = request.entries ? *request.entries : no_entries;
  const bool fifo = queue->fifo();
  if (auto error = check_batch(call, entries, fifo)) {
    co_return std::unexpected(co_await unless_missing(call, *queue, *std::move(error)));
  }
  std::vector<std::optional<BrokenRule>> broken;
  for (const auto& entry : entries) {
    broken.push_back(check_message(entry, fifo));
  }
  // An id that is missing fails the whole batch, before its length and what fails an entry alone; whether it is
  // missing, only the queue's settings tell. Usually the machine sees it; where it would not see that entry, they are
  // asked for.
  std::optional<ServiceError> too_long = check_batch_bytes(entries);
  const bool lacks_ids = fifo && std::ranges::any_of(entries, lacks_deduplication_id);
  const bool unseen = lacks_ids && std::ranges::any_of(broken, [](const auto& one) { return one.has_value(); });
  if (too_long || unseen) {
    if (auto error = co_await refuse_batch(call, *queue, std::move(too_long), lacks_ids)) {
      co_return std::unexpected(*std::move(error));
    }
  }
  std::vector<Draft> drafts;  // of those entries that are not broken, in order
  auto command = std::make_unique<queue::Send>();
  command->proviso = demands(call, *queue, KeyUse::encrypts);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (!broken[i]) {
      drafts.push_back(draft_of(call, entries[i], fifo, gate_.random()));
      command->messages.push_back(std::move(drafts.back().outgoing));
    }
  }
  const auto sent = reply_as<queue::Sent>(co_await ask(call, *queue, std::move(command)));
  if (!sent) {
    co_return std::unexpected(sent.error());
  }
  co_return batch_result(entries, std::move(broken), drafts, **sent, fifo);
}

}  // namespace sluice::sqs
