#include "machines/queue/fair.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <unordered_set>

#include "base/check.h"
#include "machines/queue/facts.h"
#include "machines/queue/state.h"

namespace sluice::queue {
namespace {

bool has_large_share(std::size_t in_flight, const Leases& leases) {
  return in_flight >= noisy_in_flight_min && in_flight * noisy_share > leases.in_flight();
}

template <class Look>
void each_in_memory(const Chain& chain, Look look) {
  for (const Window* window : {&chain.head(), &chain.tail()}) {
    for (const Waiting& message : *window) {
      look(message);
    }
  }
}

}  // namespace

void GroupCounts::remove(std::uint64_t group) {
  if (group == 0) {
    return;
  }
  const auto at = counts_.find(group);
  check(at != counts_.end(), "a group that is counted down has been counted");
  if (--at->second == noisy_in_flight_min - 1) {
    crowded_.erase(group);
  }
  if (at->second == 0) {
    counts_.erase(at);
  }
}

bool is_noisy(std::uint64_t group, const State& state) {
  return group != 0 && (state.apart.contains(apart_key(group)) ||
                        has_large_share(state.leases.in_flight_by_group().of(group), state.leases));
}

std::vector<std::uint64_t> groups_to_set_apart(const State& state) {
  if (state.order || state.apart.size() >= apart_max) {
    return {};
  }
  GroupCounts counts;
  each_in_memory(state.ready, [&](const Waiting& message) { counts.add(message.group); });
  const std::size_t least = std::max<std::size_t>(2, state.ready.in_memory() / apart_share);
  std::vector<std::pair<std::size_t, std::uint64_t>> longest;
  for (const auto& [group, count] : counts) {
    if (count >= least) {
      longest.emplace_back(count, group);
    }
  }
  std::ranges::sort(longest, std::greater());
  longest.resize(std::min(longest.size(), apart_max - state.apart.size()));
  std::vector<std::uint64_t> groups;
  std::ranges::transform(longest, std::back_inserter(groups), &std::pair<std::size_t, std::uint64_t>::second);
  return groups;
}

namespace {

// Received messages of noisy groups that are looked at for an older quiet one: the next is taken to be one.
constexpr std::size_t noisy_looks_max = 10'000;

/// The noisy groups, by apart_key.
class Noisy {
 public:
  explicit Noisy(const State& state) {
    const GroupCounts& in_flight = state.leases.in_flight_by_group();
    for (const std::uint64_t group : in_flight.crowded()) {
      if (has_large_share(in_flight.of(group), state.leases)) {
        keys_.insert(apart_key(group));
      }
    }
    for (const auto& [key, chain] : state.apart) {
      keys_.insert(key);
    }
    for (const std::uint64_t key : keys_) {
      in_flight_ += in_flight.of(key) + in_flight.of(key & ~apart_bit);
    }
  }
  std::size_t groups() const { return keys_.size(); }
  std::size_t in_flight() const { return in_flight_; }
  bool contains(const Waiting& message) const { return message.group != 0 && keys_.contains(apart_key(message.group)); }

 private:
  std::unordered_set<std::uint64_t> keys_;
  std::size_t in_flight_ = 0;
};

/// When the quiet message that is there the longest came. What stands in blocks of the common chains counts as quiet:
/// about all of it is.
Time oldest_quiet(const State& state, const Noisy& noisy) {
  Time oldest = never;
  const auto consider = [&](const Waiting& message) {
    if (message.arrived() < oldest && !noisy.contains(message)) {
      oldest = message.arrived();
    }
  };
  for (const Chain* chain : {&state.ready, &state.returned}) {
    each_in_memory(*chain, consider);
    for (const Block& block : chain->blocks()) {
      oldest = std::min(oldest, block.arrived_min);
    }
  }
  std::size_t looks_left = noisy_looks_max;
  state.leases.each_by_number([&](const Held& held) {
    // They come in the order of their arrival: the first that is quiet ends it, as does what is younger than what is
    // known.
    if (looks_left-- > 0 && held.message.arrived() < oldest && noisy.contains(held.message)) {
      return true;
    }
    oldest = std::min(oldest, held.message.arrived());
    return false;
  });
  return oldest;
}

}  // namespace

Fairness fairness(const State& state, const Counts& counts, Time oldest) {
  Fairness fairness{.quiet = counts, .oldest_quiet = oldest};
  if (state.order) {
    fairness.groups_in_flight = state.order->groups.with_received();
    return fairness;
  }
  fairness.groups_in_flight = state.leases.in_flight_by_group().groups();
  const Noisy noisy(state);
  if (noisy.groups() == 0) {
    return fairness;
  }
  fairness.groups_noisy = noisy.groups();
  fairness.quiet.in_flight -= noisy.in_flight();
  fairness.quiet.visible -= state.derived.apart_messages;
  each_in_memory(state.ready,
                 [&](const Waiting& message) { fairness.quiet.visible -= noisy.contains(message) ? 1 : 0; });
  fairness.oldest_quiet = oldest_quiet(state, noisy);
  return fairness;
}

void apply_set_apart(const machines::Fact& fact, State& state) {
  const std::uint64_t group = SetApartFact::read(fact.payload).group;
  std::vector<Waiting> messages;
  each_in_memory(state.ready, [&](const Waiting& message) {
    if (message.group == group) {
      messages.push_back(message);
    }
  });
  for (const Waiting& message : messages) {
    state.ready.take(message.number);
  }
  Chain& apart = state.chain_made(apart_key(group));
  apart.push_front(messages);
  state.drop_if_empty(apart_key(group));
  state.derive();
}

}  // namespace sluice::queue
