#pragma once

#include "base/task.h"
#include "doors/aws/cloudwatch/history.h"
#include "io/loop.h"
#include "node/node.h"

namespace sluice::cloudwatch {

/// Brings the present minute of the history up to date.
Task<bool> refresh(node::Gate& gate, History& history, std::size_t queues_max);

/// Closes each minute of the history when it ends. One in a process, on one core's loop; all outlive it and the loop's
/// running.
class Sampler {
 public:
  Sampler(node::Gate& gate, io::Loop& loop, History& history, std::size_t queues_max)
      : gate_(gate), loop_(loop), history_(history), queues_max_(queues_max) {}
  /// On the loop's thread, or before it runs.
  void begin();

 private:
  void minute_ended();
  Task<bool> close(std::chrono::sys_time<std::chrono::minutes> minute);

  node::Gate& gate_;
  io::Loop& loop_;
  History& history_;
  const std::size_t queues_max_;
};

}  // namespace sluice::cloudwatch
