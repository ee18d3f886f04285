#include "machines/queue/move.h"

#include <algorithm>

#include "base/check.h"
#include "machines/queue/move_facts.h"
#include "machines/queue/state.h"

namespace sluice::queue {
namespace {

bool may_move(const Moves::Task& task, const Waiting& message, Time limit) {
  return message.number < task.number_end && !message.expired(limit);
}

void save_task(Writer& out, const Moves::Task& task) {
  out.varint(task.number);
  out.text(task.id);
  out.text(task.destination);
  out.varint(task.rate_max);
  out.svarint(to_milliseconds(task.started_at));
  out.varint(task.to_move);
  out.varint(task.moved);
  out.u8(static_cast<std::uint8_t>(task.status));
  out.u8(static_cast<std::uint8_t>(task.failure));
  out.varint(task.number_end);
}

Moves::Task load_task(Reader& in) {
  Moves::Task task;
  task.number = in.varint();
  task.id = in.text();
  task.destination = in.text();
  task.rate_max = static_cast<std::uint32_t>(in.varint());
  task.started_at = from_milliseconds(in.svarint());
  task.to_move = in.varint();
  task.moved = in.varint();
  task.status = static_cast<MoveStatus>(in.u8());
  task.failure = static_cast<MoveFailure>(in.u8());
  task.number_end = in.varint();
  return task;
}

/// Of a group, what stands before its first hidden message. False: no more is wanted.
template <class Look>
bool each_in_order(const Groups::Group& group, const State& state, Look look) {
  for (const std::uint64_t number : group.received) {
    if (!state.leases.is_visible(number)) {
      return true;
    }
    if (!look(state.leases.find(number)->message)) {
      return false;
    }
  }
  return std::ranges::all_of(group.waiting,
                             [&](std::uint64_t number) { return look(*state.ready.head().find(number)); });
}

}  // namespace

MoveTask Moves::shown(const Task& task) {
  MoveTask shown = static_cast<const MoveTask&>(task);
  if (is_cancelling(task)) {
    shown.status = MoveStatus::cancelling;
  }
  return shown;
}

void Moves::settle(std::uint64_t token, bool taken) {
  const auto at = under_way.find(token);
  if (at == under_way.end()) {
    return;
  }
  const auto task = std::ranges::find(tasks, at->second, &Task::number);
  under_way.erase(at);
  if (task != tasks.end()) {  // else it is forgotten already
    --task->under_way;
    task->moved += taken ? 1 : 0;
  }
}

void Moves::save(Writer& out) const {
  out.varint(task_next);
  out.svarint(to_milliseconds(next_at));
  out.varint(tasks.size());
  for (const Task& task : tasks) {
    save_task(out, task);
  }
  out.varint(under_way.size());
  for (const auto& [token, task] : under_way) {
    out.varint(token);
    out.varint(task);
  }
}

bool Moves::load(Reader& in) {
  task_next = in.varint();
  next_at = from_milliseconds(in.svarint());
  const std::uint64_t saved = in.varint();
  for (std::uint64_t i = 0; i < saved && in.ok(); ++i) {
    tasks.push_back(load_task(in));
  }
  const std::uint64_t away = in.varint();
  for (std::uint64_t i = 0; i < away && in.ok(); ++i) {
    const std::uint64_t token = in.varint();
    under_way[token] = in.varint();
  }
  for (Task& task : tasks) {
    task.under_way = static_cast<std::uint64_t>(
        std::ranges::count_if(under_way, [&](const auto& sent) { return sent.second == task.number; }));
  }
  return in.ok();
}

void Moves::invariants() const {
  check(tasks.size() <= move_tasks_max, "the remembered move tasks are bounded");
  check(under_way.size() <= move_tasks_max * moves_under_way_max, "what moves at a time is bounded");
  std::uint64_t last = 0;
  for (const Task& task : tasks) {
    check(task.number > last && task.number < task_next, "the numbers of move tasks rise");
    check(task.under_way <= moves_under_way_max, "what one task moves at a time is bounded");
    check(&task == &tasks.back() || task.status != MoveStatus::running, "only the newest move task runs");
    last = task.number;
  }
}

std::vector<const Waiting*> movable(const State& state, Time now, std::size_t count_max) {
  std::vector<const Waiting*> found;
  const Moves::Task* task = state.moves.running();
  if (task == nullptr || count_max == 0) {
    return found;
  }
  const Time limit = state.expiry_limit(now);
  std::size_t looks_left = state.options.looks_max;
  const auto look = [&](const Waiting& message) {
    if (may_move(*task, message, limit)) {
      found.push_back(&message);
    }
    return found.size() < count_max && --looks_left > 0;
  };
  if (state.order) {
    state.order->groups.each_free([&](const Groups::Group& group) {
      return each_in_order(group, state, [&](const Waiting& message) { return look(message); });
    });
    return found;
  }
  for (const Waiting& message : state.returned.head()) {
    if (!look(message)) {
      return found;
    }
  }
  for (auto at = state.leases.begin(); at != state.leases.end(); ++at) {
    if (!look(state.leases.find(at->second)->message)) {
      return found;
    }
  }
  for (const Waiting& message : state.ready.head()) {
    if (!look(message)) {
      return found;
    }
  }
  for (const auto& [key, chain] : state.apart) {
    if (!std::ranges::all_of(chain.head(), look)) {
      return found;
    }
  }
  return found;
}

bool reads_on_to_move(const State& state) {
  return state.order && state.moves.running() != nullptr &&
         state.order->may_read_on(state, state.options.locked_messages_max, state.now) &&
         state.ready.blocks().front().number_min < state.moves.running()->number_end &&
         movable(state, state.now, 1).empty();
}

// With nothing to move in memory there may be more in a block, which is read ahead, or behind what has expired, which a
// tick drops.
bool all_moved(const State& state, Time now) {
  const auto no_more = [&](const Chain& chain) {
    const Window& head = chain.head();
    return head.empty() ? chain.empty() : !head.front().expired(state.expiry_limit(now));
  };
  return no_more(state.ready) && no_more(state.returned) &&
         std::ranges::all_of(state.apart, [&](const auto& entry) { return no_more(entry.second); }) &&
         !reads_on_to_move(state) && state.moves.running()->under_way == 0 && movable(state, now, 1).empty();
}

Time move_deadline(const State& state) {
  const Moves::Task* task = state.moves.running();
  if (task == nullptr) {
    return never;
  }
  const Time over = task->started_at + move_lasts_max;
  if (movable(state, state.now, 1).empty()) {
    return all_moved(state, state.now) ? state.now : over;
  }
  if (task->under_way >= moves_under_way_max) {
    return over;
  }
  // Where it goes is read in its envelope: once the time has come, that is what is waited for.
  const bool waits_for_envelope = task->destination.empty() && state.now >= state.moves.next_at;
  return waits_for_envelope ? over : std::min(over, std::max(state.now, state.moves.next_at));
}

std::optional<machines::NeedsBlock> wanted_envelope(const State& state) {
  const Moves::Task* task = state.moves.running();
  if (task == nullptr || !task->destination.empty() || task->under_way >= moves_under_way_max ||
      state.now < state.moves.next_at) {
    return std::nullopt;
  }
  const std::vector<const Waiting*> next = movable(state, state.now, 1);
  if (next.empty()) {
    return std::nullopt;
  }
  return machines::NeedsBlock{envelope_block | next.front()->number, next.front()->body};
}

void apply_move_started(const machines::Fact& fact, State& state) {
  const MoveStartedFact started = MoveStartedFact::read(fact.payload);
  Moves& moves = state.moves;
  check(!moves.active(), "one move task runs at a time");
  Moves::Task& task = moves.tasks.emplace_back();
  task.number = moves.task_next++;
  task.id = started.id;
  task.destination = started.destination;
  task.rate_max = started.rate_max;
  task.started_at = fact.time;
  task.to_move = state.counts(fact.time).visible;
  task.number_end = state.number_next;
  moves.next_at = fact.time;
  if (moves.tasks.size() > move_tasks_max) {
    moves.tasks.pop_front();
  }
}

void apply_moved_out(const machines::Fact& fact, State& state) {
  check(state.moves.running() != nullptr, "messages move while a task runs");
  Moves::Task& task = state.moves.tasks.back();
  const MovedOutFact moved_out = MovedOutFact::read(fact.payload, [&](std::uint64_t number) {
    const bool was_held = state.leases.find(number) != nullptr;
    const Held held = state.take_any(number, fact.time);
    if (state.order) {
      state.order->ended(held.message, was_held, state);
    }
    state.leaving[number] = {held};
    state.moves.under_way[number] = task.number;
    ++task.under_way;
  });
  state.moves.next_at = fact.time + moved_out.pause;
}

void apply_move_ended(const machines::Fact& fact, State& state) {
  check(state.moves.running() != nullptr, "a move task that runs ends");
  const MoveEndedFact ended = MoveEndedFact::read(fact.payload);
  state.moves.tasks.back().status = ended.status;
  state.moves.tasks.back().failure = ended.failure;
}

}  // namespace sluice::queue
