#include <gtest/gtest.h>

#include "machines/queue/move_stage.h"

/// Move tasks over ordered queues (spec/sqs.md §9).
namespace sluice::queue {
namespace {

using std::chrono::seconds;

struct OrderedMoveTest : testing::Test {
  Stage stage;
  explicit OrderedMoveTest(const Options& options = {}) : stage(options) { create(stage, {.ordered = true}); }

  void send_to(const std::string& group, const std::string& envelope) {
    Send command;
    Outgoing outgoing;
    outgoing.envelope = envelope;
    outgoing.size_bytes = static_cast<std::uint32_t>(envelope.size());
    outgoing.group = group;
    outgoing.deduplication_id = envelope;
    command.messages.push_back(outgoing);
    ASSERT_TRUE(stage.ask<Sent>(command)->each.at(0).has_value());
  }
  /// The envelopes of all that left, in order.
  std::string left() {
    std::string all;
    for (const machines::Departure& departure : stage.departures) {
      all += (all.empty() ? "" : " ") + stage.bytes_of(stage.machine().parcel(departure.token).body).value();
    }
    return all;
  }
};

TEST_F(OrderedMoveTest, groups_move_in_the_order_of_sending) {
  for (const char* text : {"a1", "b1", "a2", "b2"}) {
    send_to(std::string(1, text[0]), text);
  }
  start(stage, "t", "target");
  stage.tick();
  EXPECT_EQ(left(), "a1 a2 b1 b2");
}

TEST_F(OrderedMoveTest, nothing_moves_past_a_message_in_flight) {
  for (const char* text : {"a1", "a2", "b1"}) {
    send_to(std::string(1, text[0]), text);
  }
  receive(stage, 1, seconds(3));
  start(stage, "t", "target", 1);
  stage.tick();
  EXPECT_EQ(left(), "b1");
  stage.pass(seconds(1));
  std::size_t answered = 0;
  take_all(stage, answered);
  EXPECT_EQ(state_of(stage), "completed 1/2") << "the group is locked: nothing of it is visible";
  EXPECT_EQ(counts(stage), "1/1/0");
}

TEST_F(OrderedMoveTest, what_is_turned_back_stands_where_it_was) {
  for (const char* text : {"a1", "a2", "a3"}) {
    send_to("a", text);
  }
  start(stage, "t", "target", 1);
  stage.tick();
  EXPECT_EQ(left(), "a1");
  answer<machines::TurnedBack>(stage, stage.departures.at(0).token);
  EXPECT_EQ(texts(stage, *receive(stage, 10)), "a1 a2 a3");
}

struct SmallOrderedMoveTest : OrderedMoveTest {
  SmallOrderedMoveTest() : OrderedMoveTest({.block_messages = 4, .head_messages = 8}) {}
};

TEST_F(SmallOrderedMoveTest, groups_behind_a_locked_one_move_from_the_blocks) {
  for (int i = 0; i < 40; ++i) {
    send_to("locked", "l" + std::to_string(i));
  }
  for (int i = 0; i < 5; ++i) {
    send_to("free", "f" + std::to_string(i));
  }
  receive(stage, 1, seconds(3'600));
  start(stage, "t", "target");
  stage.read_ahead();
  EXPECT_EQ(left(), "f0 f1 f2 f3 f4");
  std::size_t answered = 0;
  take_all(stage, answered);
  EXPECT_EQ(state_of(stage), "completed 5/44");
}

}  // namespace
}  // namespace sluice::queue
