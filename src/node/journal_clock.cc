#include "node/journal_clock.h"

#include <algorithm>

namespace sluice::node {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds wall_asked_every = std::chrono::milliseconds(10);
constexpr std::int64_t slew_divisor = 20;  // one part in 20 is 5 %

nanoseconds since_epoch(Time time) { return std::chrono::duration_cast<nanoseconds>(time.time_since_epoch()); }

}  // namespace

JournalClock::JournalClock(const io::Clock& clock, Time last_record)
    : clock_(&clock),
      monotonic_(clock.monotonic()),
      journal_(since_epoch(std::max(last_record, clock.wall()))),
      wall_asked_(monotonic_ - wall_asked_every) {}

Time JournalClock::now() {
  const nanoseconds monotonic = clock_->monotonic();
  const nanoseconds passed = std::max(nanoseconds(0), monotonic - monotonic_);
  const nanoseconds bend = std::clamp(behind_, -passed / slew_divisor, passed / slew_divisor);
  monotonic_ += passed;
  journal_ += passed + bend;
  behind_ -= bend;
  if (monotonic - wall_asked_ >= wall_asked_every) {
    wall_asked_ = monotonic;
    behind_ = since_epoch(clock_->wall()) - journal_;
  }
  return Time(std::chrono::duration_cast<Milliseconds>(journal_));
}

}  // namespace sluice::node
