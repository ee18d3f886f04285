#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "machines/machine.h"
#include "machines/queue/chain.h"
#include "machines/queue/commands.h"
#include "machines/queue/fair.h"
#include "machines/queue/leases.h"
#include "machines/queue/move.h"
#include "machines/queue/order.h"
#include "machines/queue/queue.h"

namespace sluice::queue {

/// What facts call the ready chain; the others go by their delay.
inline constexpr std::uint64_t ready_key = 0;
/// What they call the chain of those that came back.
inline constexpr std::uint64_t returned_key = std::uint64_t{1} << 62;
inline constexpr bool is_delay(std::uint64_t key) {
  return key != ready_key && key != returned_key && (key & apart_bit) == 0;
}

/// A message on its way to another machine. It is kept whole, so that it can be put back.
struct Leaving {
  Held held;
  bool purged = false;  ///< forgotten instead of put back, should it be turned back
};

/// Everything a queue is. Changed by facts only (apply.cc); decide*.cc read it.
struct State {
  explicit State(machines::MachineId machine, const Options& given) : id(machine), options(given) {}

  machines::MachineId id;
  Options options;

  bool exists = false;
  Settings settings;
  std::map<std::string, std::string> tags;
  Time created_at, changed_at;
  std::optional<Time> purged_at;
  Time name_kept_until;  ///< after the removal

  Time now;                       ///< of the newest fact
  std::uint64_t number_next = 1;  ///< of messages
  std::uint64_t block_next = 1;
  Chain ready;                             ///< visible, not received here, in the order in which they became visible
  std::map<std::uint64_t, Chain> delayed;  ///< by delay in milliseconds: each chain is in the order of its due times
  std::map<std::uint64_t, Chain> apart;    ///< visible, of noisy groups, by apart_key: chains of their own
  Leases leases;
  Chain returned;  ///< of those that came back the earliest, in the order in which they did; never of an ordered queue
  std::unique_ptr<Order> order;              ///< of an ordered queue only
  std::map<std::uint64_t, Leaving> leaving;  ///< by token, which is the number
  Moves moves;
  bool returned_next = true;    ///< of a message that came back and a new one, the next receive takes the former
  std::uint32_t fair_turn = 0;  ///< counts new messages that were received, up to noisy_turn
  Time oldest_joined = never;   ///< nothing was sent before
  Time expiry_looked_at;

  /// Follows from the above; kept so that deadline() and wanted_block() cost nothing.
  struct Derived {
    bool delayed_page_due = false;
    Time delayed_due = never;                     ///< the earliest among the delayed heads
    Time read_ahead_due = never;                  ///< when the next delayed block is to be wanted
    std::optional<std::uint64_t> wanted_delayed;  ///< the chain whose first block is
    std::size_t delayed_in_memory = 0;
    bool apart_page_due = false;
    std::uint64_t apart_messages = 0;
  } derived;

  /// By the key that facts use: 0 is ready. Null when there is none.
  const Chain* chain(std::uint64_t key) const;
  Chain& chain_made(std::uint64_t key);

  bool was_removed() const { return !exists && created_at != Time{}; }
  /// Removed, but its name is not free yet.
  bool keeps_name(Time at) const { return was_removed() && at < name_kept_until; }

  /// Could a receive get something?
  bool gives() const;
  /// Receives in other queues do not count: a message that came by redrive is given out here at least once, also when a
  /// queue is its own dead-letter target.
  bool must_leave(std::uint32_t received_here, bool stays) const {
    return !settings.dead_letter_target.empty() && settings.receive_count_max > 0 && !stays &&
           received_here >= settings.receive_count_max;
  }
  bool must_leave(const Held& held) const { return must_leave(held.received_here(), held.stays); }
  std::size_t visible() const { return leases.visible() + returned.count() + ready.count() + derived.apart_messages; }
  /// How many of those that came back ought to wait in their chain from now on; none: 0.
  std::size_t returned_due() const;
  Counts counts(Time at) const;
  /// What was sent at or before this is over.
  Time expiry_limit(Time at) const;
  /// The page that this chain ought to write; none: count 0.
  Page page_due(std::uint64_t key) const;
  /// How many deduplication ids ought to go into a page; none: 0.
  std::size_t ids_page_due() const;
  bool any_page_due() const {
    return derived.delayed_page_due || derived.apart_page_due || page_due(ready_key).count > 0 ||
           page_due(returned_key).count > 0 || ids_page_due() > 0;
  }
  Time expiry_due() const;
  Time deadline() const;

  void pass_time(Time to);  ///< leases that end
  void move_due(Time to);   ///< delays that end
  void look_for_expired(Time at);
  void derive();
  void clear_messages();
  Waiting take_waiting(std::uint64_t number);
  /// Held or waiting: it is neither any more.
  Held take_any(std::uint64_t number, Time at);
  void join(const Waiting& message, Milliseconds delay);
  void join_visible(const Waiting& message);
  /// Of a delayed chain, or a group's own.
  void drop_if_empty(std::uint64_t key);

  void save(Writer& out) const;
  bool load(Reader& in);
  bool load_delayed(Reader& in, bool tells_arrivals);
  void load_leaving(Reader& in);
  bool load_apart(Reader& in, bool tells_arrivals);
  void invariants() const;
};

}  // namespace sluice::queue
