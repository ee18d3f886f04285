#include "doors/aws/cloudwatch/history.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sluice::cloudwatch {
namespace {

using std::chrono::minutes;
using Minute = std::chrono::sys_time<minutes>;

constexpr Minute first{minutes(29'000'000)};
const std::string arn = "arn:aws:sqs:us-east-1:000000000000:q";

std::size_t place_of(std::string_view name) {
  const auto metrics = census::metrics();
  return static_cast<std::size_t>(std::ranges::find(metrics, name, &census::Metric::name) - metrics.begin());
}

class HistoryTest : public testing::Test {
 protected:
  void record(Minute minute, const queue::Traffic& traffic, std::uint64_t visible = 0, std::uint64_t machine = 1) {
    census::Census census;
    auto measured = std::make_unique<queue::Measurement>();
    measured->machine.value = machine;
    measured->traffic = traffic;
    measured->counts.visible = visible;
    measured->measured_at = minute;
    measured->sizes = sizes;
    census.queues.push_back({name, std::move(measured)});
    history.record(census, minute);
  }
  std::vector<double> sums(std::string_view metric) {
    std::vector<double> all;
    for (const Sample& sample : history.samples(name, place_of(metric), Time::min(), Time::max())) {
      all.push_back(sample.sum);
    }
    return all;
  }

  History history{2};
  std::string name = arn;
  queue::SizeRange sizes;
};

TEST_F(HistoryTest, a_minute_holds_what_came_in_it_however_often_it_was_looked_at) {
  record(first, {.sent = 5});
  record(first, {.sent = 7});
  record(first + minutes(1), {.sent = 7});
  record(first + minutes(2), {.sent = 10});
  EXPECT_EQ(sums("NumberOfMessagesSent"), (std::vector<double>{7, 0, 3}));
}

TEST_F(HistoryTest, a_gauge_is_as_it_was_last_seen_in_the_minute) {
  record(first, {}, 5);
  record(first, {}, 3);
  EXPECT_EQ(sums("ApproximateNumberOfMessagesVisible"), std::vector<double>{3});
}

TEST_F(HistoryTest, a_queue_made_anew_counts_from_zero) {
  record(first, {.sent = 5});
  record(first + minutes(1), {.sent = 2}, 0, 2);
  EXPECT_EQ(sums("NumberOfMessagesSent"), (std::vector<double>{5, 2}));
}

TEST_F(HistoryTest, sizes_have_a_count_a_sum_and_bounds) {
  sizes = {10, 40};
  record(first, {.sent = 2, .sent_bytes = 50});
  const auto samples = history.samples(name, place_of("SentMessageSize"), Time::min(), Time::max());
  ASSERT_EQ(samples.size(), 1U);
  EXPECT_EQ(samples[0].count, 2);
  EXPECT_EQ(samples[0].sum, 50);
  EXPECT_EQ(samples[0].minimum, 10);
  EXPECT_EQ(samples[0].maximum, 40);
}

TEST_F(HistoryTest, what_does_not_apply_to_a_queue_has_no_points) {
  record(first, {});
  EXPECT_FALSE(history.has(name, place_of("NumberOfDeduplicatedSentMessages")));
  EXPECT_FALSE(history.has(name, place_of("SentMessageSize")));
  EXPECT_TRUE(history.has(name, place_of("NumberOfMessagesSent")));
}

TEST_F(HistoryTest, it_is_bounded_in_minutes_and_in_queues) {
  for (int i = 0; i < 300; ++i) {
    record(first + minutes(i), {.sent = static_cast<std::uint64_t>(i)});
  }
  EXPECT_EQ(sums("NumberOfMessagesSent").size(), points_max);
  for (const auto* other : {"arn:b", "arn:c", "arn:d"}) {
    name = other;
    record(first + minutes(300), {});
  }
  EXPECT_EQ(history.queues("arn:", "", 10).size(), 2U);
  record(first + minutes(600), {});
  EXPECT_EQ(history.queues("arn:", "", 10), std::vector<std::string>{"arn:d"});
}

}  // namespace
}  // namespace sluice::cloudwatch
