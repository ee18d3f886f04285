#include "node/journal_clock.h"

#include <gtest/gtest.h>

namespace sluice::node {
namespace {

class SetClock final : public io::Clock {
 public:
  std::chrono::nanoseconds monotonic() const override { return monotonic_time; }
  Time wall() const override { return wall_time; }
  std::chrono::nanoseconds monotonic_time{1'000'000'000};
  Time wall_time{Milliseconds(1'000'000)};
  void pass(Milliseconds span) {
    monotonic_time += span;
    wall_time += span;
  }
};

TEST(JournalClockTest, it_begins_where_the_log_ended_if_that_is_later_than_the_wall) {
  SetClock clock;
  EXPECT_EQ(JournalClock(clock, Time(Milliseconds(5))).now(), clock.wall_time);
  EXPECT_EQ(JournalClock(clock, clock.wall_time + Milliseconds(7)).now(), clock.wall_time + Milliseconds(7));
}

TEST(JournalClockTest, it_nears_the_wall_by_a_twentieth_of_the_time_and_never_goes_back_or_stands_still) {
  for (const int jump_seconds : {-100, 100}) {
    SetClock clock;
    JournalClock journal(clock, Time{});
    clock.wall_time += Seconds(jump_seconds);
    Time last = journal.now();
    for (int steps = 0; steps < 400'000; ++steps) {
      clock.pass(Milliseconds(10));
      const Time now = journal.now();
      ASSERT_GE(now - last, Milliseconds(9));
      ASSERT_LE(now - last, Milliseconds(11));
      last = now;
    }
    EXPECT_LE(std::chrono::abs(last - clock.wall_time), Milliseconds(1));
  }
}

}  // namespace
}  // namespace sluice::node
