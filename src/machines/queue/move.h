#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "machines/machine.h"
#include "machines/queue/commands.h"
#include "machines/queue/waiting.h"

/// Move tasks: messages that leave for another queue because they were told to (spec/sqs.md §9). Each leaves by the
/// cell's outbox as a dead letter does, so there is exactly one of it at every moment.
namespace sluice::queue {

struct State;

/// How many may be on their way at a time: two letters of the node's transfer, so that one travels while one is packed.
inline constexpr std::size_t moves_under_way_max = 128;
inline constexpr std::size_t moves_per_step_max = 64;
/// A rated task moves a tenth of its rate each tenth of a second.
inline constexpr std::uint32_t move_steps_per_second = 10;
/// Before the next try when the outbox is full of others' messages.
inline constexpr Milliseconds move_try_again{100};
/// Blocks with this bit are envelopes: of the message with the number that the other bits are.
inline constexpr std::uint64_t envelope_block = std::uint64_t{1} << 63;

/// A queue's move tasks: part of its state, changed by facts only.
struct Moves {
  struct Task : MoveTask {
    std::uint64_t number = 0;      ///< counts up from 1 per queue
    std::uint64_t number_end = 0;  ///< messages from this number on came after its start: they stay
    std::uint64_t under_way = 0;   ///< left and not answered yet
  };

  std::deque<Task> tasks;                            ///< the oldest first; the last may be active
  std::map<std::uint64_t, std::uint64_t> under_way;  ///< token of a message that left, number of the task that sent it
  std::uint64_t task_next = 1;
  Time next_at;  ///< nothing leaves before

  const Task* running() const {
    return !tasks.empty() && tasks.back().status == MoveStatus::running ? &tasks.back() : nullptr;
  }
  bool active() const { return !tasks.empty() && (running() != nullptr || is_cancelling(tasks.back())); }
  bool sent(std::uint64_t token) const { return under_way.contains(token); }
  /// As callers are told: `cancelling` while something is on its way.
  static MoveTask shown(const Task& task);

  /// The message was taken, or came back.
  void settle(std::uint64_t token, bool taken);

  void save(Writer& out) const;
  bool load(Reader& in);
  void invariants() const;

 private:
  static bool is_cancelling(const Task& task) { return task.status == MoveStatus::cancelled && task.under_way > 0; }
};

/// When the running task has something to do; `never` without one, or while it waits for an answer or for a block.
Time move_deadline(const State& state);
/// The envelope that must be read to know where the next message goes.
std::optional<machines::NeedsBlock> wanted_envelope(const State& state);

/// Whether an ordered queue's head must become longer for the task that runs: the groups in it are locked.
bool reads_on_to_move(const State& state);
/// Whether the task that runs has nothing left to do.
bool all_moved(const State& state, Time now);

void apply_move_started(const machines::Fact& fact, State& state);
void apply_moved_out(const machines::Fact& fact, State& state);
void apply_move_ended(const machines::Fact& fact, State& state);

/// The messages, visible and in memory, that the running task may move next, at most so many.
std::vector<const Waiting*> movable(const State& state, Time now, std::size_t count_max);

}  // namespace sluice::queue
