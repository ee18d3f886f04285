#include <algorithm>
#include <tuple>
#include <unordered_set>

#include "machines/queue/decide.h"

namespace sluice::queue {
namespace {

bool was_given(const Lease& lease, const State& state) {
  return lease.machine == state.id && lease.number > 0 && lease.number < state.number_next;
}

/// What orders the receives of one message.
using Receives = std::pair<std::uint32_t, std::uint32_t>;
Receives receives(const Lease& lease) { return {lease.epoch, lease.count}; }
Receives receives(const Held& held) { return {held.epoch, held.count}; }
Receives receives(const Waiting& message) { return {message.lease_epoch, message.lease_count}; }

/// A message that waits although somebody holds a lease of it: it came back and waits in its chain, or its receive was
/// lost in a crash.
struct Lost {
  const Waiting* in_memory = nullptr;  ///< among the new ones
  std::optional<LiftedFact> lifted;    ///< among those that came back, or in a block: the fact that takes it out
  std::optional<machines::NeedsBlock> needs;

  bool found() const { return in_memory != nullptr || lifted.has_value(); }
  const Waiting& message() const { return in_memory != nullptr ? *in_memory : lifted->message; }
};

/// In the block, if its bytes are at hand; else what is needed.
Lost find_in_block(std::uint64_t key, const Block& block, std::uint64_t number, const Decision& decision) {
  Lost lost;
  std::optional<std::vector<Waiting>> messages = read_block(block, decision);
  if (!messages) {
    lost.needs = block.need();
    return lost;
  }
  if (const auto found = std::ranges::find(*messages, number, &Waiting::number); found != messages->end()) {
    lost.lifted = LiftedFact{key, block.id, *found};
  }
  return lost;
}

/// `messages_left`: how many more may be looked through.
Lost find_in(std::uint64_t key, const Chain& chain, std::uint64_t number, std::size_t& messages_left,
             const Decision& decision) {
  Lost lost;
  lost.in_memory = chain.find(number);
  for (auto at = chain.blocks().begin(); at != chain.blocks().end() && !lost.found() && messages_left > 0; ++at) {
    if (is_delay(key) && at->joined_min + Milliseconds(key) > decision.moment.now) {
      break;  // not even visible yet
    }
    messages_left -= std::min<std::size_t>(messages_left, at->count);
    if (at->may_hold(number)) {
      lost = find_in_block(key, *at, number, decision);
    }
    if (lost.needs) {
      return lost;
    }
  }
  return lost;
}

/// Among those that came back and wait in their chain, the latest first: who settles late is seldom very late. Beyond
/// so many blocks a message counts as not found: it is given out again, as after any late delete.
Lost find_returned(std::uint64_t number, const Decision& decision) {
  const Chain& chain = decision.state.returned;
  Lost lost;
  if (const Waiting* in_memory = chain.find(number)) {
    lost.lifted = LiftedFact{returned_key, 0, *in_memory};
  }
  std::size_t blocks_left = decision.state.options.lost_blocks;
  for (auto at = chain.blocks().rbegin(); at != chain.blocks().rend() && !lost.found() && blocks_left > 0; ++at) {
    if (!at->may_hold(number)) {
      continue;
    }
    --blocks_left;
    lost = find_in_block(returned_key, *at, number, decision);
    if (lost.needs) {
      return lost;
    }
  }
  return lost;
}

Lost find_lost(const Lease& lease, const Decision& decision) {
  const State& state = decision.state;
  if (state.leaving.contains(lease.number)) {
    return {};
  }
  const Time limit = state.expiry_limit(decision.moment.now);
  Lost lost = find_returned(lease.number, decision);
  if (lost.found() && lost.message().expired(limit)) {
    return {};
  }
  // A receive of the present ownership was applied: what it leased and did not come back is gone.
  if (lost.found() || lost.needs || lease.epoch == decision.moment.epoch) {
    return lost;
  }
  std::size_t messages_left = state.options.lost_messages;
  lost = find_in(ready_key, state.ready, lease.number, messages_left, decision);
  for (const auto* chains : {&state.apart, &state.delayed}) {
    for (auto at = chains->begin(); at != chains->end() && !lost.found() && !lost.needs; ++at) {
      lost = find_in(at->first, at->second, lease.number, messages_left, decision);
    }
  }
  if (lost.in_memory != nullptr && lost.in_memory->expired(limit)) {
    return {};
  }
  return lost;
}

/// Messages that a command has dealt with already: the same lease may stand in it twice.
class Seen {
 public:
  explicit Seen(std::size_t most) { numbers_.reserve(std::min(most, few)); }
  bool contains(std::uint64_t number) const {
    return many_.empty() ? std::ranges::find(numbers_, number) != numbers_.end() : many_.contains(number);
  }
  void add(std::uint64_t number) {
    if (many_.empty() && numbers_.size() < few) {
      numbers_.push_back(number);
      return;
    }
    many_.insert(numbers_.begin(), numbers_.end());
    many_.insert(number);
  }

