#include "doors/census/metric.h"

#include <algorithm>

namespace sluice::census {
namespace {

using queue::Measurement;
using Value = std::optional<std::uint64_t>;

std::uint64_t age_seconds(const Measurement& measured, Time oldest) {
  const Time joined = std::min(oldest, measured.measured_at);
  return static_cast<std::uint64_t>(std::chrono::duration_cast<Seconds>(measured.measured_at - joined).count());
}

/// Noisy and quiet are words of standard queues.
Value of_fair(const Measurement& measured, std::uint64_t value) {
  return measured.ordered ? std::nullopt : Value(value);
}

constexpr Metric rows[] = {
    {"ApproximateAgeOfOldestMessage", "sluice_sqs_approximate_age_of_oldest_message_seconds", Kind::gauge, "Seconds",
     "Age of the oldest message that was not deleted; 0: there is none.",
     [](const Measurement& measured) -> Value { return age_seconds(measured, measured.oldest); }},
    {"ApproximateAgeOfOldestMessageInQuietGroups",
     "sluice_sqs_approximate_age_of_oldest_message_in_quiet_groups_seconds", Kind::gauge, "Seconds",
     "The same without the messages of noisy groups; of standard queues.",
     [](const Measurement& measured) {
       return of_fair(measured, age_seconds(measured, measured.fairness.oldest_quiet));
     }},
    {"ApproximateNumberOfGroupsWithInflightMessages", "sluice_sqs_approximate_number_of_groups_with_inflight_messages",
     Kind::gauge, "Count", "Message groups with messages received and not deleted.",
     [](const Measurement& measured) -> Value { return measured.fairness.groups_in_flight; }},
    {"ApproximateNumberOfNoisyGroups", "sluice_sqs_approximate_number_of_noisy_groups", Kind::gauge, "Count",
     "Message groups with a large share of what is in flight, or a long backlog; of standard queues.",
     [](const Measurement& measured) { return of_fair(measured, measured.fairness.groups_noisy); }},
    {"ApproximateNumberOfMessagesVisibleInQuietGroups",
     "sluice_sqs_approximate_number_of_messages_visible_in_quiet_groups", Kind::gauge, "Count",
     "Messages that can be received, but for those of noisy groups; of standard queues.",
     [](const Measurement& measured) { return of_fair(measured, measured.fairness.quiet.visible); }},
    {"ApproximateNumberOfMessagesNotVisibleInQuietGroups",
     "sluice_sqs_approximate_number_of_messages_not_visible_in_quiet_groups", Kind::gauge, "Count",
     "Messages in flight, but for those of noisy groups; of standard queues.",
     [](const Measurement& measured) { return of_fair(measured, measured.fairness.quiet.in_flight); }},
    {"ApproximateNumberOfMessagesDelayedInQuietGroups",
     "sluice_sqs_approximate_number_of_messages_delayed_in_quiet_groups", Kind::gauge, "Count",
     "Messages delayed, but for those of noisy groups; of standard queues.",
     [](const Measurement& measured) { return of_fair(measured, measured.fairness.quiet.delayed); }},
    {"ApproximateNumberOfMessagesDelayed", "sluice_sqs_approximate_number_of_messages_delayed", Kind::gauge, "Count",
     "Messages delayed, exact.", [](const Measurement& measured) -> Value { return measured.counts.delayed; }},
    {"ApproximateNumberOfMessagesNotVisible", "sluice_sqs_approximate_number_of_messages_not_visible", Kind::gauge,
     "Count", "Messages in flight, exact.",
     [](const Measurement& measured) -> Value { return measured.counts.in_flight; }},
    {"ApproximateNumberOfMessagesVisible", "sluice_sqs_approximate_number_of_messages_visible", Kind::gauge, "Count",
     "Messages that can be received, exact.",
     [](const Measurement& measured) -> Value { return measured.counts.visible; }},
    {"NumberOfEmptyReceives", "sluice_sqs_number_of_empty_receives", Kind::counter, "Count",
     "Receives that gave no message. Since the process began.",
     [](const Measurement& measured) -> Value { return measured.traffic.empty_receives; }},
    {"NumberOfDeduplicatedSentMessages", "sluice_sqs_number_of_deduplicated_sent_messages", Kind::counter, "Count",
     "Messages dropped as duplicates; of FIFO queues. Since the process began.",
     [](const Measurement& measured) -> Value {
       return measured.ordered ? Value(measured.traffic.deduplicated) : std::nullopt;
     }},
    {"NumberOfMessagesDeleted", "sluice_sqs_number_of_messages_deleted", Kind::counter, "Count",
     "Deletions with a valid receipt handle. Since the process began.",
     [](const Measurement& measured) -> Value { return measured.traffic.deleted; }},
    {"NumberOfMessagesReceived", "sluice_sqs_number_of_messages_received", Kind::counter, "Count",
     "Messages given out, each time one was. Since the process began.",
     [](const Measurement& measured) -> Value { return measured.traffic.received; }},
    {"NumberOfMessagesSent", "sluice_sqs_number_of_messages_sent", Kind::counter, "Count",
     "Messages accepted from senders; not those moved by redrive. Since the process began.",
     [](const Measurement& measured) -> Value { return measured.traffic.sent; }},
    {"SentMessageSize", "sluice_sqs_sent_message_size_bytes", Kind::sizes, "Bytes",
     "Size of messages sent. Since the process began.",
     [](const Measurement& measured) -> Value { return measured.traffic.sent_bytes; }},
};

}  // namespace

std::span<const Metric> metrics() { return rows; }

}  // namespace sluice::census
