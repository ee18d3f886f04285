// DeleteMessage and ChangeMessageVisibility, single and in batches.
#include <fmt/core.h>

#include "doors/aws/sqs/limits.h"
#include "doors/aws/sqs/receipt_handle.h"
#include "doors/aws/sqs/sqs.h"

namespace sluice::sqs {
namespace {

ServiceError invalid_handle(std::string_view handle) {
  return {&api::error::receipt_handle_is_invalid,
          fmt::format("The input receipt handle \"{}\" is not a valid receipt handle.", handle)};
}

std::expected<queue::Lease, ServiceError> lease_of(const std::optional<std::string>& handle, std::string_view secret) {
  if (!handle || handle->empty()) {
    return std::unexpected(missing_parameter("ReceiptHandle"));
  }
  const std::optional<queue::Lease> lease = read_receipt_handle(*handle, secret);
  if (!lease) {
    return std::unexpected(invalid_handle(*handle));
  }
  return *lease;
}

/// What the machine refused, in words that name the handle or the timeout.
ServiceError refused_lease(const Refusal& refusal, std::string_view handle, std::int32_t timeout_seconds) {
  switch (refusal.reason) {
    case Reason::lease_unknown:
      return invalid_handle(handle);
    case Reason::lease_expired:
      return invalid_parameter(handle, "ReceiptHandle", "The receipt handle has expired.");
    case Reason::message_not_found:
      return invalid_parameter(handle, "ReceiptHandle",
                               "Message does not exist or is not available for visibility timeout change.");
    case Reason::lease_too_long:
      return invalid_parameter(std::to_string(timeout_seconds), "VisibilityTimeout",
                               "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]");
    default:
      return from_refusal(refusal);
  }
}

std::optional<ServiceError> check_timeout(const std::optional<std::int32_t>& timeout_seconds) {
  if (!timeout_seconds) {
    return missing_parameter("VisibilityTimeout");
  }
  return check_range(timeout_seconds, 0, visibility_seconds_max, "VisibilityTimeout",
                     "VisibilityTimeout must be between 0 and 43200.");
}

/// By entry of a batch: what failed before the machine was asked. The others stand in its answer in the same order.
using Checked = std::vector<std::optional<ServiceError>>;

/// Puts each entry among `successful` or `failed`, in order.
template <class Entries, class Result>
void fill_batch_result(const Entries& entries, Checked checked, const queue::Settled* settled, Result& result) {
  for (std::size_t i = 0, asked = 0; i < entries.size(); ++i) {
    const auto& entry = entries[i];
    std::optional<ServiceError>& failed = checked[i];
    if (!failed) {
      if (const auto& done = settled->each[asked++]; !done) {
        std::int32_t timeout_seconds = 0;
        if constexpr (requires { entry.visibility_timeout; }) {
          timeout_seconds = entry.visibility_timeout.value_or(0);
        }
        failed = refused_lease(done.error(), *entry.receipt_handle, timeout_seconds);
      }
    }
    if (failed) {
      made(result.failed).push_back(failed_entry(*entry.id, *failed));
    } else {
      made(result.successful).emplace_back().id = *entry.id;
    }
  }
}

template <class Entry>
std::vector<std::optional<std::string>> ids_of(const std::vector<Entry>& entries) {
  std::vector<std::optional<std::string>> ids;
  for (const Entry& entry : entries) {
    ids.push_back(entry.id);
  }
  return ids;
}

}  // namespace

Task<aws::Outcome<aws::Nothing>> Sqs::delete_message(aws::Call& call, const api::DeleteMessageRequest& request) {
  const auto queue = admit(call, request.queue_url);
  if (!queue) {
    co_return std::unexpected(queue.error());
  }
  const auto lease = lease_of(request.receipt_handle, gate_.secret());
  if (!lease) {
    co_return std::unexpected(co_await unless_missing(call, *queue, lease.error()));
  }
  auto command = std::make_unique<queue::Acknowledge>();
  command->leases.push_back(*lease);
  const auto settled = reply_as<queue::Settled>(co_await ask(call, *queue, std::move(command)));
  if (!settled) {
    co_return std::unexpected(settled.error());
  }
  if (!(*settled)->each[0]) {
    co_return std::unexpected(refused_lease((*settled)->each[0].error(), *request.receipt_handle, 0));
  }
  co_return aws::Nothing{};
}

Task<aws::Outcome<api::DeleteMessageBatchResult>> Sqs::delete_message_batch(
    aws::Call& call, const api::DeleteMessageBatchRequest& request) {
  const auto queue = admit(call, request.queue_url);
  if (!queue) {
    co_return std::unexpected(queue.error());
  }
  static const std::vector<api::DeleteMessageBatchRequestEntry> no_entries;
  const auto& entries = request.entries ? *request.entries : no_entries;
  if (auto error = check_batch_ids(ids_of(entries), "DeleteMessageBatch")) {
    co_return std::unexpected(co_await unless_missing(call, *queue, *std::move(error)));
  }
  Checked checked;
  auto command = std::make_unique<queue::Acknowledge>();
  for (const auto& entry : entries) {
    const auto lease = lease_of(entry.receipt_handle, gate_.secret());
    checked.push_back(lease ? std::nullopt : std::optional(lease.error()));
    if (lease) {
      command->leases.push_back(*lease);
    }
  }
  const auto settled = reply_as<queue::Settled>(co_await ask(call, *queue, std::move(command)));
  if (!settled) {
    co_return std::unexpected(settled.error());
  }
  api::DeleteMessageBatchResult result;
  fill_batch_result(entries, std::move(checked), settled->get(), result);
  co_return result;
}

Task<aws::Outcome<aws::Nothing>> Sqs::change_message_visibility(aws::Call& call,
                                                                const api::ChangeMessageVisibilityRequest& request) {
  const auto queue = admit(call, request.queue_url);
  if (!queue) {
    co_return std::unexpected(queue.error());
  }
  const auto lease = lease_of(request.receipt_handle, gate_.secret());
  std::optional<ServiceError> error = lease ? check_timeout(request.visibility_timeout) : std::optional(lease.error());
  if (error) {
    co_return std::unexpected(co_await unless_missing(call, *queue, *std::move(error)));
  }
  auto command = std::make_unique<queue::Extend>();
  command->leases.push_back({*lease, Seconds(*request.visibility_timeout)});
  const auto settled = reply_as<queue::Settled>(co_await ask(call, *queue, std::move(command)));
  if (!settled) {
    co_return std::unexpected(settled.error());
  }
  if (!(*settled)->each[0]) {
    co_return std::unexpected(
        refused_lease((*settled)->each[0].error(), *request.receipt_handle, *request.visibility_timeout));
  }
  co_return aws::Nothing{};
}

Task<aws::Outcome<api::ChangeMessageVisibilityBatchResult>> Sqs::change_message_visibility_batch(
    aws::Call& call, const api::ChangeMessageVisibilityBatchRequest& request) {
  const auto queue = admit(call, request.queue_url);
  if (!queue) {
    co_return std::unexpected(queue.error());
  }
  static const std::vector<api::ChangeMessageVisibilityBatchRequestEntry> no_entries;
  const auto& entries = request.entries ? *request.entries : no_entries;
  if (auto error = check_batch_ids(ids_of(entries), "ChangeMessageVisibilityBatch")) {
    co_return std::unexpected(co_await unless_missing(call, *queue, *std::move(error)));
  }
  Checked checked;
  auto command = std::make_unique<queue::Extend>();
  for (const auto& entry : entries) {
    const auto lease = lease_of(entry.receipt_handle, gate_.secret());
    checked.push_back(lease ? check_timeout(entry.visibility_timeout) : std::optional(lease.error()));
    if (!checked.back()) {
      command->leases.push_back({*lease, Seconds(*entry.visibility_timeout)});
    }
  }
  const auto settled = reply_as<queue::Settled>(co_await ask(call, *queue, std::move(command)));
  if (!settled) {
    co_return std::unexpected(settled.error());
  }
  api::ChangeMessageVisibilityBatchResult result;
  fill_batch_result(entries, std::move(checked), settled->get(), result);
  co_return result;
}

}  // namespace sluice::sqs