 private:
  static constexpr std::size_t few = 16;
  std::vector<std::uint64_t> numbers_;
  std::unordered_set<std::uint64_t> many_;
};

/// Held here and not over, else null.
const Held* find_held(const Lease& lease, const Decision& decision) {
  const Held* held = decision.state.leases.find(lease.number);
  const bool over = held != nullptr && held->message.expired(decision.state.expiry_limit(decision.moment.now));
  return over ? nullptr : held;
}

/// Of an ordered queue: is it the newest receive's, and not over? (spec/sqs.md §6.2, §6.3)
bool holds_in_order(const Lease& lease, const Held& held, const Decision& decision) {
  return receives(lease) == receives(held) && held.deadline() > decision.moment.now;
}

/// Of a message that is held, or waits: no later receive of it is known.
bool is_newest(const Lease& lease, const Held* held, const Lost& lost) {
  return held != nullptr ? receives(lease) >= receives(*held)
                         : lost.found() && receives(lease) >= receives(lost.message());
}

/// For each lease where its message is if it is not held; or the block without which that cannot be told.
struct Search {
  std::vector<Lost> lost;  ///< empty when every lease's message is held, as nearly always
  std::optional<machines::NeedsBlock> needs;

  const Lost& of(std::size_t lease) const {
    static const Lost nowhere;
    return lost.empty() ? nowhere : lost[lease];
  }
};

template <class Leases, class LeaseOf>
Search search(const Leases& leases, LeaseOf lease_of, const Decision& decision) {
  Search result;
  if (decision.state.order) {
    return result;  // its receives are durable before they are answered: none is lost
  }
  for (std::size_t i = 0; i < leases.size(); ++i) {
    const Lease& lease = lease_of(leases[i]);
    if (!was_given(lease, decision.state) || decision.state.leases.find(lease.number) != nullptr) {
      continue;
    }
    result.lost.resize(leases.size());
    result.lost[i] = find_lost(lease, decision);
    if (result.lost[i].needs) {
      result.needs = result.lost[i].needs;
      return result;
    }
  }
  return result;
}

void tell_lifted(const Lost& lost, const Decision& decision) {
  if (lost.lifted) {
    decision.tell(FactKind::lifted, [&](Writer& out) { lost.lifted->write(out); });
  }
}

/// Whether the total since the receive stays within its bound.
bool too_long(Time received_at, Seconds timeout, Time now) { return now + timeout > received_at + lease_total_max; }

class Extending {
 public:
  explicit Extending(const Decision& decision)
      : decision_(decision),
        room_(decision.state.options.in_flight_max -
              std::min(decision.state.leases.in_flight(), decision.state.options.in_flight_max)) {}

