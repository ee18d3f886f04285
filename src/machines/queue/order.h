#pragma once

#include <cstdint>

#include "machines/queue/attempts.h"
#include "machines/queue/deduplication.h"
#include "machines/queue/groups.h"

namespace sluice::queue {

struct State;

/// What an ordered queue is beside its chain and its leases: which groups are free, and what it knows again. All of its
/// messages wait in the ready chain, in the order of sending, the delayed ones (the delay is the queue's, for each of
/// them) last. Each change is told to it with the state as it is after the change.
struct Order {
  Groups groups;
  Deduplication ids;
  Attempts attempts;
  std::uint64_t due_through = 0;  ///< messages of the head up to this number are due, and in their groups
  /// The head was read on to so many messages because those before were locked; it is not cut shorter again before they
  /// are gone.
  std::uint64_t head_wanted = 0;
  DeduplicationScope scope_before = DeduplicationScope::queue;
  Time scope_in_force_at;  ///< until then the scope before

  DeduplicationScope scope(const State& state, Time at) const;

  // Time and settings
  /// Leases that ended: those from `came_back` on.
  void time_passed(const State& state, Leases::Order::const_iterator came_back);
  void configured(const Settings& before, const State& state);

  // Messages
  /// A message was received: one that waited until now, or one again.
  void received(const Waiting& message, bool waited, const State& state);
  /// Its lease ends at another time, or it is held again.
  void lease_changed(const Waiting& message, const State& state);
  void held_again(const Waiting& message, const State& state);
  void ended(const Waiting& message, bool was_held, const State& state);
  /// The head was cut off behind this number; these stood there.
  void cut_off(std::uint64_t last_kept, const std::vector<Waiting>& messages, const State& state);
  void head_extended(const State& state);
  /// Messages went, or delays changed: everything anew.
  void rebuild(const State& state, const Groups::Turns& turns);
  void clear();
  /// After every fact: messages of the head that are due now join their groups.
  void catch_up(const State& state);

  /// When the next message becomes due, as far as that is known; `never`: not by time alone.
  Time due(const State& state) const;
  /// Could a longer head tell of another group?
  bool may_read_on(const State& state, std::size_t messages_max, Time now) const;

  void save(Writer& out) const;
  /// `tags_are_relative`: as Deduplication::load.
  bool load(Reader& in, const State& state, bool tags_are_relative);
  void invariants(const State& state) const;

 private:
  std::uint64_t last_due(const State& state) const;
  void settle(std::uint64_t group, const State& state);
};

}  // namespace sluice::queue
