#pragma once

#include <cstdint>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "machines/machine.h"
#include "machines/queue/commands.h"

/// Fair queues (spec/sqs.md §10): of a standard queue whose messages carry groups, those of quiet groups are given out
/// before those of noisy ones. Noisy is a group with a large share of what is in flight, or with a long backlog: that
/// stands apart, in a chain of its own, so that nobody waits behind it. Groups are known by their hashes, and only
/// those in memory.
namespace sluice::queue {

struct State;

/// The key of a group's own chain, as facts name it: with this bit it is no delay.
inline constexpr std::uint64_t apart_bit = std::uint64_t{1} << 63;
inline std::uint64_t apart_key(std::uint64_t group) { return group | apart_bit; }
inline bool is_apart(std::uint64_t key) { return (key & apart_bit) != 0; }

/// In flight, before a group can count as noisy by its share.
inline constexpr std::size_t noisy_in_flight_min = 10;
/// A group with more than one in so many of all that is in flight is noisy.
inline constexpr std::size_t noisy_share = 10;
/// Stands apart: a group with one in so many of the waiting messages in memory, when these are too many; of several
/// those with the most.
inline constexpr std::size_t apart_share = 256;
/// Groups that stand apart at a time, at most: each has its windows in memory.
inline constexpr std::size_t apart_max = 64;
/// New messages that a receive passes over, at most, for a quiet one behind them; and so many of one group stand apart
/// afterwards.
inline constexpr std::size_t passed_over_max = 256;
inline constexpr std::size_t apart_when_passed = 64;
/// Every so many new messages one goes to a noisy group first, so that none starves.
inline constexpr std::uint32_t noisy_turn = 8;

/// How many messages of each group, for the groups that have one.
class GroupCounts {
 public:
  bool empty() const { return counts_.empty(); }
  std::size_t groups() const { return counts_.size(); }
  /// Those with noisy_in_flight_min or more.
  const std::unordered_set<std::uint64_t>& crowded() const { return crowded_; }
  std::size_t of(std::uint64_t group) const {
    const auto at = counts_.find(group);
    return at == counts_.end() ? 0 : at->second;
  }
  /// Messages without a group are not counted.
  void add(std::uint64_t group) {
    if (group != 0 && ++counts_[group] == noisy_in_flight_min) {
      crowded_.insert(group);
    }
  }
  void remove(std::uint64_t group);
  void clear() { *this = GroupCounts(); }
  auto begin() const { return counts_.begin(); }
  auto end() const { return counts_.end(); }
  bool operator==(const GroupCounts&) const = default;

 private:
  std::unordered_map<std::uint64_t, std::size_t> counts_;
  std::unordered_set<std::uint64_t> crowded_;
};

/// Is it now, by its chain or by its share of what is in flight? Group 0, none, never is.
bool is_noisy(std::uint64_t group, const State& state);
/// The groups that ought to stand apart before the ready chain is paged out, in order.
std::vector<std::uint64_t> groups_to_set_apart(const State& state);
/// What the operator is told of it. `counts` and `oldest` are those of all messages.
Fairness fairness(const State& state, const Counts& counts, Time oldest);

/// The messages of a group that are in memory in the ready chain go into its own.
void apply_set_apart(const machines::Fact& fact, State& state);

}  // namespace sluice::queue
