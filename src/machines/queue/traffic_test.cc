#include <gtest/gtest.h>

#include "machines/queue/stage.h"

/// What the operator's metrics show.
namespace sluice::queue {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

std::unique_ptr<Measurement> measure(Stage& stage) { return stage.ask<Measurement>(Measure{}); }

TEST(TrafficTest, what_is_done_with_a_queue_is_counted) {
  Stage stage;
  create(stage);
  EXPECT_EQ(measure(stage)->oldest, never);
  send(stage, "abc");
  send(stage, "abcde");
  EXPECT_TRUE(receive(stage, 10)->messages.size() == 2U);
  EXPECT_TRUE(receive(stage, 10)->messages.empty());
  const auto measured = measure(stage);
  EXPECT_EQ(measured->traffic.sent, 2U);
  EXPECT_EQ(measured->traffic.sent_bytes, 8U);
  EXPECT_EQ(measured->traffic.received, 2U);
  EXPECT_EQ(measured->traffic.empty_receives, 1U);
  EXPECT_EQ(measured->traffic.deleted, 0U);
  EXPECT_EQ(measured->counts.in_flight, 2U);
}

TEST(TrafficTest, every_valid_acknowledgement_counts_and_a_receive_that_waits_does_not) {
  Stage stage;
  create(stage);
  send(stage, "a");
  const Lease lease = receive(stage)->messages.at(0).lease;
  acknowledge(stage, lease);
  acknowledge(stage, lease);
  acknowledge(stage, {MachineId{1}, 1, 1, 1});
  EXPECT_TRUE(std::holds_alternative<machines::Waits>(stage.give(Receive{})));
  const auto measured = measure(stage);
  EXPECT_EQ(measured->traffic.deleted, 2U);
  EXPECT_EQ(measured->traffic.empty_receives, 0U);
}

TEST(TrafficTest, a_message_that_is_too_large_is_not_counted) {
  Stage stage;
  create(stage, {.message_bytes_max = 1'024});
  Send command;
  command.messages.push_back({.envelope = "x", .size_bytes = 2'000, .delay = {}, .group = {}, .deduplication_id = {}});
  stage.ask<Sent>(command);
  EXPECT_EQ(measure(stage)->traffic.sent, 0U);
}

TEST(TrafficTest, sizes_are_kept_for_the_present_minute_and_the_one_before) {
  Stage stage;
  create(stage);
  stage.now = std::chrono::ceil<minutes>(stage.now);
  send(stage, "abc");
  send(stage, "a");
  stage.pass(minutes(1));
  EXPECT_EQ(measure(stage)->sizes.max, 0U);
  EXPECT_EQ(measure(stage)->sizes_before.max, 3U);
  send(stage, "abcde");
  const auto measured = measure(stage);
  EXPECT_EQ(measured->sizes.min, 5U);
  EXPECT_EQ(measured->sizes_before.min, 1U);
  stage.pass(minutes(2));
  EXPECT_EQ(measure(stage)->sizes_before.max, 0U);
}

TEST(TrafficTest, the_oldest_is_found_wherever_it_lies) {
  Stage stage({.block_messages = 4, .head_messages = 4});
  create(stage);
  const Time began = stage.now;
  for (int i = 0; i < 30; ++i) {
    send(stage, "x");
    stage.pass(seconds(1));
  }
  EXPECT_EQ(measure(stage)->oldest, began);
  const Lease lease = receive(stage)->messages.at(0).lease;
  EXPECT_EQ(measure(stage)->oldest, began);
  acknowledge(stage, lease);
  EXPECT_EQ(measure(stage)->oldest, began + seconds(1));
}

}  // namespace
}  // namespace sluice::queue
