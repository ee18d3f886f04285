#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "machines/queue/stage.h"

/// Looking without receiving.
namespace sluice::queue {
namespace {

using std::chrono::seconds;

constexpr Options tiny{.block_messages = 4, .head_messages = 8, .delayed_messages = 8, .small_block_messages = 2};

std::string text_of(const Stage& stage, const Peeked& page) {
  std::string all;
  for (const Reference& reference : page.wanted) {
    all.append(all.empty() ? "" : " ").append(stage.bytes_of(reference).value());
  }
  return all;
}

std::unique_ptr<Peeked> peek(Stage& stage, PeekState state, std::uint32_t count_max = 100,
                             std::optional<PeekPlace> after = std::nullopt) {
  Peek command;
  command.state = state;
  command.count_max = count_max;
  command.after = after;
  return stage.ask<Peeked>(command);
}

std::string all_pages(Stage& stage, PeekState state, std::uint32_t count_max) {
  std::string all;
  std::optional<PeekPlace> after;
  for (int pages = 0; pages < 1'000; ++pages) {
    const auto page = peek(stage, state, count_max, after);
    const std::string text = text_of(stage, *page);
    all.append(all.empty() || text.empty() ? "" : " ").append(text);
    after = page->next;
    if (!after) {
      return all;
    }
  }
  return "no end";
}

void send_many(Stage& stage, int first, int last, std::optional<Seconds> delay = std::nullopt) {
  for (int i = first; i <= last; ++i) {
    send(stage, std::to_string(i), delay);
  }
  stage.tick();
}

/// However many receives it takes.
void take(Stage& stage, std::size_t count) {
  for (std::size_t taken = 0; taken < count;) {
    taken += receive(stage, static_cast<std::uint32_t>(count - taken))->messages.size();
  }
}

std::string range(int first, int last) {
  std::string all;
  for (int i = first; i <= last; ++i) {
    all.append(all.empty() ? "" : " ").append(std::to_string(i));
  }
  return all;
}

TEST(PeekTest, what_waits_is_seen_and_nothing_changes) {
  Stage stage;
  create(stage);
  send_many(stage, 1, 3);
  const std::string before = stage.saved();
  const auto page = peek(stage, PeekState::visible);
  EXPECT_EQ(text_of(stage, *page), "1 2 3");
  EXPECT_EQ(page->messages[0].receive_count, 0U);
  EXPECT_EQ(page->messages[0].sent, stage.now);
  EXPECT_FALSE(page->next.has_value());
  EXPECT_EQ(stage.saved(), before);
}

TEST(PeekTest, each_state_is_seen_apart) {
  Stage stage;
  create(stage);
  send_many(stage, 1, 2);
  send_many(stage, 3, 4, seconds(20));
  receive(stage, 1);
  EXPECT_EQ(text_of(stage, *peek(stage, PeekState::visible)), "2");
  const auto in_flight = peek(stage, PeekState::in_flight);
  EXPECT_EQ(text_of(stage, *in_flight), "1");
  EXPECT_EQ(in_flight->messages[0].receive_count, 1U);
  EXPECT_EQ(in_flight->messages[0].visible_at, stage.now + seconds(30));
  const auto delayed = peek(stage, PeekState::delayed);
  EXPECT_EQ(text_of(stage, *delayed), "3 4");
  EXPECT_EQ(delayed->messages[0].visible_at, stage.now + seconds(20));
  stage.pass(seconds(30));
  EXPECT_EQ(text_of(stage, *peek(stage, PeekState::visible)), "1 2 3 4");
  EXPECT_EQ(text_of(stage, *peek(stage, PeekState::in_flight)), "");
}

TEST(PeekTest, a_paged_out_backlog_is_seen_page_by_page) {
  Stage stage(tiny);
  create(stage);
  send_many(stage, 1, 103);
  for (const std::uint32_t count : {1U, 7U, 64U, 200U}) {
    EXPECT_EQ(all_pages(stage, PeekState::visible, count), range(1, 103)) << count;
  }
}

TEST(PeekTest, one_page_reads_a_bounded_number_of_blocks) {
  Stage stage(tiny);
  create(stage);
  send_many(stage, 1, 1'000);
  const std::size_t before = stage.blocks_read;
  peek(stage, PeekState::visible, 1'000);
  EXPECT_LE(stage.blocks_read - before, 16U);
}

TEST(PeekTest, paged_out_delayed_messages_are_seen) {
  Stage stage(tiny);
  create(stage);
  send_many(stage, 1, 40, seconds(60));
  send_many(stage, 41, 60, seconds(90));
  EXPECT_EQ(all_pages(stage, PeekState::delayed, 3), range(1, 60));
  EXPECT_EQ(all_pages(stage, PeekState::visible, 3), "");
  stage.pass(seconds(70));
  EXPECT_EQ(all_pages(stage, PeekState::visible, 3), range(1, 40));
  EXPECT_EQ(all_pages(stage, PeekState::delayed, 3), range(41, 60));
}

TEST(PeekTest, a_page_goes_on_where_the_one_before_ended_while_messages_are_taken) {
  Stage stage(tiny);
  create(stage);
  send_many(stage, 1, 60);
  const auto first = peek(stage, PeekState::visible, 20);
  EXPECT_EQ(text_of(stage, *first), range(1, 20));
  take(stage, 10);
  EXPECT_EQ(text_of(stage, *peek(stage, PeekState::visible, 5, first->next)), range(21, 25));
  take(stage, 20);
  EXPECT_EQ(text_of(stage, *peek(stage, PeekState::visible, 5, first->next)), range(31, 35));
}

TEST(PeekTest, a_page_goes_on_in_a_tail_that_was_paged_out_meanwhile) {
  Stage stage(tiny);
  create(stage);
  send_many(stage, 1, 15);
  const auto first = peek(stage, PeekState::visible, 14);
  send_many(stage, 16, 40);
  EXPECT_EQ(text_of(stage, *peek(stage, PeekState::visible, 2, first->next)), "15 16");
}

TEST(PeekTest, many_in_flight_are_seen_page_by_page_as_they_come_back) {
  Stage stage(tiny);
  create(stage);
  send_many(stage, 1, 30);
  for (int i = 0; i < 3; ++i) {
    take(stage, 8);
    stage.pass(seconds(1));
  }
  EXPECT_EQ(all_pages(stage, PeekState::in_flight, 5), range(1, 24));
  stage.pass(seconds(28));
  EXPECT_EQ(all_pages(stage, PeekState::visible, 5), range(1, 16) + " " + range(25, 30));
}

/// The numbers in a text, in order, as a text again.
std::string sorted(const std::string& text) {
  std::vector<int> seen;
  for (std::istringstream numbers(text); numbers;) {
    if (int number = 0; numbers >> number) {
      seen.push_back(number);
    }
  }
  std::ranges::sort(seen);
  std::string all;
  for (const int number : seen) {
    all.append(all.empty() ? "" : " ").append(std::to_string(number));
  }
  return all;
}

TEST(PeekTest, what_came_back_and_was_paged_out_is_seen_once) {
  Stage stage({.block_messages = 4, .head_messages = 8, .returned_messages = 8});
  create(stage);
  send_many(stage, 1, 60);
  take(stage, 50);
  stage.pass(seconds(31));
  stage.tick();
  EXPECT_EQ(sorted(all_pages(stage, PeekState::visible, 7)), range(1, 60));
}

void send_as(Stage& stage, const std::string& group, int first, int last) {
  for (int i = first; i <= last; ++i) {
    Send command;
    Outgoing message;
    message.envelope = std::to_string(i);
    message.size_bytes = static_cast<std::uint32_t>(message.envelope.size());
    message.group = group;
    command.messages.push_back(message);
    stage.ask<Sent>(command);
  }
  stage.tick();
}

constexpr Options tiny_apart{.block_messages = 4, .head_messages = 8, .apart_messages = 4};

TEST(PeekTest, noisy_groups_in_blocks_of_their_own_are_seen_once_page_by_page) {
  Stage stage(tiny_apart);
  create(stage);
  send_as(stage, "a", 1, 50);
  send_as(stage, "b", 51, 100);
  send_as(stage, "quiet", 101, 102);
  for (int i = 0; i < 40; ++i) {
    send_as(stage, i % 2 == 0 ? "a" : "b", 103 + i, 103 + i);
  }
  ASSERT_EQ(stage.ask<Measurement>(Measure{})->fairness.groups_noisy, 2U);
  for (const std::uint32_t count : {1U, 7U, 64U, 200U}) {
    EXPECT_EQ(sorted(all_pages(stage, PeekState::visible, count)), range(1, 142)) << count;
  }
}

TEST(PeekTest, a_page_of_a_noisy_group_goes_on_while_it_is_taken_and_paged_out) {
  Stage stage(tiny_apart);
  create(stage);
  send_as(stage, "noisy", 1, 60);
  const auto first = peek(stage, PeekState::visible, 20);
  ASSERT_EQ(text_of(stage, *first), range(1, 20));
  take(stage, 10);
  send_as(stage, "noisy", 61, 80);
  EXPECT_EQ(text_of(stage, *peek(stage, PeekState::visible, 5, first->next)), range(21, 25));
  take(stage, 25);
  stage.read_ahead();
  EXPECT_EQ(text_of(stage, *peek(stage, PeekState::visible, 5, first->next)), range(36, 40));
}

TEST(PeekTest, a_page_goes_on_behind_a_message_that_was_taken_before_others) {
  Stage stage;
  create(stage);
  send_as(stage, "noisy", 1, 20);
  take(stage, 15);
  send_as(stage, "quiet", 21, 30);
  const auto first = peek(stage, PeekState::visible, 7);
  ASSERT_EQ(text_of(stage, *first), range(16, 22));
  ASSERT_EQ(texts(stage, *receive(stage, 4)), "16 21 22 23");
  EXPECT_EQ(text_of(stage, *peek(stage, PeekState::visible, 3, first->next)), "24 25 26");
}

TEST(PeekTest, a_page_that_ended_in_a_group_that_stands_apart_since_goes_on_behind_it) {
  Stage stage(tiny_apart);
  create(stage);
  send_as(stage, "noisy", 1, 6);
  const auto first = peek(stage, PeekState::visible, 4);
  ASSERT_EQ(text_of(stage, *first), range(1, 4));
  send_as(stage, "quiet", 7, 7);
  send_as(stage, "noisy", 8, 40);
  ASSERT_EQ(stage.ask<Measurement>(Measure{})->fairness.groups_noisy, 1U);
  EXPECT_EQ(text_of(stage, *peek(stage, PeekState::visible, 2, first->next)), "7 1") << "the others anew";
}

TEST(PeekTest, what_became_visible_behind_later_ones_is_seen_when_the_page_before_was_taken) {
  for (const bool more : {false, true}) {
    Stage stage;
    create(stage);
    send(stage, "delayed", Seconds(5));
    for (int i = 2; i <= 20; ++i) {
      send(stage, std::to_string(i));
    }
    stage.pass(seconds(6));
    stage.tick();
    const auto first = peek(stage, PeekState::visible, 19);
    ASSERT_EQ(first->wanted.size(), 19U);
    ASSERT_TRUE(first->next);
    take(stage, 19);
    if (more) {
      send(stage, "21");
    }
    EXPECT_EQ(text_of(stage, *peek(stage, PeekState::visible, 19, first->next)), more ? "delayed 21" : "delayed");
  }
}

TEST(PeekTest, a_page_ends_with_the_message_that_fills_it) {
  Stage stage;
  create(stage);
  send(stage, std::string(100, 'a'));
  send(stage, std::string(100, 'b'));
  send(stage, "c");
  Peek command;
  command.bytes_max = 150;
  EXPECT_EQ(stage.ask<Peeked>(command)->messages.size(), 2U);
}

TEST(PeekTest, what_is_over_is_not_seen_and_a_missing_queue_is_told) {
  Stage stage({.block_messages = 4, .head_messages = 8, .expiry_pause = std::chrono::hours(1)});
  EXPECT_EQ(stage.refused(Peek{}).reason, Reason::not_found);
  create(stage, {.retention = seconds(60)});
  send_many(stage, 1, 20);
  stage.pass(seconds(50));
  send_many(stage, 21, 30);
  stage.pass(seconds(10));
  EXPECT_EQ(all_pages(stage, PeekState::visible, 4), range(21, 30));
}

}  // namespace
}  // namespace sluice::queue
