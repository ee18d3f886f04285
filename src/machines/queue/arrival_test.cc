// When a message came into its queue, which is not always when it was sent.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "machines/queue/stage.h"

namespace sluice::queue {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

Options small() {
  Options options;
  options.block_messages = 4;
  options.head_messages = 4;
  return options;
}

/// A dead letter of another queue, sent there at `sent`.
void arrive(Stage& stage, Time sent) {
  machines::Arrival arrival;
  arrival.source = "source";
  Writer header(arrival.header);
  Luggage{.sent = sent, .first_received = sent, .receive_count = 3}.write(header);
  arrival.body = "dead letter";
  stage.ask<Sent>(arrival);
}

Seconds age_of_oldest(Stage& stage) {
  const auto measured = stage.ask<Measurement>(Measure{});
  return std::chrono::duration_cast<Seconds>(measured->measured_at - measured->oldest);
}

TEST(ArrivalTest, the_age_of_a_dead_letter_counts_from_its_arrival) {
  Stage stage;
  create(stage);
  arrive(stage, stage.now - minutes(60));
  EXPECT_EQ(age_of_oldest(stage), seconds(0));
  EXPECT_EQ(stage.ask<Measurement>(Measure{})->fairness.oldest_quiet, stage.now);
  stage.pass(seconds(20));
  EXPECT_EQ(age_of_oldest(stage), seconds(20));
  const auto batch = receive(stage, 1, seconds(30));
  EXPECT_EQ(batch->messages.at(0).sent, stage.now - minutes(60) - seconds(20)) << "the sent time is kept";
  stage.pass(seconds(10));
  EXPECT_EQ(age_of_oldest(stage), seconds(30)) << "also while it is received";
}

TEST(ArrivalTest, the_retention_of_a_dead_letter_counts_from_when_it_was_sent) {
  Stage stage;
  create(stage, {.retention = seconds(3'600)});
  arrive(stage, stage.now - seconds(3'590));
  EXPECT_EQ(counts(stage), "1/0/0");
  stage.pass(seconds(11));
  EXPECT_TRUE(receive(stage)->messages.empty());
}

TEST(ArrivalTest, arrivals_are_known_in_blocks_after_a_restart_and_from_a_snapshot) {
  Stage stage(small());
  create(stage);
  for (int i = 0; i < 20; ++i) {
    arrive(stage, stage.now - minutes(60));
    stage.pass(seconds(1));
  }
  stage.tick();
  EXPECT_EQ(age_of_oldest(stage), seconds(20));
  stage.crash(stage.log().size());
  EXPECT_EQ(age_of_oldest(stage), seconds(20));
  stage.reload();
  EXPECT_EQ(age_of_oldest(stage), seconds(20));
  for (int left = 20; left > 0; --left) {
    ASSERT_EQ(age_of_oldest(stage), seconds(left)) << "each, also one that a block gave back";
    acknowledge(stage, receive(stage)->messages.at(0).lease);
    stage.read_ahead();
  }
}

TEST(ArrivalTest, a_dead_letter_that_came_before_it_was_sent_is_as_old_as_it_says) {
  Stage stage;
  create(stage);
  arrive(stage, stage.now + seconds(5));
  stage.pass(seconds(7));
  EXPECT_EQ(age_of_oldest(stage), seconds(2));
}

// Twelve messages, four in the head and two blocks.
constexpr std::string_view backlog_of_version_5 =
    "0501011e020003808c150400058080400600000700000080a0abfef96280a0abfef962000000c0dbacfef9620d03010068e5cf8b010000"
    "00040204120280a0abfef9620002021202d00f0002021202d00f0002021202d00f000002010a1221040503c0deabfef962b81706030800"
    "020f1221040903809dacfef962b8170b030a0000000001000000000000000000";

// An ordered queue with five messages and their deduplication ids, by group, two of them in a page.
constexpr std::string_view ids_of_version_5 =
    "0501011e020003808c1504000580804006000007010a000b01000080a0abfef96280a0abfef962000000c0efcffef962060201e0fbe9cf"
    "8b01000000050204380001aa54e7ac55c1885902c0efcffef962000202380001aa54e7ac55c188590200000202380001aa54e7ac55c188"
    "590200000202380001aa54e7ac55c188590200000204380001aa54e7ac55c188590200000000000000010000000100000000000103d473"
    "5e3a265e16eee03f59718b9b5d0324c2aeb04dabfafd9d60d605518a267806083802c0efcffef9624e07408562bedb8b60ce05c1decfe3"
    "adc99cf1230fc3e7e94c51c198e74ef4bc02023802004b227777d4dd1fc61c6f884f48641d024bda45c1052791c7df9df7b6f652c6e002"
    "0438020001010610500201c0efcffef96202010402b480fce004f59eeac20702dfd8afb7068cb49a66000000000000";

std::string bytes_of(std::string_view digits) {
  std::string bytes;
  for (std::size_t at = 0; at < digits.size(); at += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(digits.substr(at, 2)), nullptr, 16)));
  }
  return bytes;
}

TEST(ArrivalTest, snapshots_of_version_5_are_read) {
  for (const std::string_view saved : {backlog_of_version_5, ids_of_version_5}) {
    const std::string bytes = bytes_of(saved);
    const auto machine = make(test_machine, small());
    Reader in(bytes);
    ASSERT_TRUE(machine->load(in));
    EXPECT_TRUE(in.at_end());
    machine->invariants();
    std::string again;
    Writer out(again);
    machine->save(out);
    Reader in_again(again);
    EXPECT_TRUE(make(test_machine, small())->load(in_again) && in_again.at_end());
  }
}

}  // namespace
}  // namespace sluice::queue
