#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/random.h"
#include "io/loop.h"

/// Time, loops and background threads of one simulated process: one seeded queue of events, run on one thread, so that
/// a seed is a whole life. What is posted to one loop runs in the order of the posts; different loops and workers
/// interleave by the seed.
namespace sluice::io {

class SimulatedWorld {
 public:
  explicit SimulatedWorld(std::uint64_t seed);
  ~SimulatedWorld();
  SimulatedWorld(const SimulatedWorld&) = delete;
  SimulatedWorld& operator=(const SimulatedWorld&) = delete;

  /// Live until `end_process` or the world's end.
  Loop& make_loop();
  /// Each job takes a random time up to `job_time_max` and runs at the end of it.
  Worker& make_worker(std::chrono::nanoseconds job_time_max);
  const Clock& clock() const;

  /// Runs the next event; false when there is none.
  bool step();
  /// Runs what happens until `span` has passed; the time has then passed, whether or not anything happened.
  void run_for(std::chrono::nanoseconds span);
  std::chrono::nanoseconds now() const { return now_; }
  /// The wall clock is set, as an operator or NTP does; the monotonic one is not.
  void set_wall_forward(Milliseconds by);

  /// The jobs of every worker that is made or was made take this much longer (a slow device).
  void slow_down(std::chrono::nanoseconds extra) { extra_job_time_ = extra; }

  /// The process ends here: all that was posted is dropped, loops and workers are gone. Time goes on.
  void end_process();

 private:
  class SimulatedLoop;
  class SimulatedWorker;
  class SimulatedClock;
  using Key = std::pair<std::int64_t, std::uint64_t>;  // time in nanoseconds, then order of the calls

  Key add(std::chrono::nanoseconds at, Work work);

  Random random_;
  std::chrono::nanoseconds now_{0};
  std::chrono::nanoseconds extra_job_time_{0};
  Milliseconds wall_ahead_{0};
  std::uint64_t added_ = 0;
  TimerId timers_ = 0;
  std::map<Key, Work> events_;
  std::vector<std::unique_ptr<SimulatedLoop>> loops_;
  std::vector<std::unique_ptr<SimulatedWorker>> workers_;
  std::unique_ptr<SimulatedClock> clock_;
};

}  // namespace sluice::io
