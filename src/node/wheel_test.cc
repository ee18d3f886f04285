#include "node/wheel.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "base/random.h"

namespace sluice::node {
namespace {

TEST(WheelTest, every_alarm_rings_once_at_its_time_and_a_removed_one_never) {
  Random random(7);
  Wheel wheel(1'000);
  std::vector<std::unique_ptr<Alarm>> alarms;
  for (int made = 0; made < 3'000; ++made) {
    alarms.push_back(std::make_unique<Alarm>(Alarm::Rings::host, nullptr));
    const std::uint64_t span = std::uint64_t{1} << random.below(26);
    wheel.set(*alarms.back(), 1'000 + random.below(span));
  }
  std::size_t removed = 0;
  for (const auto& alarm : alarms) {
    if (random.chance(0.2)) {
      wheel.remove(*alarm);
      ++removed;
    }
  }
  std::size_t rung = 0;
  std::uint64_t now = 1'000, last = 1'000;
  while (wheel.earliest() != Wheel::none) {
    EXPECT_GE(wheel.earliest(), last);
    now = std::max(now + 1, wheel.earliest()) + random.below(50);
    while (Alarm* alarm = wheel.next_due(now)) {
      EXPECT_LE(alarm->at_milliseconds, now);
      EXPECT_GT(std::max<std::uint64_t>(alarm->at_milliseconds, 1'001), last);
      EXPECT_FALSE(alarm->set());
      ++rung;
    }
    last = now;
  }
  EXPECT_EQ(rung + removed, alarms.size());
}

TEST(WheelTest, an_alarm_can_be_moved_and_set_again_while_others_ring) {
  Wheel wheel(0);
  Alarm first(Alarm::Rings::host, nullptr), second(Alarm::Rings::host, nullptr);
  wheel.set(first, 10);
  wheel.set(second, 10);
  ASSERT_EQ(wheel.next_due(9), nullptr);
  ASSERT_EQ(wheel.next_due(10), &first);
  wheel.remove(second);
  EXPECT_EQ(wheel.next_due(10), nullptr);
  wheel.set(second, 5);  // over: rings at the next millisecond
  EXPECT_EQ(wheel.next_due(11), &second);
  wheel.set(first, 1'000'000);
  wheel.set(first, 20);
  EXPECT_EQ(wheel.next_due(19), nullptr);
  EXPECT_EQ(wheel.next_due(20), &first);
  EXPECT_EQ(wheel.earliest(), Wheel::none);
}

}  // namespace
}  // namespace sluice::node
