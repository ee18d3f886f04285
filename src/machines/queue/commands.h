#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "machines/machine.h"

/// The queue machine's commands and replies: all that a door may know of it. Words of the domain; SQS' receipt handle
/// and AMQP's delivery tag are both a Lease here.
namespace sluice::queue {

using machines::Command;
using machines::MachineId;
using machines::Reply;

/// Within what an ordered queue knows a deduplication id again. Numbers stand in records: only ever added to.
enum class DeduplicationScope : std::uint8_t { queue = 0, group = 1 };

/// What a queue can be told. `labels` are settings that mean something to a door only (a policy, a key id): kept,
/// compared and given back, under names the door chooses.
struct Settings {
  Seconds visibility_timeout{30};
  Seconds delay{0};
  Seconds retention{345'600};
  Seconds receive_wait{0};
  std::uint32_t message_bytes_max = 1'048'576;
  std::string dead_letter_target;        ///< name of the machine; empty: none
  std::uint32_t receive_count_max = 0;   ///< receives after which a message goes there
  bool ordered = false;                  ///< FIFO by message group; fixed at creation
  bool deduplicates_by_content = false;  ///< ordered: messages may come with an id made from their body
  DeduplicationScope deduplication_scope =
      DeduplicationScope::queue;  ///< as set; in force after deduplication_scope_delay
  machines::Labels labels;
};

/// Where a message goes that was received too often.
struct DeadLetterRule {
  std::string target;  ///< empty: none any more
  std::uint32_t receive_count_max = 0;
};

/// Those that are set change; a label set to nullopt goes away.
struct SettingsChange {
  std::optional<Seconds> visibility_timeout = {}, delay = {}, retention = {}, receive_wait = {};
  std::optional<std::uint32_t> message_bytes_max = {};
  using DeadLetters = DeadLetterRule;
  std::optional<DeadLetters> dead_letters = {};
  std::optional<bool> ordered = {};
  std::optional<bool> deduplicates_by_content = {};
  std::optional<DeduplicationScope> deduplication_scope = {};
  std::map<std::string, std::optional<std::string>> labels = {};
};

/// Names a message's receive. `epoch` and `count` order the receives of one message (design.md, Replies).
struct Lease {
  MachineId machine;
  std::uint64_t number = 0;
  std::uint32_t epoch = 0;
  std::uint32_t count = 0;
};

struct Counts {
  std::uint64_t visible = 0, in_flight = 0, delayed = 0;
};
/// Of a queue whose messages carry groups.
struct Fairness {
  std::uint64_t groups_in_flight = 0;  ///< groups with a message in flight
  std::uint64_t groups_noisy = 0;      ///< standard queues: with a large share of what is in flight or a long backlog
  Counts quiet;                        ///< without the messages of noisy groups
  Time oldest_quiet = never;           ///< when the longest there of those came into this queue, about
};

template <class T>
using Each = std::vector<std::expected<T, Refusal>>;

// Life and settings

/// Makes the queue, or finds it equal: those settings that are given must equal the present ones, else already_exists
/// with the setting's name ("visibility_timeout", "dead_letters", a label's name …). Tags count at creation only.
struct Create final : Command {
  SettingsChange settings;
  std::map<std::string, std::string> tags;
  Need need() const override { return Need::grows; }
};
struct Configure final : Command {
  SettingsChange settings;
  Need need() const override { return Need::changes; }
};
struct Describe final : Command {
  Need need() const override { return Need::reclaims; }  // reads only: never refused for space
};
/// `keep_name`: for so long the name stays taken; Create is refused with deleted_recently, all else with not_found. The
/// machine is gone when that is over (at once for zero).
struct Remove final : Command {
  Seconds keep_name{0};
  Need need() const override { return Need::shrinks; }
};
/// Drops every message, in flight and delayed ones too. `pause`: refused (purge_in_progress) if the last purge was less
/// than that ago; zero: never refused.
struct Purge final : Command {
  Seconds pause{0};
  Need need() const override { return Need::shrinks; }
};
struct Tag final : Command {
  std::map<std::string, std::string> set;
  std::vector<std::string> removed;
  std::size_t tags_max = 50;  ///< more afterwards: invalid_setting
  Need need() const override { return Need::changes; }
};

/// Answers Create, Configure, Describe, Remove, Purge and Tag.
struct Description final : Reply {
  MachineId machine;
  bool created = false;  ///< by this very command
  Settings settings;
  std::map<std::string, std::string> tags;
  Counts counts;
  Time created_at, changed_at;
};

// Messages

/// One message to be accepted. `envelope` is what message.h encodes: stored and given back as it is.
struct Outgoing {
  std::string envelope;
  std::uint32_t size_bytes = 0;          ///< as the door's protocol counts it, held against message_bytes_max
  std::optional<Seconds> delay;          ///< unset: the queue's
  std::string group;                     ///< message group (fair queues, FIFO); empty: none
  std::string deduplication_id;          ///< of an ordered queue; never empty there
  bool deduplicated_by_content = false;  ///< the door made the id from the body, because none was given
};
/// All in one entry; each stands alone. Refusals of one: message_too_large is `invalid_setting` with detail
/// "message_bytes_max". Refused as a whole, deduplication_id_missing: an ordered queue that does not deduplicate by
/// content, and a message with `deduplicated_by_content`.
struct Send final : Command {
  std::vector<Outgoing> messages;
  Need need() const override { return Need::grows; }
};
struct Accepted {
  std::uint64_t number = 0;  ///< of the message in its queue, rising; a duplicate's: the first one's
  bool duplicate = false;    ///< dropped: the first one counts, and one of the following two names it
  std::optional<std::size_t> first_in_bytes = {};    ///< its envelope is `bytes` of this index
  std::optional<std::size_t> first_in_command = {};  ///< it is the message of this index in this very command
};
/// `wanted`/`bytes`: the envelopes of messages accepted earlier, of which this command held duplicates.
struct Sent final : Reply {
  Each<Accepted> each;
  std::uint32_t message_bytes_max = 0;  ///< the present limit, for the door's words
};

/// Does a receive ask only a part of the queue, so that it may miss messages? Standard queues alone: an ordered one
/// would lose its order.
enum class Sampled : std::uint8_t {
  no,
  yes,
  unless_queue_waits,  ///< where the queue's own receive wait is zero
};
/// Leases up to `count_max` visible messages. With none: too_many_in_flight when that is why (a standard queue), else
/// Waits. `attempt_id`, ordered queues only: a repeat within deduplication_window gets the same messages and leases
/// again, hidden anew, while all of them are still hidden and untouched; empty: none.
struct Receive final : Command {
  std::uint32_t count_max = 1;
  std::optional<Seconds> visibility_timeout;
  std::string attempt_id;
  Sampled sampled = Sampled::no;
  Need need() const override { return Need::changes; }
};
struct Received {
  Lease lease;
  std::uint32_t receive_count = 0;
  Time sent, first_received;
};
/// `wanted[i]`/`bytes[i]` is the envelope of `messages[i]`.
struct Batch final : Reply {
  std::vector<Received> messages;
};

/// Ends messages: each lease that is its message's newest (in time or late) deletes it. Older leases and messages that
/// are gone count as done. An ordered queue refuses, with lease_expired, an older lease and one that is over.
/// lease_unknown: another machine's or a number never given.
struct Acknowledge final : Command {
  std::vector<Lease> leases;
  Need need() const override { return Need::shrinks; }
};
/// Ends each lease `timeout` from now (0: visible at once). message_not_found (in an ordered queue also for a lease
/// that is older or over); lease_too_long past lease_total_max.
struct Extend final : Command {
  struct One {
    Lease lease;
    Seconds timeout{0};
  };
  std::vector<One> leases;
  Need need() const override { return Need::changes; }
};
struct Done {};
/// Answers Acknowledge and Extend.
struct Settled final : Reply {
  Each<Done> each;
};

// Looking

/// What was done with the queue since the process began, or since the queue was made if that was later.
struct Traffic {
  std::uint64_t sent = 0;        ///< messages accepted from senders; neither duplicates nor what came by transfer
  std::uint64_t sent_bytes = 0;  ///< of these, as the door counts a message's size
  std::uint64_t received = 0;    ///< messages given out, each time it was
  std::uint64_t empty_receives = 0;
  std::uint64_t deleted = 0;       ///< leases acknowledged, also those of messages that were gone already
  std::uint64_t deduplicated = 0;  ///< messages dropped as duplicates
};
/// Sizes of messages sent within one minute, in bytes; both 0: none was.
struct SizeRange {
  std::uint32_t min = 0, max = 0;
};
/// Counts for the operator. Changes nothing; never waits for the log.
struct Measure final : Command {
  Need need() const override { return Need::reclaims; }
};
struct Measurement final : Reply {
  MachineId machine;
  bool ordered = false;
  Counts counts;
  Time oldest = never;  ///< when the longest there of all messages came into this queue, about; never: there is none
  Fairness fairness;
  Time measured_at;
  Traffic traffic;
  SizeRange sizes, sizes_before;  ///< in the minute of `measured_at`, and in the one before
};

enum class PeekState : std::uint8_t { visible, in_flight, delayed };
/// Where a page of a Peek ended. Holds while messages come and go: what is taken meanwhile is not shown, what came
/// back may be shown again.
struct PeekPlace {
  std::uint64_t part = 0;   ///< 0: those that were received here; else 1 + the delay of a chain, in milliseconds
  std::uint64_t block = 0;  ///< of the chain, 0: in memory
  std::uint64_t number = 0;
  Time due;  ///< of those that were received
};
/// Messages as they stand, without receiving them: changes nothing. Visible ones come in about the order in which a
/// receive would take them, those in flight as they come back, delayed ones by delay and then as they become due.
struct Peek final : Command {
  PeekState state = PeekState::visible;
  std::uint32_t count_max = 10;
  std::size_t bytes_max = 4U << 20;  ///< of envelopes: the page ends with the message that passes it
  std::optional<PeekPlace> after;    ///< Peeked::next of the page before
  Need need() const override { return Need::reclaims; }
};
struct PeekedMessage {
  std::uint64_t number = 0;
  std::uint32_t receive_count = 0;
  Time sent, first_received;
  Time visible_at;  ///< of a delayed one, and of one in flight if nobody ends it; else when it came back, or Time{}
};
/// `wanted[i]`/`bytes[i]` is the envelope of `messages[i]`. A page may be short although there is a next one.
struct Peeked final : Reply {
  std::vector<PeekedMessage> messages;
  std::optional<PeekPlace> next;
};

// Move tasks: all messages that wait at its start leave for another queue, at a given rate (spec/sqs.md §9)

/// Numbers stand in records: only ever added to. `cancelling`: what has left already is still on its way.
enum class MoveStatus : std::uint8_t { running = 0, completed = 1, cancelling = 2, cancelled = 3, failed = 4 };
/// Why it failed; numbers stand in records.
enum class MoveFailure : std::uint8_t {
  none = 0,
  no_destination = 1,  ///< the queue it moves to is gone
  no_source = 2,       ///< a message that came from no other queue, and no destination was given
  unreadable = 3,      ///< a message's bytes cannot be read, or the destination cannot take it
  too_long = 4,        ///< move_lasts_max is over
};

/// A move task, as it stands.
struct MoveTask {
  std::string id;              ///< the door's, unique
  std::string destination;     ///< name of a machine; empty: each message goes back to where it came from
  std::uint32_t rate_max = 0;  ///< messages per second; 0: as fast as they are taken
  Time started_at;
  std::uint64_t to_move = 0;  ///< visible at its start
  std::uint64_t moved = 0;    ///< taken by their destinations, durably
  MoveStatus status = MoveStatus::running;
  MoveFailure failure = MoveFailure::none;
};

/// task_active while another one runs or is being cancelled.
struct StartMove final : Command {
  std::string task;
  std::string destination;
  std::uint32_t rate_max = 0;
  Need need() const override { return Need::changes; }
};
struct ListMoves final : Command {
  Need need() const override { return Need::reclaims; }
};
/// task_unknown; task_over unless it runs. What has left goes on.
struct CancelMove final : Command {
  std::string task;
  Need need() const override { return Need::shrinks; }
};
/// Answers StartMove and CancelMove with that task, ListMoves with all that are remembered, the newest first.
struct MoveTasks final : Reply {
  std::vector<MoveTask> tasks;
};

/// What Machine::refers_to answers to while a move task is active: lists the queues that move (names are ARNs).
inline constexpr std::string_view moving_mark = "moving";

// Bounds

inline constexpr std::uint32_t in_flight_max = 120'000;  ///< messages; SQS quota, the one thing kept in memory
inline constexpr std::size_t sampled_below = 1'000;      ///< visible messages; a sample of more is full anyway
inline constexpr double sampled_share = 0.75;            ///< of the messages, that a sampled receive finds
inline constexpr Seconds lease_total_max{43'200};        ///< ChangeMessageVisibility: 12 h from the receive
inline constexpr Seconds deduplication_window{300};      ///< of deduplication ids and of receive attempts
inline constexpr Seconds deduplication_scope_delay{60};  ///< from the change of a scope until it is in force
inline constexpr std::size_t move_tasks_max = 10;  ///< remembered of one queue (ListMessageMoveTasks: the last 10)
inline constexpr Seconds move_lasts_max{129'600};  ///< StartMessageMoveTask: 36 h

}  // namespace sluice::queue
