#include <algorithm>

#include "machines/queue/decide.h"
#include "machines/queue/message.h"
#include "machines/queue/move.h"
#include "machines/queue/move_facts.h"

namespace sluice::queue {
namespace {

/// How many of a task may leave in one step, and how long after them nothing does.
std::size_t step_messages(const Moves::Task& task) {
  const std::size_t free = moves_under_way_max - std::min<std::size_t>(task.under_way, moves_under_way_max);
  const std::size_t step =
      task.rate_max == 0 ? moves_per_step_max : std::max<std::size_t>(1, task.rate_max / move_steps_per_second);
  return std::min({free, step, moves_per_step_max});
}
Milliseconds pause_after(const Moves::Task& task, std::size_t messages) {
  const std::uint64_t rate = task.rate_max;
  return Milliseconds(rate == 0 ? 0 : (messages * 1'000 + rate - 1) / rate);
}

void tell_ended(MoveStatus status, MoveFailure failure, const Decision& decision) {
  decision.tell(FactKind::move_ended, [&](Writer& out) { MoveEndedFact{status, failure}.write(out); });
}

void tell_moved_out(const std::vector<std::uint64_t>& numbers, Milliseconds pause, const std::string& destination,
                    const Decision& decision) {
  decision.tell(FactKind::moved_out, [&](Writer& out) { MovedOutFact{pause}.write(out, numbers); });
  for (const std::uint64_t number : numbers) {
    decision.departures.push_back({destination, number});
  }
}

/// Sends these away; with a full outbox none, and soon again.
void tell_step(const Moves::Task& task, std::vector<std::uint64_t> numbers, const std::string& destination,
               const Decision& decision) {
  numbers.resize(std::min(numbers.size(), decision.moment.departures_free));
  const Milliseconds pause = numbers.empty() ? move_try_again : pause_after(task, numbers.size());
  tell_moved_out(numbers, pause, destination, decision);
}

std::unique_ptr<MoveTasks> just(MoveTask task) {
  auto reply = std::make_unique<MoveTasks>();
  reply->tasks.push_back(std::move(task));
  return reply;
}

}  // namespace

Outcome decide(const StartMove& command, const Decision& decision) {
  const State& state = decision.state;
  if (!state.exists) {
    return Refusal{Reason::not_found, {}};
  }
  if (state.moves.active()) {
    return Refusal{Reason::task_active, {}};
  }
  decision.tell(FactKind::move_started,
                [&](Writer& out) { MoveStartedFact{command.task, command.destination, command.rate_max}.write(out); });
  MoveTask task;
  task.id = command.task;
  task.destination = command.destination;
  task.rate_max = command.rate_max;
  task.started_at = decision.moment.now;
  task.to_move = state.counts(decision.moment.now).visible;
  return just(std::move(task));
}

Outcome decide(const ListMoves&, const Decision& decision) {
  const State& state = decision.state;
  if (!state.exists) {
    return Refusal{Reason::not_found, {}};
  }
  auto reply = std::make_unique<MoveTasks>();
  for (auto task = state.moves.tasks.rbegin(); task != state.moves.tasks.rend(); ++task) {
    reply->tasks.push_back(Moves::shown(*task));
  }
  return reply;
}

Outcome decide(const CancelMove& command, const Decision& decision) {
  const State& state = decision.state;
  if (!state.exists) {
    return Refusal{Reason::not_found, {}};
  }
  const auto task = std::ranges::find(state.moves.tasks, command.task, &Moves::Task::id);
  if (task == state.moves.tasks.end()) {
    return Refusal{Reason::task_unknown, {}};
  }
  if (task->status != MoveStatus::running) {
    return Refusal{Reason::task_over, {}};
  }
  tell_ended(MoveStatus::cancelled, MoveFailure::none, decision);
  MoveTask cancelled = static_cast<const MoveTask&>(*task);
  cancelled.status = task->under_way > 0 ? MoveStatus::cancelling : MoveStatus::cancelled;
  return just(std::move(cancelled));
}

void tell_moves(const Decision& decision) {
  const State& state = decision.state;
  const Time now = decision.moment.now;
  const Moves::Task* task = state.moves.running();
  if (task == nullptr) {
    return;
  }
  if (now >= task->started_at + move_lasts_max) {
    tell_ended(MoveStatus::failed, MoveFailure::too_long, decision);
    return;
  }
  if (all_moved(state, now)) {
    tell_ended(MoveStatus::completed, MoveFailure::none, decision);
    return;
  }
  const std::vector<const Waiting*> next = movable(state, now, step_messages(*task));
  if (next.empty() || task->destination.empty() || now < state.moves.next_at) {
    return;  // without a destination, envelopes are wanted from the next fact on
  }
  std::vector<std::uint64_t> numbers;
  std::ranges::transform(next, std::back_inserter(numbers), &Waiting::number);
  tell_step(*task, std::move(numbers), task->destination, decision);
}

void tell_moved(const machines::BlockRead& command, const Decision& decision) {
  const std::optional<machines::NeedsBlock> wanted = wanted_envelope(decision.state);
  if (!wanted || wanted->block != command.block) {
    return;  // it has been received, or the task is over
  }
  const auto envelope = decision.moment.blocks.find(command.block);
  const std::optional<Message> message =
      envelope == decision.moment.blocks.end() ? std::nullopt : decode(envelope->second);
  if (!message) {
    tell_ended(MoveStatus::failed, MoveFailure::unreadable, decision);
  } else if (message->dead_letter_source.empty()) {
    tell_ended(MoveStatus::failed, MoveFailure::no_source, decision);
  } else {
    tell_step(*decision.state.moves.running(), {command.block & ~envelope_block}, message->dead_letter_source,
              decision);
  }
}

void tell_move_refused(const machines::TurnedBack& command, const Decision& decision) {
  const Moves& moves = decision.state.moves;
  const auto sent = moves.under_way.find(command.token);
  if (sent == moves.under_way.end() || moves.running() == nullptr || moves.running()->number != sent->second) {
    return;
  }
  const bool gone = command.reason == Reason::not_found;
  tell_ended(MoveStatus::failed, gone ? MoveFailure::no_destination : MoveFailure::unreadable, decision);
}

}  // namespace sluice::queue
