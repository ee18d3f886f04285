#include <gtest/gtest.h>

#include "machines/queue/stage.h"

/// What a lease can do, in time, late, and after a crash that lost its receive (spec/sqs.md §6.2, §6.3).
namespace sluice::queue {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Lease lease_of(const Batch& batch, std::size_t at = 0) { return batch.messages.at(at).lease; }

Reason reason_of(const std::expected<Done, Refusal>& result) {
  EXPECT_FALSE(result.has_value());
  return result.has_value() ? Reason::unavailable : result.error().reason;
}

/// A message is sent and received; then a crash loses the receive, and only that.
Lease receive_and_lose(Stage& stage) {
  create(stage);
  send(stage, "a");
  const std::size_t sent = stage.log().size();
  const auto batch = receive(stage);
  stage.crash(sent);
  return lease_of(*batch);
}

TEST(LeaseTest, the_newest_deletes_in_time_and_late) {
  Stage stage;
  create(stage);
  send(stage, "a");
  send(stage, "b");
  const auto batch = receive(stage, 2, seconds(5));
  EXPECT_TRUE(acknowledge(stage, lease_of(*batch, 0)).has_value());
  EXPECT_EQ(counts(stage), "0/1/0");
  stage.pass(seconds(6));
  EXPECT_EQ(counts(stage), "1/0/0");
  EXPECT_TRUE(acknowledge(stage, lease_of(*batch, 1)).has_value());
  EXPECT_EQ(counts(stage), "0/0/0");
}

TEST(LeaseTest, an_older_one_deletes_nothing_and_is_done) {
  Stage stage;
  create(stage);
  send(stage, "a");
  const auto first = receive(stage, 1, seconds(5));
  stage.pass(seconds(6));
  const auto second = receive(stage, 1, seconds(5));
  EXPECT_TRUE(acknowledge(stage, lease_of(*first)).has_value());
  EXPECT_EQ(counts(stage), "0/1/0");
  EXPECT_TRUE(acknowledge(stage, lease_of(*second)).has_value());
  EXPECT_EQ(counts(stage), "0/0/0");
}

TEST(LeaseTest, deleting_again_is_done) {
  Stage stage;
  create(stage);
  send(stage, "a");
  const auto batch = receive(stage);
  EXPECT_TRUE(acknowledge(stage, lease_of(*batch)).has_value());
  const std::size_t entries = stage.log().size();
  EXPECT_TRUE(acknowledge(stage, lease_of(*batch)).has_value());
  EXPECT_EQ(stage.log().size(), entries) << "and writes nothing";
}

TEST(LeaseTest, the_same_lease_twice_in_one_command_deletes_once) {
  Stage stage;
  create(stage);
  for (int i = 0; i < 20; ++i) {
    send(stage, "m");
  }
  const auto batch = receive(stage, 20);
  Acknowledge command;
  for (int round = 0; round < 2; ++round) {
    for (const Received& received : batch->messages) {
      command.leases.push_back(received.lease);
    }
  }
  const auto settled = stage.ask<Settled>(command);
  for (const auto& each : settled->each) {
    EXPECT_TRUE(each.has_value());
  }
  EXPECT_EQ(counts(stage), "0/0/0");
}

TEST(LeaseTest, of_another_machine_or_a_number_never_given_it_is_unknown) {
  Stage stage;
  create(stage);
  send(stage, "a");
  for (const Lease& lease :
       {Lease{MachineId{78}, 1, 1, 1}, Lease{test_machine, 2, 1, 1}, Lease{test_machine, 0, 1, 1}}) {
    EXPECT_EQ(reason_of(acknowledge(stage, lease)), Reason::lease_unknown);
    EXPECT_EQ(reason_of(extend(stage, lease, seconds(1))), Reason::lease_unknown);
  }
}

TEST(LeaseTest, it_is_extended_from_now) {
  Stage stage;
  create(stage);
  send(stage, "a");
  const auto batch = receive(stage, 1, seconds(5));
  stage.pass(seconds(4));
  EXPECT_TRUE(extend(stage, lease_of(*batch), seconds(5)).has_value());
  stage.pass(milliseconds(4'999));
  EXPECT_EQ(counts(stage), "0/1/0");
  stage.pass(milliseconds(1));
  EXPECT_EQ(counts(stage), "1/0/0");
}

TEST(LeaseTest, with_no_time_the_message_is_visible_at_once) {
  Stage stage;
  create(stage);
  send(stage, "a");
  const auto batch = receive(stage);
  EXPECT_TRUE(extend(stage, lease_of(*batch), seconds(0)).has_value());
  EXPECT_TRUE(stage.machine().ready());
  EXPECT_EQ(receive(stage)->messages.at(0).receive_count, 2U);
}

TEST(LeaseTest, over_but_not_received_again_it_hides_the_message_anew) {
  Stage stage;
  create(stage);
  send(stage, "a");
  const auto batch = receive(stage, 1, seconds(0));
  EXPECT_EQ(counts(stage), "1/0/0");
  EXPECT_TRUE(extend(stage, lease_of(*batch), seconds(7)).has_value());
  EXPECT_EQ(counts(stage), "0/1/0");
  stage.pass(seconds(7));
  EXPECT_EQ(receive(stage)->messages.at(0).receive_count, 2U);
}

TEST(LeaseTest, an_older_one_still_changes_a_standard_message) {
  Stage stage;
  create(stage);
  send(stage, "a");
  const auto first = receive(stage, 1, seconds(0));
  receive(stage, 1, seconds(100));
  EXPECT_EQ(counts(stage), "0/1/0");
  EXPECT_TRUE(extend(stage, lease_of(*first), seconds(0)).has_value());
  EXPECT_EQ(counts(stage), "1/0/0");
}

TEST(LeaseTest, of_a_deleted_message_it_extends_nothing) {
  Stage stage;
  create(stage);
  send(stage, "a");
  const auto batch = receive(stage);
  acknowledge(stage, lease_of(*batch));
  EXPECT_EQ(reason_of(extend(stage, lease_of(*batch), seconds(1))), Reason::message_not_found);
}

TEST(LeaseTest, twelve_hours_from_the_receive_are_the_most) {
  Stage stage;
  create(stage);
  send(stage, "a");
  const auto batch = receive(stage);
  EXPECT_TRUE(extend(stage, lease_of(*batch), lease_total_max).has_value());
  stage.pass(seconds(10));
  EXPECT_EQ(reason_of(extend(stage, lease_of(*batch), lease_total_max)), Reason::lease_too_long);
  EXPECT_EQ(reason_of(extend(stage, lease_of(*batch), lease_total_max - seconds(9))), Reason::lease_too_long);
  EXPECT_TRUE(extend(stage, lease_of(*batch), lease_total_max - seconds(10)).has_value());
  EXPECT_TRUE(extend(stage, lease_of(*batch), seconds(0)).has_value());
  EXPECT_EQ(lease_of(*receive(stage)).count, 2U);
  stage.pass(seconds(1));
}

TEST(LeaseTest, it_cannot_hide_more_than_may_be_in_flight) {
  Stage stage({.in_flight_max = 2});
  create(stage, {.dead_letters = SettingsChange::DeadLetters{"target", 1}});
  for (const char* text : {"a", "b", "c"}) {
    send(stage, text);
  }
  const auto first = receive(stage, 1, seconds(0));
  receive(stage, 1);  // "a" leaves, "b" is given out
  ASSERT_EQ(stage.departures.size(), 1U);
  receive(stage, 1);  // "c"
  machines::TurnedBack back;
  back.token = stage.departures[0].token;
  stage.give(back);
  EXPECT_EQ(counts(stage), "1/2/0");
  EXPECT_EQ(reason_of(extend(stage, lease_of(*first), seconds(5))), Reason::too_many_in_flight);
}

TEST(LeaseTest, more_may_be_in_flight_than_a_later_start_allows) {
  Stage stage;
  create(stage);
  for (const char* text : {"a", "b", "c", "d"}) {
    send(stage, text);
  }
  receive(stage, 3);
  stage.reload({.in_flight_max = 2});
  EXPECT_EQ(stage.refused(Receive{}).reason, Reason::too_many_in_flight);
  EXPECT_EQ(counts(stage), "1/3/0");
}

// A receive may be lost in a crash: its reply waits for the sends of its messages only

TEST(LeaseTest, whose_receive_was_lost_deletes) {
  Stage stage;
  const Lease lost = receive_and_lose(stage);
  EXPECT_EQ(counts(stage), "1/0/0");
  EXPECT_TRUE(acknowledge(stage, lost).has_value());
  EXPECT_EQ(counts(stage), "0/0/0");
}

TEST(LeaseTest, whose_receive_was_lost_is_older_than_one_after_the_crash) {
  Stage stage;
  const Lease lost = receive_and_lose(stage);
  const auto again = receive(stage);
  EXPECT_EQ(lost.count, lease_of(*again).count);
  EXPECT_LT(lost.epoch, lease_of(*again).epoch);
  EXPECT_TRUE(acknowledge(stage, lost).has_value());
  EXPECT_EQ(counts(stage), "0/1/0");
  EXPECT_TRUE(acknowledge(stage, lease_of(*again)).has_value());
  EXPECT_EQ(counts(stage), "0/0/0");
}

TEST(LeaseTest, whose_receive_was_lost_records_it_when_it_is_extended) {
  Stage stage;
  const Lease lost = receive_and_lose(stage);
  EXPECT_TRUE(extend(stage, lost, seconds(5)).has_value());
  EXPECT_EQ(counts(stage), "0/1/0");
  stage.pass(seconds(5));
  EXPECT_EQ(receive(stage)->messages.at(0).receive_count, 2U);
}

TEST(LeaseTest, whose_second_receive_was_lost_is_the_newest) {
  Stage stage;
  create(stage);
  send(stage, "a");
  const auto first = receive(stage, 1, seconds(0));
  const std::size_t kept = stage.log().size();
  const auto lost = receive(stage, 1, seconds(0));
  stage.crash(kept);
  EXPECT_TRUE(acknowledge(stage, lease_of(*lost)).has_value());
  EXPECT_EQ(counts(stage), "0/0/0");
  EXPECT_TRUE(acknowledge(stage, lease_of(*first)).has_value());
}

TEST(LeaseTest, whose_receive_was_lost_finds_its_message_in_a_block) {
  for (const bool deletes : {true, false}) {
    Stage stage({.block_messages = 4, .head_messages = 4});
    create(stage);
    for (int i = 1; i <= 6; ++i) {
      send(stage, "m" + std::to_string(i));
    }
    const std::size_t kept = stage.log().size();
    const auto lost = receive(stage, 6);
    stage.crash(kept);
    for (int i = 7; i <= 20; ++i) {
      send(stage, "m" + std::to_string(i));
    }
    stage.tick();
    const std::size_t before = stage.log().size();
    const Lease lease = lease_of(*lost, 5);  // "m6" is in the first block by now
    if (deletes) {
      EXPECT_TRUE(acknowledge(stage, lease).has_value());
      EXPECT_EQ(stage.kinds(before), (std::vector{FactKind::lifted, FactKind::deleted}));
      EXPECT_EQ(counts(stage), "19/0/0");
    } else {
      EXPECT_TRUE(extend(stage, lease, seconds(50)).has_value());
      EXPECT_EQ(stage.kinds(before), (std::vector{FactKind::lifted, FactKind::leased}));
      EXPECT_EQ(counts(stage), "19/1/0");
    }
    EXPECT_EQ(stage.blocks_read, 1U);
    std::string rest;
    for (auto batch = receive(stage, 10); !batch->messages.empty(); batch = receive(stage, 10)) {
      rest += texts(stage, *batch) + " ";
    }
    EXPECT_EQ(rest, "m1 m2 m3 m4 m5 m7 m8 m9 m10 m11 m12 m13 m14 m15 m16 m17 m18 m19 m20 ");
    EXPECT_TRUE(acknowledge(stage, lease).has_value());
  }
}

TEST(LeaseTest, of_this_ownership_never_needs_a_block) {
  Stage stage({.block_messages = 4, .head_messages = 4});
  create(stage);
  for (int i = 1; i <= 40; ++i) {
    send(stage, "m");
  }
  stage.tick();
  const auto batch = receive(stage, 3);
  Lease lease = lease_of(*batch);
  lease.number = 20;  // in a block, and never received
  EXPECT_TRUE(acknowledge(stage, lease).has_value());
  EXPECT_EQ(stage.blocks_read, 0U);
  EXPECT_EQ(counts(stage), "37/3/0");
}

}  // namespace
}  // namespace sluice::queue
