#include "machines/queue/move.h"

#include <gtest/gtest.h>

#include "machines/queue/message.h"
#include "machines/queue/move_stage.h"

/// Move tasks (spec/sqs.md §9).
namespace sluice::queue {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

void send_many(Stage& stage, int count) {
  for (int i = 0; i < count; ++i) {
    send(stage, "m" + std::to_string(i));
  }
}

/// As one that came from another queue by its dead-letter rule.
void arrive(Stage& stage, const std::string& source, const std::string& body) {
  Message message;
  message.id = "the id";
  message.body = body;
  machines::Arrival arrival;
  arrival.source = source;
  Writer header(arrival.header);
  Luggage{stage.now - seconds(9), stage.now - seconds(5), 3}.write(header);
  arrival.body = encode(message);
  ASSERT_TRUE(std::holds_alternative<std::unique_ptr<Reply>>(stage.give(arrival)));
}

TEST(MoveTest, a_task_moves_all_that_is_visible_and_completes) {
  Stage stage;
  create(stage);
  send_many(stage, 3);
  const MoveTask started = start(stage, "t", "target");
  EXPECT_EQ(started.status, MoveStatus::running);
  EXPECT_EQ(started.to_move, 3U);
  EXPECT_EQ(state_of(stage), "running 0/3");
  ASSERT_EQ(stage.departures.size(), 3U);
  EXPECT_EQ(stage.departures[0].target, "target");
  EXPECT_EQ(stage.bytes_of(stage.machine().parcel(stage.departures[0].token).body), "m0");
  EXPECT_EQ(counts(stage), "0/0/0");
  std::size_t answered = 0;
  take_all(stage, answered);
  EXPECT_EQ(state_of(stage), "completed 3/3");
  EXPECT_GT(stage.machine().deadline(), stage.now + hours(1));
  send(stage, "later");
  EXPECT_EQ(counts(stage), "1/0/0");
}

TEST(MoveTest, a_task_over_nothing_completes_at_once) {
  Stage stage;
  create(stage);
  start(stage, "t", "target");
  EXPECT_EQ(state_of(stage), "completed 0/0");
}

TEST(MoveTest, what_comes_after_its_start_stays) {
  Stage stage;
  create(stage);
  send_many(stage, 2);
  start(stage, "t", "target", 1);
  send(stage, "later");
  stage.tick();
  stage.pass(seconds(1));
  stage.tick();
  EXPECT_EQ(stage.departures.size(), 2U);
  stage.pass(seconds(5));
  std::size_t answered = 0;
  take_all(stage, answered);
  EXPECT_EQ(state_of(stage), "completed 2/2");
  EXPECT_EQ(texts(stage, *receive(stage, 10)), "later");
}

TEST(MoveTest, what_is_in_flight_moves_when_it_comes_back_during_the_run) {
  Stage stage;
  create(stage);
  send_many(stage, 3);
  receive(stage, 1, seconds(2));
  start(stage, "t", "target", 1);
  EXPECT_EQ(state_of(stage), "running 0/2");
  stage.pass(seconds(1));
  stage.tick();
  EXPECT_EQ(stage.departures.size(), 2U);
  stage.pass(seconds(1));
  stage.tick();
  stage.tick();
  EXPECT_EQ(stage.departures.size(), 3U);
  std::size_t answered = 0;
  take_all(stage, answered);
  EXPECT_EQ(state_of(stage), "completed 3/2");
}

TEST(MoveTest, it_does_not_wait_for_what_is_in_flight) {
  Stage stage;
  create(stage);
  send_many(stage, 1);
  receive(stage, 1);
  start(stage, "t", "target");
  EXPECT_EQ(state_of(stage), "completed 0/0");
  EXPECT_EQ(counts(stage), "0/1/0");
}

class Rates : public testing::TestWithParam<std::uint32_t> {};

TEST_P(Rates, no_second_sees_more_than_the_rate) {
  const std::uint32_t rate = GetParam();
  Stage stage;
  create(stage);
  send_many(stage, static_cast<int>(rate) * 3);
  start(stage, "t", "target", rate);
  std::size_t answered = 0, seconds_passed = 0;
  std::vector<std::size_t> left;  // by millisecond
  while (list(stage).at(0).status == MoveStatus::running && seconds_passed < 10'000) {
    left.push_back(stage.departures.size());
    take_all(stage, answered);
    stage.pass(milliseconds(1));
    ++seconds_passed;
  }
  EXPECT_EQ(stage.departures.size(), rate * 3U);
  for (std::size_t at = 1'000; at < left.size(); ++at) {
    EXPECT_LE(left[at] - left[at - 1'000], rate) << "in the second before " << at << " ms";
  }
  EXPECT_LE(left.size(), 3'600U) << "and not much less";
}
INSTANTIATE_TEST_SUITE_P(MoveTest, Rates, testing::Values(1U, 7U, 15U, 99U, 500U));

TEST(MoveTest, without_a_destination_each_message_goes_back_to_where_it_came_from) {
  Stage stage;
  create(stage);
  arrive(stage, "one", "a");
  arrive(stage, "two", "b");
  start(stage, "t", "");
  EXPECT_TRUE(stage.departures.empty()) << "where to is not known before the envelopes are read";
  stage.read_ahead();
  ASSERT_EQ(stage.departures.size(), 2U);
  EXPECT_EQ(stage.departures[0].target, "one");
  EXPECT_EQ(stage.departures[1].target, "two");
  std::size_t answered = 0;
  take_all(stage, answered);
  EXPECT_EQ(state_of(stage), "completed 2/2");
}

TEST(MoveTest, without_a_destination_the_rate_holds_too) {
  Stage stage;
  create(stage);
  for (int i = 0; i < 3; ++i) {
    arrive(stage, "one", "a");
  }
  start(stage, "t", "", 2);
  stage.read_ahead();
  EXPECT_EQ(stage.departures.size(), 1U);
  stage.pass(milliseconds(499));
  stage.read_ahead();
  EXPECT_EQ(stage.departures.size(), 1U);
  stage.pass(milliseconds(1));
  stage.read_ahead();
  EXPECT_EQ(stage.departures.size(), 2U);
}

/// The task has failed, and its one message is where it was.
void expect_failed_at_the_first(Stage& stage, MoveFailure failure) {
  EXPECT_EQ(state_of(stage), "failed 0/1");
  EXPECT_EQ(list(stage).at(0).failure, failure);
  EXPECT_EQ(counts(stage), "1/0/0");
}

TEST(MoveTest, a_message_that_came_from_nowhere_fails_a_task_without_destination) {
  Stage stage;
  create(stage);
  Message message;
  message.id = "x";
  send(stage, encode(message));
  start(stage, "t", "");
  stage.read_ahead();
  expect_failed_at_the_first(stage, MoveFailure::no_source);
}

TEST(MoveTest, an_envelope_that_cannot_be_read_fails_the_task_and_stays) {
  Stage stage;
  create(stage);
  arrive(stage, "one", "a");
  start(stage, "t", "");
  machines::BlockRead command;
  command.block = stage.machine().wanted_block().value().block;
  stage.give(command);  // without its bytes
  expect_failed_at_the_first(stage, MoveFailure::unreadable);
}

TEST(MoveTest, a_moved_message_is_new_to_its_destination) {
  Stage source;
  create(source);
  arrive(source, "origin", "body");
  receive(source, 1, seconds(0));
  start(source, "t", "target");
  source.tick();
  const machines::Parcel parcel = source.machine().parcel(source.departures.at(0).token);

  Stage target;
  target.now = source.now + seconds(100);
  create(target, {.retention = seconds(60)});
  machines::Arrival arrival;
  arrival.source = "arn:dlq";
  arrival.header = parcel.header;
  arrival.body = source.bytes_of(parcel.body).value();
  target.give(arrival);
  const auto batch = receive(target);
  EXPECT_EQ(batch->messages.at(0).receive_count, 1U);
  EXPECT_EQ(batch->messages.at(0).sent, target.now);
  EXPECT_EQ(batch->messages.at(0).first_received, target.now);
  const Message arrived = decode(target.bytes_of(batch->wanted.at(0)).value()).value();
  EXPECT_EQ(arrived.body, "body");
  EXPECT_EQ(arrived.id.size(), 36U);
  EXPECT_EQ(arrived.dead_letter_source, "");
}

TEST(MoveTest, going_round_and_round_does_not_grow_a_message) {
  Message message;
  message.id = "the first";
  message.body = "body";
  const std::string id = "00000000-0000-4000-8000-000000000000";
  const std::string once = as_new(with_dead_letter_source(encode(message), "source"), id);
  std::string often = once;
  for (int i = 0; i < 5; ++i) {
    often = as_new(with_dead_letter_source(often, "source"), id);
  }
  EXPECT_EQ(often, once);
  EXPECT_EQ(decode(often).value().id, id);
}

TEST(MoveTest, one_task_runs_at_a_time) {
  Stage stage;
  create(stage);
  send_many(stage, 2);
  start(stage, "t", "target", 1);
  StartMove another;
  another.task = "u";
  EXPECT_EQ(stage.refused(another).reason, Reason::task_active);
  EXPECT_TRUE(stage.machine().refers_to(moving_mark));
  EXPECT_EQ(cancel(stage, "t").status, MoveStatus::cancelling) << "one is on its way";
  EXPECT_EQ(stage.refused(another).reason, Reason::task_active);
  std::size_t answered = 0;
  take_all(stage, answered);
  EXPECT_EQ(state_of(stage), "cancelled 1/2");
  EXPECT_FALSE(stage.machine().refers_to(moving_mark));
  start(stage, "u", "target");
  EXPECT_EQ(list(stage).size(), 2U);
  EXPECT_EQ(list(stage).at(0).id, "u");
}

TEST(MoveTest, a_task_that_was_cancelled_moves_nothing_more) {
  Stage stage;
  create(stage);
  send_many(stage, 3);
  start(stage, "t", "target", 1);
  stage.tick();
  std::size_t answered = 0;
  take_all(stage, answered);
  const MoveTask cancelled = cancel(stage, "t");
  EXPECT_EQ(cancelled.status, MoveStatus::cancelled);
  EXPECT_EQ(cancelled.moved, 1U);
  stage.pass(seconds(10));
  EXPECT_EQ(counts(stage), "2/0/0");
  EXPECT_EQ(stage.departures.size(), 1U);
  CancelMove again;
  again.task = "t";
  EXPECT_EQ(stage.refused(again).reason, Reason::task_over);
  again.task = "u";
  EXPECT_EQ(stage.refused(again).reason, Reason::task_unknown);
}

TEST(MoveTest, it_fails_when_its_destination_is_gone_and_the_message_is_back) {
  Stage stage;
  create(stage);
  send_many(stage, 3);
  start(stage, "t", "target", 1);
  stage.tick();
  answer<machines::TurnedBack>(stage, stage.departures.at(0).token);
  EXPECT_EQ(state_of(stage), "failed 0/3");
  EXPECT_EQ(list(stage).at(0).failure, MoveFailure::no_destination);
  EXPECT_EQ(counts(stage), "3/0/0");
  start(stage, "u", "elsewhere");
  stage.tick();
  EXPECT_EQ(stage.departures.size(), 4U) << "the next task takes them all";
}

TEST(MoveTest, a_task_ends_after_36_hours) {
  Stage stage;
  create(stage);
  send_many(stage, 1);
  stage.departures_free = 0;
  start(stage, "t", "target");
  stage.pass(hours(36) - seconds(1));
  stage.tick();
  EXPECT_EQ(state_of(stage), "running 0/1");
  stage.pass(seconds(1));
  EXPECT_EQ(state_of(stage), "failed 0/1");
  EXPECT_EQ(list(stage).at(0).failure, MoveFailure::too_long);
  EXPECT_EQ(counts(stage), "1/0/0");
}

TEST(MoveTest, with_a_full_outbox_it_tries_again_soon) {
  Stage stage;
  create(stage);
  send_many(stage, 3);
  stage.departures_free = 0;
  start(stage, "t", "target");
  stage.tick();
  EXPECT_EQ(counts(stage), "3/0/0");
  stage.departures_free = 2;
  stage.pass(move_try_again);
  stage.tick();
  EXPECT_EQ(stage.departures.size(), 3U) << "two in one step, one in the next";
}

TEST(MoveTest, what_is_on_its_way_at_a_time_is_bounded) {
  Stage stage;
  create(stage);
  send_many(stage, 300);
  start(stage, "t", "target");
  stage.tick();
  EXPECT_EQ(stage.departures.size(), moves_under_way_max);
  EXPECT_GT(stage.machine().deadline(), stage.now + hours(1)) << "nothing to do before an answer";
  receive(stage, 1, seconds(1));
  stage.pass(seconds(1));
  stage.tick();
  EXPECT_EQ(stage.departures.size(), moves_under_way_max) << "also when a tick comes for something else";
  std::size_t answered = 0;
  for (int turn = 0; turn < 5; ++turn) {
    take_all(stage, answered);
    stage.tick();
  }
  EXPECT_EQ(state_of(stage), "completed 300/300");
}

TEST(MoveTest, a_backlog_in_blocks_moves_too) {
  Options options;
  options.block_messages = 8;
  options.head_messages = 16;
  Stage stage(options);
  create(stage);
  send_many(stage, 200);
  start(stage, "t", "target");
  std::size_t answered = 0;
  for (int turn = 0; turn < 100 && list(stage).at(0).status == MoveStatus::running; ++turn) {
    stage.read_ahead();
    take_all(stage, answered);
  }
  EXPECT_EQ(state_of(stage), "completed 200/200");
  EXPECT_EQ(stage.departures.size(), 200U);
}

TEST(MoveTest, expired_messages_do_not_move) {
  Stage stage;
  create(stage, {.retention = seconds(60)});
  send_many(stage, 2);
  stage.pass(seconds(30));
  send(stage, "young");
  start(stage, "t", "target", 1);
  stage.tick();
  stage.pass(seconds(31));
  stage.tick();
  std::size_t answered = 0;
  take_all(stage, answered);
  stage.pass(seconds(1));
  stage.tick();
  take_all(stage, answered);
  EXPECT_EQ(stage.departures.size(), 2U);
  EXPECT_EQ(stage.departures[1].token, 3U);
  EXPECT_EQ(state_of(stage), "completed 2/3");
}

TEST(MoveTest, a_running_task_survives_a_restart_and_a_snapshot) {
  Stage stage;
  create(stage);
  send_many(stage, 4);
  start(stage, "t", "target", 1);
  stage.pass(seconds(1));
  stage.tick();
  answer<machines::Departed>(stage, stage.departures.at(0).token);
  const std::string before = stage.saved();
  stage.crash(stage.log().size());
  EXPECT_EQ(stage.saved(), before);
  stage.reload();
  EXPECT_EQ(stage.saved(), before);
  EXPECT_EQ(state_of(stage), "running 1/4");
  stage.pass(seconds(1));
  stage.tick();
  EXPECT_EQ(stage.departures.size(), 2U);
  answer<machines::Departed>(stage, stage.departures.at(1).token);
  EXPECT_EQ(state_of(stage), "running 2/4");
}

TEST(MoveTest, a_purge_leaves_nothing_to_move) {
  Stage stage;
  create(stage);
  send_many(stage, 3);
  start(stage, "t", "target", 1);
  stage.tick();
  stage.ask<Description>(Purge{});
  answer<machines::TurnedBack>(stage, stage.departures.at(0).token, Reason::dead_letter_target_refuses);
  EXPECT_EQ(counts(stage), "0/0/0");
  EXPECT_EQ(list(stage).at(0).failure, MoveFailure::unreadable);
}

TEST(MoveTest, ten_tasks_are_remembered) {
  Stage stage;
  create(stage);
  for (int task = 0; task < 12; ++task) {
    start(stage, "t" + std::to_string(task), "target");
    stage.tick();
  }
  const std::vector<MoveTask> tasks = list(stage);
  ASSERT_EQ(tasks.size(), move_tasks_max);
  EXPECT_EQ(tasks.front().id, "t11");
  EXPECT_EQ(tasks.back().id, "t2");
}

TEST(MoveTest, the_removal_of_the_queue_ends_its_tasks) {
  Stage stage;
  create(stage);
  send_many(stage, 2);
  start(stage, "t", "target", 1);
  stage.tick();
  Remove remove;
  remove.keep_name = seconds(60);
  stage.ask<Description>(remove);
  answer<machines::Departed>(stage, stage.departures.at(0).token);
  EXPECT_EQ(stage.refused(ListMoves{}).reason, Reason::not_found);
}

}  // namespace
}  // namespace sluice::queue
