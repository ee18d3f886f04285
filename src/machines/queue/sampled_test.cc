// Receives that ask a part of the queue, as SQS' short polls do.
#include "machines/queue/stage.h"

namespace sluice::queue {
namespace {

std::size_t found(Stage& stage, Sampled sampled, std::uint32_t count_max = 10) {
  Receive command;
  command.count_max = count_max;
  command.sampled = sampled;
  command.visibility_timeout = Seconds{0};
  return stage.ask<Batch>(command)->messages.size();
}

void fill(Stage& stage, int count) {
  for (int i = 0; i < count; ++i) {
    send(stage, "m");
  }
}

TEST(SampledTest, some_receives_miss_messages_and_repeating_finds_them) {
  Stage stage;
  create(stage);
  fill(stage, 1);
  int empty = 0, full = 0;
  for (int i = 0; i < 1'000; ++i) {
    (found(stage, Sampled::yes) == 0 ? empty : full) += 1;
  }
  EXPECT_GT(empty, 150);  // a quarter is to be expected
  EXPECT_LT(empty, 350);
  EXPECT_EQ(empty + full, 1'000);
}

TEST(SampledTest, a_receive_of_ten_finds_a_part_of_few_and_all_of_many) {
  Stage stage;
  create(stage);
  fill(stage, 10);
  std::size_t all = 0;
  for (int i = 0; i < 100; ++i) {
    const std::size_t count = found(stage, Sampled::yes);
    EXPECT_LE(count, 10U);
    all += count;
  }
  EXPECT_GT(all, 650U);
  EXPECT_LT(all, 850U);
  fill(stage, static_cast<int>(sampled_below));
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(found(stage, Sampled::yes), 10U);
  }
}

TEST(SampledTest, nothing_is_missed_without_being_asked_for) {
  Stage stage;
  create(stage);
  fill(stage, 1);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(found(stage, Sampled::no), 1U);
  }
}

TEST(SampledTest, a_queue_that_waits_itself_is_not_sampled) {
  Stage stage;
  create(stage, {.receive_wait = Seconds{5}});
  fill(stage, 1);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(found(stage, Sampled::unless_queue_waits), 1U);
  }
  Configure never_waits;
  never_waits.settings.receive_wait = Seconds{0};
  stage.ask<Description>(never_waits);
  std::size_t all = 0;
  for (int i = 0; i < 100; ++i) {
    all += found(stage, Sampled::unless_queue_waits);
  }
  EXPECT_LT(all, 100U);
}

TEST(SampledTest, an_ordered_queue_misses_nothing) {
  Stage stage;
  create(stage, {.ordered = true});
  Send command;
  Outgoing message;
  message.envelope = "m";
  message.size_bytes = 1;
  message.group = "g";
  message.deduplication_id = "d";
  command.messages.push_back(message);
  stage.ask<Sent>(command);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(found(stage, Sampled::yes), 1U);
  }
}

}  // namespace
}  // namespace sluice::queue
