#include <gtest/gtest.h>

#include <algorithm>

#include "machines/queue/stage.h"

/// Memory does not follow the backlog.
namespace sluice::queue {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Options tiny{.block_messages = 4, .head_messages = 8, .delayed_messages = 8, .small_block_messages = 2};

void send_many(Stage& stage, int first, int last, std::optional<Seconds> delay = std::nullopt) {
  for (int i = first; i <= last; ++i) {
    send(stage, std::to_string(i), delay);
  }
  stage.tick();
}

std::vector<int> drain(Stage& stage) {
  std::vector<int> all;
  for (auto batch = receive(stage, 3); !batch->messages.empty(); batch = receive(stage, 3)) {
    for (const Reference& reference : batch->wanted) {
      all.push_back(std::stoi(stage.bytes_of(reference).value()));
    }
  }
  return all;
}

std::vector<int> range(int first, int last) {
  std::vector<int> all;
  for (int i = first; i <= last; ++i) {
    all.push_back(i);
  }
  return all;
}

std::size_t count_of(const Stage& stage, FactKind kind) {
  const std::vector<FactKind> kinds = stage.kinds();
  return static_cast<std::size_t>(std::ranges::count(kinds, kind));
}

TEST(PagingTest, a_deep_queue_is_paged_out_and_drained_in_order) {
  Stage stage(tiny);
  create(stage);
  send_many(stage, 1, 100);
  EXPECT_GE(count_of(stage, FactKind::paged_out), 20U);
  EXPECT_EQ(counts(stage), "100/0/0");
  EXPECT_EQ(drain(stage), range(1, 100));
  EXPECT_EQ(count_of(stage, FactKind::paged_in), count_of(stage, FactKind::paged_out));
}

TEST(PagingTest, sends_while_draining_keep_their_order) {
  Stage stage(tiny);
  create(stage);
  send_many(stage, 1, 60);
  std::vector<int> all;
  for (int next = 61; next <= 160; ++next) {
    send_many(stage, next, next);
    const auto batch = receive(stage, 2);
    for (const Reference& reference : batch->wanted) {
      all.push_back(std::stoi(stage.bytes_of(reference).value()));
    }
  }
  std::ranges::copy(drain(stage), std::back_inserter(all));
  EXPECT_EQ(all, range(1, 160));
}

TEST(PagingTest, blocks_are_read_ahead_so_that_receives_need_none) {
  Stage stage(tiny);
  create(stage);
  send_many(stage, 1, 100);
  for (int i = 0; i < 100; ++i) {
    Outcome outcome = stage.give(Receive{});
    ASSERT_TRUE(std::holds_alternative<std::unique_ptr<Reply>>(outcome));
    const std::size_t read = stage.blocks_read;
    stage.read_ahead();
    EXPECT_LE(stage.blocks_read - read, 1U);
  }
  EXPECT_FALSE(stage.machine().wanted_block().has_value());
}

TEST(PagingTest, a_receive_with_an_empty_window_needs_the_first_block) {
  Stage stage(tiny);
  create(stage);
  send_many(stage, 1, 40);
  EXPECT_EQ(receive(stage, 8)->messages.size(), 8U);
  EXPECT_EQ(stage.blocks_read, 0U);
  EXPECT_EQ(receive(stage, 8)->messages.size(), 4U);
  EXPECT_EQ(stage.blocks_read, 1U);
}

TEST(PagingTest, a_block_that_was_purged_meanwhile_is_ignored) {
  Stage stage(tiny);
  create(stage);
  send_many(stage, 1, 40);
  receive(stage, 8);
  const auto wanted = stage.machine().wanted_block();
  ASSERT_TRUE(wanted.has_value());
  stage.ask<Description>(Purge{});
  const std::size_t entries = stage.log().size();
  machines::BlockRead command;
  command.block = wanted->block;
  stage.give(command);
  EXPECT_EQ(stage.log().size(), entries);
  EXPECT_EQ(counts(stage), "0/0/0");
}

TEST(PagingTest, whole_blocks_expire_without_being_read) {
  Stage stage(tiny);
  create(stage, {.retention = seconds(60)});
  send_many(stage, 1, 100);
  stage.pass(seconds(30));
  send_many(stage, 101, 110);
  stage.pass(seconds(30));
  EXPECT_EQ(counts(stage), "10/0/0");
  EXPECT_EQ(stage.blocks_read, 0U);
  EXPECT_EQ(drain(stage), range(101, 110));
}

TEST(PagingTest, a_block_in_which_all_is_over_is_passed_by) {
  Stage stage({.block_messages = 4, .head_messages = 4, .expiry_pause = std::chrono::hours(1)});
  create(stage, {.retention = seconds(60)});
  send_many(stage, 1, 40);
  stage.pass(seconds(10));
  send_many(stage, 41, 42);
  stage.pass(seconds(50));
  EXPECT_EQ(texts(stage, *receive(stage, 10)), "41 42");
}

TEST(PagingTest, delayed_messages_page_out_and_come_when_they_are_due) {
  Stage stage(tiny);
  create(stage);
  for (int i = 1; i <= 60; ++i) {
    send(stage, std::to_string(i), seconds(30));
    stage.pass(milliseconds(100));
  }
  stage.tick();
  EXPECT_GE(count_of(stage, FactKind::paged_out), 10U);
  EXPECT_EQ(counts(stage), "0/0/60");
  stage.pass(milliseconds(30'000 - 6'000));
  std::vector<int> all;
  for (int i = 1; i <= 60; ++i) {  // message i is due now
    stage.read_ahead();
    EXPECT_EQ(counts(stage), "1/0/" + std::to_string(60 - i));
    for (const int number : drain(stage)) {
      all.push_back(number);
    }
    EXPECT_EQ(all, range(1, i));
    Acknowledge command;
    command.leases.push_back({test_machine, static_cast<std::uint64_t>(i), stage.epoch, 1});
    stage.ask<Settled>(command);
    stage.pass(milliseconds(100));
  }
}

TEST(PagingTest, delayed_messages_that_came_due_while_nobody_ran_are_all_there) {
  Stage stage(tiny);
  create(stage);
  send_many(stage, 1, 30, seconds(30));
  send_many(stage, 31, 60, seconds(20));
  stage.pass(seconds(100));
  stage.crash(stage.log().size());
  EXPECT_EQ(counts(stage), "60/0/0") << "also those in blocks that were not read back";
  std::vector<int> all = drain(stage);
  std::ranges::sort(all);
  EXPECT_EQ(all, range(1, 60));
}

TEST(PagingTest, many_different_delays_stay_small_in_memory) {
  Stage stage({.block_messages = 64, .head_messages = 128, .delayed_messages = 500, .small_block_messages = 8});
  stage.check_invariants = false;
  create(stage);
  Random random(3);
  for (int i = 1; i <= 20'000; ++i) {
    send(stage, std::to_string(i), seconds(10 + random.below(50)));
  }
  stage.tick();
  stage.machine().invariants();
  // 50 chains with up to two small blocks' messages at either end, about 8 bytes each, and 40 bytes a block.
  EXPECT_LT(stage.saved().size(), 50U * 32 * 12 + 20'000 / 8 * 40);
  stage.pass(seconds(60));
  stage.read_ahead();
  EXPECT_EQ(counts(stage), "20000/0/0");
}

TEST(PagingTest, a_crash_anywhere_loses_nothing_that_was_kept) {
  Stage stage(tiny);
  create(stage);
  send_many(stage, 1, 50);
  const std::size_t kept = stage.log().size();
  receive(stage, 10, seconds(0));
  stage.read_ahead();
  send_many(stage, 51, 90);
  drain(stage);
  for (std::size_t entries = stage.log().size(); entries > kept; --entries) {
    stage.crash(entries);  // each with its invariants
  }
  stage.crash(kept);
  EXPECT_EQ(counts(stage), "50/0/0");
  EXPECT_EQ(drain(stage), range(1, 50));
}

TEST(PagingTest, every_reference_that_is_needed_is_told_and_no_other) {
  Stage stage(tiny);
  create(stage);
  send_many(stage, 1, 40);
  send_many(stage, 41, 60, seconds(30));
  const auto batch = receive(stage, 5);
  acknowledge(stage, batch->messages[0].lease);
  std::uint64_t bodies = 0, blocks = 0, all_bytes = 0;
  const auto read = [&](const Reference& reference) { return stage.bytes_of(reference); };
  ASSERT_TRUE(stage.machine().references(everything, read, [&](const Reference& reference) {
    (reference.length <= 2 ? bodies : blocks) += 1;
    all_bytes += reference.length;
  }));
  EXPECT_EQ(bodies, 59U);
  EXPECT_EQ(blocks, count_of(stage, FactKind::paged_out) - count_of(stage, FactKind::paged_in));
  std::uint64_t live_bytes = 0;
  stage.machine().live([&](const machines::LiveRange& range) {
    EXPECT_LE(range.first, range.last);
    EXPECT_LE(range.last, stage.log().size());
    live_bytes += range.bytes;
  });
  EXPECT_EQ(live_bytes, all_bytes);
  EXPECT_FALSE(
      stage.machine().references(everything, [](const Reference&) { return std::nullopt; }, [](const Reference&) {}));
}

}  // namespace
}  // namespace sluice::queue
