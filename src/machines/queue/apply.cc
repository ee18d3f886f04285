#include "machines/queue/apply.h"

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "machines/queue/facts.h"
#include "machines/queue/message.h"

namespace sluice::queue {
namespace {

using machines::Fact;

void apply_created(const Fact& fact, State& state) {
  check(!state.exists, "a queue is made once");
  Created created = Created::read(fact.payload);
  state.exists = true;
  apply(created.settings, state.settings);
  if (state.settings.ordered) {
    state.order = std::make_unique<Order>();
    state.leases.count_no_groups();
  }
  state.tags = std::move(created.tags);
  state.created_at = state.changed_at = fact.time;
}

void apply_configured(const Fact& fact, State& state) {
  const Settings before = state.settings;
  apply(Configured::read(fact.payload).settings, state.settings);
  state.changed_at = fact.time;
  if (state.order) {
    state.order->configured(before, state);
  }
}

void apply_removed(const Fact& fact, State& state) {
  state.exists = false;
  state.name_kept_until = fact.time + Removed::read(fact.payload).keep_name;
  state.clear_messages();
  state.leaving.clear();
  state.moves = {};
}

void apply_purged(const Fact& fact, State& state) {
  state.clear_messages();
  state.purged_at = fact.time;
}

void apply_tagged(const Fact& fact, State& state) {
  Tagged tagged = Tagged::read(fact.payload);
  for (const std::string& name : tagged.removed) {
    state.tags.erase(name);
  }
  tagged.set.merge(state.tags);
  state.tags = std::move(tagged.set);
}

void take_number(std::uint64_t number, State& state) {
  check(number == state.number_next, "numbers are given in order");
  ++state.number_next;
}

void apply_accepted(const Fact& fact, State& state) {
  const AcceptedFact accepted = AcceptedFact::read(fact.payload);
  take_number(accepted.number, state);
  state.join({.number = accepted.number,
              .body = fact.reference(accepted.envelope),
              .group = group_hash(accepted.group),
              .sent = fact.time,
              .joined = fact.time},
             accepted.delay);
}

void apply_accepted_in_order(const Fact& fact, State& state) {
  const AcceptedInOrderFact accepted = AcceptedInOrderFact::read(fact.payload);
  take_number(accepted.number, state);
  const Reference body = fact.reference(accepted.envelope);
  if (accepted.is_known_again) {
    state.order->ids.add({accepted.key, accepted.number, body, fact.time}, state.order->scope(state, fact.time));
  }
  state.join({.number = accepted.number, .body = body, .group = accepted.group, .sent = fact.time, .joined = fact.time},
             Milliseconds(0));
}

/// A clock that another machine's journal ran ahead of may say that it came before it was sent.
ShortMilliseconds arrival(Time joined, Time now) {
  return ShortMilliseconds(static_cast<std::uint32_t>(
      std::clamp<std::int64_t>((now - joined).count(), 0, std::numeric_limits<std::uint32_t>::max())));
}

void join_arrived(const ArrivedFact& arrived, Time joined, const Fact& fact, State& state) {
  take_number(arrived.number, state);
  const Luggage& luggage = arrived.luggage;
  state.join({.number = arrived.number,
              .body = fact.reference(arrived.envelope),
              .group = arrived.group.value_or(0),
              .sent = luggage.sent,
              .joined = joined,
              .first_received = luggage.receive_count > 0 ? luggage.first_received : Time{},
              .receive_count = luggage.receive_count,
              .arrived_after = arrival(joined, fact.time)},
             Milliseconds(0));
}

void apply_arrived(const Fact& fact, State& state) {
  ArrivedFact arrived = ArrivedFact::read(fact.payload, false);
  arrived.group = group_hash(group_of(arrived.envelope));
  join_arrived(arrived, arrived.luggage.sent, fact, state);
}

/// Retention and delay begin anew (spec/sqs.md §8).
void apply_arrived_in_order(const Fact& fact, State& state) {
  join_arrived(ArrivedFact::read(fact.payload, true), fact.time, fact, state);
}

void record_receive(const LeasedFact& leased, std::uint32_t count, Time at, Held& held) {
  if (held.message.receive_count == 0) {
    held.message.first_received = at;
  }
  // A receive that was lost in a crash and is recorded late may be counted already, by one of another ownership.
  held.message.receive_count = std::max(held.message.receive_count, count);
  held.received_at = at;
  held.epoch = leased.epoch;
  held.count = count;
  held.stays = false;
}

void apply_leased(const Fact& fact, State& state) {
  LeasedFact::read(fact.payload, [&](const LeasedFact& leased, const LeasedFact::One& one) {
    const Time deadline = fact.time + leased.timeout;
    const bool is_first = !state.order && state.ready.starts_with(one.number);
    const bool waited = is_first || state.leases.find(one.number) == nullptr;
    state.returned_next = is_first || (waited && state.returned.find(one.number) == nullptr);
    if (state.returned_next) {
      state.fair_turn = (state.fair_turn + 1) % noisy_turn;
    }
    if (waited) {
      Held held = held_of(state.take_waiting(one.number), fact.time);
      record_receive(leased, one.count, fact.time, held);
      state.leases.hold(held, deadline);
    } else {
      record_receive(leased, one.count, fact.time, state.leases.change(one.number, deadline));
    }
    if (state.order) {
      state.order->received(state.leases.find(one.number)->message, waited, state);
    }
  });
}

void apply_extended(const Fact& fact, State& state) {
  const ExtendedFact extended = ExtendedFact::read(fact.payload);
  const Held& held = state.leases.change(extended.number, fact.time + extended.timeout);
  if (state.order) {
    state.order->lease_changed(held.message, state);
  }
}

void apply_ended(const Fact& fact, State& state) {
  Numbers::read(fact.payload, [&](std::uint64_t number) {
    const bool was_held = state.leases.find(number) != nullptr;
    const Waiting message = was_held ? state.leases.take(number).message : state.take_waiting(number);
    if (state.order) {
      state.order->ended(message, was_held, state);
    }
  });
}

void apply_lifted(const Fact& fact, State& state) {
  const LiftedFact lifted = LiftedFact::read(fact.payload);
  Chain& chain = state.chain_made(lifted.chain);
  if (lifted.block == 0) {
    chain.take(lifted.message.number);
  } else {
    chain.lift(lifted.block, lifted.message.number);
  }
  if (is_delay(lifted.chain) || is_apart(lifted.chain)) {
    state.drop_if_empty(lifted.chain);
    state.derive();
  }
  state.oldest_joined = std::min(state.oldest_joined, lifted.message.joined);
  state.leases.hold(held_of(lifted.message, fact.time), fact.time);
}

void apply_ticked(const Fact& fact, State& state) {
  const bool look_for_expired = TickedFact::read(fact.payload).look_for_expired;
  if (!state.exists) {
    return;  // the time for which its name is kept is over
  }
  state.move_due(fact.time);
  if (look_for_expired) {
    state.look_for_expired(fact.time);
  }
  state.derive();
}

void apply_paged_out(const Fact& fact, State& state) {
  std::string_view index;
  const PagedOutFact paged_out = PagedOutFact::read(fact.payload, index);
  check(paged_out.block == state.block_next, "blocks are numbered in order");
  ++state.block_next;
  Chain& chain = state.chain_made(paged_out.chain);
  std::vector<Waiting> cut_off;
  if (state.order && chain.blocks().empty()) {
    cut_off = chain.head().slice(paged_out.keep, chain.head().size() - paged_out.keep);
  }
  chain.page_out(paged_out.block, fact.reference(index), {paged_out.keep, paged_out.count});
  if (!cut_off.empty()) {
    state.order->cut_off(chain.head().empty() ? 0 : chain.head().back().number, cut_off, state);
  }
  if (is_delay(paged_out.chain) || is_apart(paged_out.chain)) {
    state.derive();
  }
}

void apply_paged_in(const Fact& fact, State& state) {
  const PagedInFact paged_in = PagedInFact::read(fact.payload);
  Chain& chain = state.chain_made(paged_in.chain);
  chain.page_in(paged_in.block, paged_in.messages);
  for (const Waiting& message : paged_in.messages) {
    state.oldest_joined = std::min(state.oldest_joined, message.joined);
  }
  if (state.order) {
    state.order->head_extended(state);
  }
  if (is_delay(paged_in.chain) || is_apart(paged_in.chain)) {
    state.drop_if_empty(paged_in.chain);
    state.derive();
  }
}

void apply_ids_paged_out(const Fact& fact, State& state) {
  std::string_view records;
  const IdsPagedOutFact paged_out = IdsPagedOutFact::read(fact.payload, records);
  check(paged_out.block == state.block_next, "blocks are numbered in order");
  ++state.block_next;
  state.order->ids.page_out(paged_out.block, fact.reference(records), paged_out.count);
}

void apply_attempted(const Fact& fact, State& state) {
  std::vector<std::uint64_t> numbers;
  const AttemptedFact attempted = AttemptedFact::read(fact.payload, numbers);
  state.order->attempts.add(attempted.id, fact.time, std::move(numbers));
}

void apply_repeated(const Fact& fact, State& state) {
  const RepeatedFact repeated = RepeatedFact::read(fact.payload);
  Attempts& attempts = state.order->attempts;
  const std::vector<std::uint64_t>* known = attempts.find(repeated.id, fact.time);
  check(known != nullptr, "a receive that is repeated is known");
  const std::vector<std::uint64_t> numbers = *known;
  const Time first_at = attempts.time_of(repeated.id);
  for (const std::uint64_t number : numbers) {
    state.order->lease_changed(state.leases.change(number, fact.time + repeated.timeout).message, state);
  }
  if (repeated.timeout.count() > 0) {
    attempts.add(repeated.id, first_at, numbers);
  }
}

void apply_queued_again(const Fact& fact, State& state) {
  Numbers::read(fact.payload,
                [&](std::uint64_t number) { state.returned.push(state.leases.take(number).as_waiting()); });
}

void apply_dead_lettered(const Fact& fact, State& state) {
  Numbers::read(fact.payload, [&](std::uint64_t number) {
    const Held held = state.take_any(number, fact.time);
    state.leaving[number] = {held};
    if (state.order) {
      state.order->ended(held.message, true, state);
    }
  });
}

void apply_departed(const Fact& fact, State& state) {
  Numbers::read(fact.payload, [&](std::uint64_t token) {
    check(state.leaving.erase(token) == 1, "what departed was leaving");
    state.moves.settle(token, true);
  });
}

void apply_turned_back(const Fact& fact, State& state) {
  Numbers::read(fact.payload, [&](std::uint64_t token) {
    const auto at = state.leaving.find(token);
    check(at != state.leaving.end(), "what is turned back was leaving");
    Leaving message = at->second;
    state.leaving.erase(at);
    state.moves.settle(token, false);
    if (!message.purged) {
      message.held.stays = true;
      state.oldest_joined = std::min(state.oldest_joined, message.held.message.joined);
      state.leases.hold(message.held, fact.time);
      if (state.order) {
        state.order->held_again(message.held.message, state);
      }
    }
  });
}

using Apply = void (*)(const Fact&, State&);

Apply apply_of(FactKind kind) {
  switch (kind) {
    case FactKind::created:
      return apply_created;
    case FactKind::configured:
      return apply_configured;
    case FactKind::removed:
      return apply_removed;
    case FactKind::purged:
      return apply_purged;
    case FactKind::tagged:
      return apply_tagged;
    case FactKind::accepted:
      return apply_accepted;
    case FactKind::arrived:
      return apply_arrived;
    case FactKind::accepted_in_order:
      return apply_accepted_in_order;
    case FactKind::arrived_in_order:
      return apply_arrived_in_order;
    case FactKind::leased:
      return apply_leased;
    case FactKind::extended:
      return apply_extended;
    case FactKind::deleted:
      return apply_ended;
    case FactKind::expired:
      return apply_ended;
    case FactKind::lifted:
      return apply_lifted;
    case FactKind::attempted:
      return apply_attempted;
    case FactKind::repeated:
      return apply_repeated;
    case FactKind::ticked:
      return apply_ticked;
    case FactKind::paged_out:
      return apply_paged_out;
    case FactKind::paged_in:
      return apply_paged_in;
    case FactKind::ids_paged_out:
      return apply_ids_paged_out;
    case FactKind::queued_again:
      return apply_queued_again;
    case FactKind::set_apart:
      return apply_set_apart;
    case FactKind::dead_lettered:
      return apply_dead_lettered;
    case FactKind::departed:
      return apply_departed;
    case FactKind::turned_back:
      return apply_turned_back;
    case FactKind::move_started:
      return apply_move_started;
    case FactKind::moved_out:
      return apply_moved_out;
    case FactKind::move_ended:
      return apply_move_ended;
  }
  return nullptr;
}

}  // namespace

void apply(const Fact& fact, State& state) {
  const FactKind kind = static_cast<FactKind>(fact.kind);
  const Apply apply_it = apply_of(kind);
  check(apply_it != nullptr, "a fact's kind is known");
  check(state.exists || kind == FactKind::created || (kind == FactKind::ticked && state.keeps_name(state.now)),
        "facts tell of a queue that exists");
  check(kind != FactKind::created || !state.was_removed(), "a queue that was removed is not made again");
  state.pass_time(fact.time);
  apply_it(fact, state);
  if (state.order) {
    state.order->catch_up(state);
  }
}

}  // namespace sluice::queue
