#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "machines/queue/stage.h"

/// What tests of move tasks say to a Stage.
namespace sluice::queue {

inline MoveTask start(Stage& stage, const std::string& id, const std::string& destination, std::uint32_t rate_max = 0) {
  StartMove command;
  command.task = id;
  command.destination = destination;
  command.rate_max = rate_max;
  return stage.ask<MoveTasks>(command)->tasks.at(0);
}

inline std::vector<MoveTask> list(Stage& stage) { return stage.ask<MoveTasks>(ListMoves{})->tasks; }

inline MoveTask cancel(Stage& stage, const std::string& id) {
  CancelMove command;
  command.task = id;
  return stage.ask<MoveTasks>(command)->tasks.at(0);
}

/// "status moved/to move", of the newest.
inline std::string state_of(Stage& stage) {
  static const char* const names[] = {"running", "completed", "cancelling", "cancelled", "failed"};
  const MoveTask task = list(stage).at(0);
  return std::string(names[static_cast<int>(task.status)]) + " " + std::to_string(task.moved) + "/" +
         std::to_string(task.to_move);
}

template <class Answer>
void answer(Stage& stage, std::uint64_t token, Reason reason = Reason::not_found) {
  Answer command;
  command.token = token;
  if constexpr (requires { command.reason; }) {
    command.reason = reason;
  }
  ASSERT_TRUE(std::holds_alternative<std::unique_ptr<Reply>>(stage.give(command)));
}

/// Everything that left and was not answered yet is taken.
inline void take_all(Stage& stage, std::size_t& answered) {
  while (answered < stage.departures.size()) {
    answer<machines::Departed>(stage, stage.departures[answered++].token);
  }
}

}  // namespace sluice::queue
