#include "base/token_bucket.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

constexpr Time start = Time(Milliseconds(1'700'000'000'000));

int taken(TokenBucket& bucket, Time now) {
  int count = 0;
  while (bucket.take(now)) {
    ++count;
  }
  return count;
}

TEST(TokenBucketTest, gives_one_seconds_worth_at_once_and_then_no_more) {
  TokenBucket bucket(300, start);
  EXPECT_EQ(taken(bucket, start), 300);
  EXPECT_FALSE(bucket.take(start));
}

TEST(TokenBucketTest, fills_by_the_millisecond_without_losing_a_part) {
  TokenBucket bucket(300, start);
  EXPECT_EQ(taken(bucket, start), 300);
  int count = 0;
  for (int millisecond = 1; millisecond <= 10'000; ++millisecond) {
    count += taken(bucket, start + Milliseconds(millisecond));
  }
  EXPECT_EQ(count, 3'000);
}

TEST(TokenBucketTest, a_long_rest_brings_no_more_than_one_second) {
  TokenBucket bucket(5, start);
  EXPECT_EQ(taken(bucket, start), 5);
  EXPECT_FALSE(bucket.full(start + Milliseconds(999)));
  EXPECT_EQ(taken(bucket, start + Seconds(86'400)), 5);
}

TEST(TokenBucketTest, a_time_before_the_last_one_brings_nothing) {
  TokenBucket bucket(10, start);
  EXPECT_EQ(taken(bucket, start + Milliseconds(100)), 10);
  EXPECT_EQ(taken(bucket, start), 0);
  EXPECT_EQ(taken(bucket, start + Milliseconds(200)), 1);
}

}  // namespace
}  // namespace sluice
