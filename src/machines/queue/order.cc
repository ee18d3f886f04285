#include "machines/queue/order.h"

#include <algorithm>

#include "base/check.h"
#include "machines/queue/state.h"

namespace sluice::queue {
namespace {

bool is_due(const Waiting& message, const State& state, Time now) {
  return message.joined + state.settings.delay <= now;
}

}  // namespace

DeduplicationScope Order::scope(const State& state, Time at) const {
  return at < scope_in_force_at ? scope_before : state.settings.deduplication_scope;
}

void Order::time_passed(const State& state, Leases::Order::const_iterator came_back) {
  ids.forget(state.now);
  if (came_back == state.leases.end()) {
    return;
  }
  catch_up(state);  // what became due until now stands before what comes back now
  for (; came_back != state.leases.end(); ++came_back) {
    attempts.touched(came_back->second);
    settle(state.leases.find(came_back->second)->message.group, state);
  }
}

void Order::configured(const Settings& before, const State& state) {
  if (before.deduplication_scope != state.settings.deduplication_scope) {
    if (scope_in_force_at <= state.now) {
      scope_before = before.deduplication_scope;
    }
    scope_in_force_at = state.now + deduplication_scope_delay;
  }
  if (before.delay != state.settings.delay) {
    rebuild(state, groups.turns());
  }
}

void Order::received(const Waiting& message, bool waited, const State& state) {
  attempts.touched(message.number);
  if (waited) {
    groups.wait_no_more(message.group, message.number);
    groups.hold(message.group, message.number);
  }
  groups.lock(message.group);
  settle(message.group, state);
}

void Order::lease_changed(const Waiting& message, const State& state) {
  attempts.touched(message.number);
  settle(message.group, state);
}

void Order::held_again(const Waiting& message, const State& state) {
  groups.hold(message.group, message.number);
  settle(message.group, state);
}

void Order::ended(const Waiting& message, bool was_held, const State& state) {
  if (was_held) {
    attempts.touched(message.number);
    groups.hold_no_more(message.group, message.number);
    settle(message.group, state);
  } else if (message.number <= due_through) {
    groups.wait_no_more(message.group, message.number);
    settle(message.group, state);
  }
}

void Order::cut_off(std::uint64_t last_kept, const std::vector<Waiting>& messages, const State& state) {
  for (const Waiting& message : messages) {
    if (message.number <= due_through) {
      groups.wait_no_more(message.group, message.number);
      settle(message.group, state);
    }
  }
  due_through = std::min(due_through, last_kept);
}

void Order::head_extended(const State& state) {
  head_wanted = std::max<std::uint64_t>(head_wanted, state.ready.head().size());
}

void Order::rebuild(const State& state, const Groups::Turns& turns) {
  groups.clear_groups();
  due_through = 0;
  state.leases.each([&](const Held& held) { groups.hold(held.message.group, held.message.number); });
  for (const Waiting& message : state.ready.head()) {
    if (!is_due(message, state, state.now)) {
      break;
    }
    groups.wait(message.group, message.number);
    due_through = message.number;
  }
  groups.settle_all(state.leases, turns);
}

void Order::clear() {
  groups.clear_groups();
  ids.clear();
  attempts.clear();
  due_through = head_wanted = 0;
}

void Order::catch_up(const State& state) {
  const Window& head = state.ready.head();
  if (head.size() * 2 < head_wanted) {
    head_wanted = head.size();
  }
  if (head.empty() || head.back().number <= due_through) {
    return;
  }
  for (auto at = head.after(due_through); at != head.end() && is_due(*at, state, state.now); ++at) {
    groups.wait(at->group, at->number);
    due_through = at->number;
    settle(at->group, state);
  }
}

void Order::settle(std::uint64_t group, const State& state) { groups.settle(group, state.leases, last_due(state)); }

/// A number behind which no message is due, and before which all are but some of a block.
std::uint64_t Order::last_due(const State& state) const {
  const Chain& chain = state.ready;
  if (state.settings.delay.count() == 0) {
    return state.number_next - 1;
  }
  if (const auto next = chain.head().after(due_through); next != chain.head().end()) {
    return next->number - 1;
  }
  const Time limit = state.now - state.settings.delay;
  const auto block =
      std::ranges::partition_point(chain.blocks(), [&](const Block& one) { return one.joined_max <= limit; });
  if (block != chain.blocks().end()) {
    return block->number_min - 1;
  }
  const auto next = chain.tail().behind([&](const Waiting& message) { return message.joined <= limit; });
  return next != chain.tail().end() ? next->number - 1 : state.number_next - 1;
}

Time Order::due(const State& state) const {
  const Chain& chain = state.ready;
  if (const auto next = chain.head().after(due_through); next != chain.head().end()) {
    return next->joined + state.settings.delay;
  }
  const Time block_due = chain.blocks().empty() ? never : chain.blocks().front().joined_min + state.settings.delay;
  return block_due > state.now ? block_due : never;
}

bool Order::may_read_on(const State& state, std::size_t messages_max, Time now) const {
  const Chain& chain = state.ready;
  return !chain.blocks().empty() && chain.head().size() < messages_max &&
         chain.blocks().front().joined_min + state.settings.delay <= now;
}

void Order::save(Writer& out) const {
  out.varint(groups.releases);
  groups.save(out);
  out.varint(head_wanted);
  out.u8(static_cast<std::uint8_t>(scope_before));
  out.svarint(to_milliseconds(scope_in_force_at));
  ids.save(out);
  attempts.save(out);
}

bool Order::load(Reader& in, const State& state, bool tags_are_relative) {
  groups.releases = in.varint();
  const Groups::Turns turns = Groups::load_turns(in);
  head_wanted = in.varint();
  scope_before = static_cast<DeduplicationScope>(in.u8());
  scope_in_force_at = from_milliseconds(in.svarint());
  if (!ids.load(in, tags_are_relative) || !attempts.load(in)) {
    return false;
  }
  rebuild(state, turns);
  return in.ok();
}

void Order::invariants(const State& state) const {
  groups.invariants(state.leases);
  ids.invariants(state.block_next);
  attempts.invariants();
  std::size_t waiting = 0;
  for (const Waiting& message : state.ready.head()) {
    const bool due = is_due(message, state, state.now);
    check(due == (message.number <= due_through), "of the head, what is due is known");
    if (due) {
      const Groups::Group* group = groups.find(message.group);
      check(group != nullptr && std::ranges::binary_search(group->waiting, message.number),
            "a message that is due is in its group");
      ++waiting;
    }
  }
  check(groups.waiting() == waiting, "groups hold no other messages");
  check(state.delayed.empty(), "the messages of an ordered queue are all in one chain");
}

}  // namespace sluice::queue
