#include "machines/queue/fair.h"

#include <algorithm>

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
  if (--at->second == 0) {
    counts_.erase(at);
  }
}

bool is_noisy(std::uint64_t group, const State& state) {
  return group != 0 && (state.apart.contains(apart_key(group)) ||
                        has_large_share(state.leases.in_flight_by_group().of(group), state.leases));
}

std::vector<std::uint64_t> groups_to_set_apart(const State& state) {
  std::vector<std::uint64_t> groups;
  if (state.order || state.apart.size() >= apart_max) {
    return groups;
  }
  GroupCounts counts;
  each_in_memory(state.ready, [&](const Waiting& message) { counts.add(message.group); });
  const std::size_t least = std::max<std::size_t>(2, state.ready.in_memory() / apart_share);
  for (const auto& [group, count] : counts) {
    if (count >= least) {
      groups.push_back(group);
    }
  }
  std::ranges::sort(groups);
  groups.resize(std::min(groups.size(), apart_max - state.apart.size()));
  return groups;
}

Fairness fairness(const State& state) {
  Fairness fairness;
  const Counts counts = state.counts(state.now);
  const GroupCounts& in_flight = state.leases.in_flight_by_group();
  fairness.groups_in_flight = state.order ? state.order->groups.with_received() : in_flight.groups();
  fairness.quiet = counts;
  for (const auto& [group, count] : in_flight) {
    if (has_large_share(count, state.leases) || state.apart.contains(apart_key(group))) {
      fairness.quiet.in_flight -= count;
      fairness.groups_noisy += state.apart.contains(apart_key(group)) ? 0 : 1;
    }
  }
  for (const auto& [key, chain] : state.apart) {
    fairness.quiet.visible -= chain.count();
    ++fairness.groups_noisy;
  }
  // What stands in blocks of the ready chain, and what came back, counts as quiet: about all of it is.
  Time oldest = never;
  each_in_memory(state.ready, [&](const Waiting& message) {
    const bool noisy = is_noisy(message.group, state);
    fairness.quiet.visible -= noisy ? 1 : 0;
    oldest = noisy ? oldest : std::min(oldest, message.arrived());
  });
  each_in_memory(state.returned, [&](const Waiting& message) { oldest = std::min(oldest, message.arrived()); });
  for (const Chain* chain : {&state.ready, &state.returned}) {
    for (const Block& block : chain->blocks()) {
      oldest = std::min(oldest, block.arrived_min);
    }
  }
  state.leases.each([&](const Held& held) {
    const bool is_older = oldest == never || held.message.arrived() < oldest;
    oldest = is_older && !is_noisy(held.message.group, state) ? held.message.arrived() : oldest;
  });
  fairness.oldest_quiet = oldest;
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
