#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "base/time.h"

namespace sluice::io {

using Work = std::move_only_function<void()>;
using TimerId = std::uint64_t;

/// One core's event loop: a thread that runs what is posted to it, one piece after another. Real (Asio) in the server,
/// simulated (one seeded loop of all cores) in the simulation.
class Loop {
 public:
  virtual ~Loop() = default;

  /// Runs `work` on the loop's thread, in the order of the calls of one thread. From any thread. Unbounded: whoever
  /// posts what a client causes bounds it first.
  virtual void post(Work work) = 0;

  /// Runs `work` once on the loop's thread after `delay`. From the loop's thread only, as is `cancel`. A cancelled or
  /// spent id is ignored. Ids are never 0.
  virtual TimerId after(Milliseconds delay, Work work) = 0;
  virtual void cancel(TimerId timer) = 0;
};

/// Both clocks of one machine; from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::chrono::nanoseconds monotonic() const = 0;
  /// Milliseconds since the Unix epoch; may jump.
  virtual Time wall() const = 0;
};

/// A background thread that runs blocking jobs (writes, flushes, cold reads) in the order given. From any thread; jobs
/// tell their end by posting to a loop. The journal's flusher has one of its own.
class Worker {
 public:
  virtual ~Worker() = default;
  virtual void submit(Work job) = 0;
};

}  // namespace sluice::io
