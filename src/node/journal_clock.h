#pragma once

#include <chrono>
#include <cstdint>

#include "base/time.h"
#include "io/loop.h"

namespace sluice::node {

/// Journal time of one core (design.md, Machines and facts): begins at max(last record, wall clock), runs at the rate
/// of the monotonic clock, bent towards the wall by at most 5 %; it never goes back and never stands still. One thread.
class JournalClock {
 public:
  JournalClock(const io::Clock& clock, Time last_record);
  Time now();

 private:
  const io::Clock* clock_;
  std::chrono::nanoseconds monotonic_;   // when `journal_` was brought up to date
  std::chrono::nanoseconds journal_;     // journal time since the epoch
  std::chrono::nanoseconds wall_asked_;  // monotonic: the wall is asked seldom, the monotonic clock always
  std::chrono::nanoseconds behind_{0};   // of the wall, not yet made good; negative when ahead of it
};

}  // namespace sluice::node