  std::expected<Done, Refusal> extend(const Extend::One& one, const Lost& lost) {
    if (!was_given(one.lease, decision_.state)) {
      return refuse(Reason::lease_unknown);
    }
    const Time now = decision_.moment.now;
    const Held* held = find_held(one.lease, decision_);
    if (held == nullptr && !lost.found()) {
      return refuse(Reason::message_not_found);
    }
    if (decision_.state.order && !holds_in_order(one.lease, *held, decision_)) {
      return refuse(Reason::message_not_found);
    }
    if (too_long(held != nullptr ? held->received_at : held_of(lost.message(), now).received_at, one.timeout, now)) {
      return refuse(Reason::lease_too_long);
    }
    const Lease* recorded = find_recorded(one.lease.number);
    const bool hides = (held == nullptr || held->deadline() <= now) && one.timeout.count() > 0;
    if (hides && room_ == 0) {
      return refuse(Reason::too_many_in_flight);
    }
    room_ -= hides ? 1 : 0;
    const bool is_lost = recorded == nullptr && held == nullptr;
    if (is_lost) {
      tell_lifted(lost, decision_);
    }
    const Receives known = recorded != nullptr ? receives(*recorded)
                           : held != nullptr   ? receives(*held)
                                               : receives(lost.message());
    const bool newer = receives(one.lease) > known;
    if (newer) {
      decision_.tell(FactKind::leased, [&](Writer& out) {
        LeasedFact{one.timeout, one.lease.epoch}.write(out, {{one.lease.number, one.lease.count}});
      });
    } else {
      decision_.tell(FactKind::extended, [&](Writer& out) { ExtendedFact{one.lease.number, one.timeout}.write(out); });
    }
    if (newer || is_lost) {
      Lease newest = one.lease;
      std::tie(newest.epoch, newest.count) = std::max(receives(one.lease), known);
      recorded_.push_back(newest);
    }
    return Done{};
  }

 private:
  /// The newest receive of this message that this very command recorded.
  const Lease* find_recorded(std::uint64_t number) const {
    const auto at = std::find_if(recorded_.rbegin(), recorded_.rend(),
                                 [number](const Lease& lease) { return lease.number == number; });
    return at == recorded_.rend() ? nullptr : &*at;
  }

  const Decision& decision_;
  std::size_t room_;
  std::vector<Lease> recorded_;
};

}  // namespace

Outcome decide(const Acknowledge& command, const Decision& decision) {
  if (!decision.state.exists) {
    return Refusal{Reason::not_found, {}};
  }
  const Search found = search(command.leases, [](const Lease& lease) -> const Lease& { return lease; }, decision);
  if (found.needs) {
    return *found.needs;
  }
  auto settled = std::make_unique<Settled>();
  settled->each.reserve(command.leases.size());
  std::vector<std::uint64_t> deleted;
  Seen seen(command.leases.size());
  for (std::size_t i = 0; i < command.leases.size(); ++i) {
    const Lease& lease = command.leases[i];
    if (!was_given(lease, decision.state)) {
      settled->each.push_back(refuse(Reason::lease_unknown));
      continue;
    }
    // An older lease, or a message that is gone, counts as done (spec/sqs.md §6.2).
    const Held* held = find_held(lease, decision);
    if (decision.state.order && held != nullptr && !seen.contains(lease.number) &&
        !holds_in_order(lease, *held, decision)) {
      settled->each.push_back(refuse(Reason::lease_expired));
      continue;
    }
    settled->each.push_back(Done{});
    if (seen.contains(lease.number) || !is_newest(lease, held, found.of(i))) {
      continue;
    }
    tell_lifted(found.of(i), decision);
    deleted.push_back(lease.number);
    seen.add(lease.number);
  }
  decision.tell_numbers(FactKind::deleted, deleted);
  return settled;
}

Outcome decide(const Extend& command, const Decision& decision) {
  if (!decision.state.exists) {
    return Refusal{Reason::not_found, {}};
  }
  const Search found =
      search(command.leases, [](const Extend::One& one) -> const Lease& { return one.lease; }, decision);
  if (found.needs) {
    return *found.needs;
  }
  auto settled = std::make_unique<Settled>();
  settled->each.reserve(command.leases.size());
  Extending extending(decision);
  for (std::size_t i = 0; i < command.leases.size(); ++i) {
    settled->each.push_back(extending.extend(command.leases[i], found.of(i)));
  }
  return settled;
}

}  // namespace sluice::queue
