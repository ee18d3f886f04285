#include <gtest/gtest.h>

#include "machines/queue/message.h"
#include "machines/queue/stage.h"

/// Messages on their way between queues (spec/sqs.md §8).
namespace sluice::queue {
namespace {

using std::chrono::seconds;

SettingsChange to_target(std::uint32_t receive_count_max) {
  return {.dead_letters = SettingsChange::DeadLetters{"target", receive_count_max}};
}

template <class Answer>
void answer(Stage& stage, std::uint64_t token) {
  Answer command;
  command.token = token;
  ASSERT_TRUE(std::holds_alternative<std::unique_ptr<Reply>>(stage.give(command)));
}

TEST(DeadLetterTest, a_message_received_too_often_leaves_when_it_is_looked_at) {
  Stage stage;
  create(stage, to_target(2));
  send(stage, "bad");
  send(stage, "good");
  EXPECT_EQ(texts(stage, *receive(stage, 1, seconds(0))), "bad");
  EXPECT_EQ(texts(stage, *receive(stage, 1, seconds(0))), "bad");
  EXPECT_EQ(counts(stage), "2/0/0") << "not before it is looked at";
  EXPECT_TRUE(stage.departures.empty());
  EXPECT_EQ(texts(stage, *receive(stage, 10)), "good");
  ASSERT_EQ(stage.departures.size(), 1U);
  EXPECT_EQ(stage.departures[0].target, "target");
  EXPECT_EQ(counts(stage), "0/1/0");
  EXPECT_EQ(stage.bytes_of(stage.machine().parcel(stage.departures[0].token).body), "bad");
  answer<machines::Departed>(stage, stage.departures[0].token);
  EXPECT_EQ(counts(stage), "0/1/0");
  answer<machines::Departed>(stage, stage.departures[0].token);  // told twice: ignored
}

TEST(DeadLetterTest, with_a_full_outbox_the_message_stays_and_is_not_given_out) {
  Stage stage;
  create(stage, to_target(1));
  for (const char* text : {"a", "b", "c"}) {
    send(stage, text);
  }
  receive(stage, 3, seconds(0));
  stage.departures_free = 1;
  EXPECT_TRUE(receive(stage, 10)->messages.empty());
  EXPECT_EQ(stage.departures.size(), 1U);
  EXPECT_EQ(counts(stage), "2/0/0");
  stage.departures_free = 0;
  EXPECT_TRUE(receive(stage, 10)->messages.empty());
  EXPECT_EQ(counts(stage), "2/0/0");
  stage.departures_free = 10;
  EXPECT_TRUE(receive(stage, 10)->messages.empty());
  EXPECT_EQ(stage.departures.size(), 3U);
}

TEST(DeadLetterTest, a_message_that_is_turned_back_is_given_out_and_tried_again_later) {
  Stage stage;
  create(stage, to_target(1));
  send(stage, "a");
  receive(stage, 1, seconds(0));
  EXPECT_TRUE(receive(stage)->messages.empty());
  ASSERT_EQ(stage.departures.size(), 1U);
  answer<machines::TurnedBack>(stage, stage.departures[0].token);
  EXPECT_TRUE(stage.machine().ready());
  const auto batch = receive(stage, 1, seconds(0));
  EXPECT_EQ(texts(stage, *batch), "a");
  EXPECT_EQ(batch->messages[0].receive_count, 2U);
  EXPECT_TRUE(receive(stage)->messages.empty());
  EXPECT_EQ(stage.departures.size(), 2U);
}

TEST(DeadLetterTest, what_leaves_survives_a_restart_and_a_snapshot) {
  Stage stage;
  create(stage, to_target(1));
  send(stage, "a");
  receive(stage, 1, seconds(0));
  receive(stage);
  ASSERT_EQ(stage.departures.size(), 1U);
  const std::string before = stage.saved();
  stage.crash(stage.log().size());
  EXPECT_EQ(stage.saved(), before);
  stage.reload();
  EXPECT_EQ(stage.saved(), before);
  EXPECT_EQ(stage.bytes_of(stage.machine().parcel(stage.departures[0].token).body), "a");
  std::size_t references = 0;
  stage.machine().references(
      everything, [](const Reference&) { return std::nullopt; }, [&](const Reference&) { ++references; });
  EXPECT_EQ(references, 1U);
}

TEST(DeadLetterTest, what_leaves_during_a_purge_goes_on_but_does_not_come_back) {
  Stage stage;
  create(stage, to_target(1));
  send(stage, "a");
  send(stage, "b");
  receive(stage, 2, seconds(0));
  receive(stage, 2);
  ASSERT_EQ(stage.departures.size(), 2U);
  stage.ask<Description>(Purge{});
  EXPECT_EQ(stage.bytes_of(stage.machine().parcel(stage.departures[0].token).body), "a");
  answer<machines::Departed>(stage, stage.departures[0].token);
  answer<machines::TurnedBack>(stage, stage.departures[1].token);
  EXPECT_EQ(counts(stage), "0/0/0");
}

TEST(DeadLetterTest, a_lease_of_what_leaves_acknowledges_and_extends_nothing) {
  Stage stage;
  create(stage, to_target(1));
  send(stage, "a");
  const auto batch = receive(stage, 1, seconds(0));
  receive(stage);
  EXPECT_TRUE(acknowledge(stage, batch->messages[0].lease).has_value());
  EXPECT_EQ(extend(stage, batch->messages[0].lease, seconds(3)).error().reason, Reason::message_not_found);
  answer<machines::TurnedBack>(stage, stage.departures.at(0).token);
  EXPECT_TRUE(acknowledge(stage, batch->messages[0].lease).has_value());
  EXPECT_EQ(counts(stage), "0/0/0");
}

TEST(DeadLetterTest, a_smaller_count_holds_for_messages_that_are_there) {
  Stage stage;
  create(stage, to_target(5));
  send(stage, "a");
  receive(stage, 1, seconds(0));
  Configure command;
  command.settings = to_target(1);
  stage.ask<Description>(command);
  EXPECT_TRUE(receive(stage)->messages.empty());
  EXPECT_EQ(stage.departures.size(), 1U);
}

TEST(DeadLetterTest, a_message_keeps_its_times_and_counts_on_the_way) {
  Stage source;
  create(source, to_target(2));
  Message message;
  message.id = "id";
  message.body = "body";
  send(source, encode(message));
  const Time sent = source.now;
  source.pass(seconds(1));
  const Time first_received = source.now;
  receive(source, 1, seconds(0));
  receive(source, 1, seconds(0));
  receive(source);
  const machines::Parcel parcel = source.machine().parcel(source.departures.at(0).token);

  Stage target;
  target.now = source.now + seconds(5);
  create(target);
  machines::Arrival arrival;
  arrival.source = "arn:source";
  arrival.header = parcel.header;
  arrival.body = source.bytes_of(parcel.body).value();
  ASSERT_TRUE(std::holds_alternative<std::unique_ptr<Reply>>(target.give(arrival)));
  EXPECT_TRUE(target.machine().ready());
  const auto batch = receive(target);
  EXPECT_EQ(batch->messages.at(0).receive_count, 3U);
  EXPECT_EQ(batch->messages.at(0).sent, sent);
  EXPECT_EQ(batch->messages.at(0).first_received, first_received);
  EXPECT_EQ(batch->waits_for, 2U);
  const Message arrived = decode(target.bytes_of(batch->wanted.at(0)).value()).value();
  EXPECT_EQ(arrived.id, "id");
  EXPECT_EQ(arrived.body, "body");
  EXPECT_EQ(arrived.dead_letter_source, "arn:source");
}

TEST(DeadLetterTest, retention_counts_from_the_original_send) {
  Stage target;
  create(target, {.retention = seconds(60)});
  machines::Arrival arrival;
  Writer header(arrival.header);
  Luggage{target.now - seconds(50), target.now - seconds(40), 2}.write(header);
  arrival.body = "x";
  target.give(arrival);
  send(target, "y");
  target.pass(seconds(9));
  EXPECT_EQ(counts(target), "2/0/0");
  target.pass(seconds(1));
  EXPECT_EQ(counts(target), "1/0/0");
}

TEST(DeadLetterTest, a_queue_that_is_its_own_target_gives_each_message_out_between_its_moves) {
  Stage stage;
  create(stage, to_target(2));
  send(stage, "a");
  std::uint32_t received = 0;
  for (int move = 0; move < 3; ++move) {
    receive(stage, 1, seconds(0));
    received = receive(stage, 1, seconds(0))->messages.at(0).receive_count;
    EXPECT_TRUE(receive(stage)->messages.empty());
    const std::uint64_t token = stage.departures.back().token;
    const machines::Parcel parcel = stage.machine().parcel(token);
    machines::Arrival arrival;
    arrival.header = parcel.header;
    arrival.body = stage.bytes_of(parcel.body).value();
    stage.give(arrival);
    answer<machines::Departed>(stage, token);
    EXPECT_EQ(counts(stage), "1/0/0");
  }
  EXPECT_EQ(received, 6U);
}

TEST(DeadLetterTest, a_parcel_that_cannot_be_read_is_turned_back) {
  Stage stage;
  create(stage);
  machines::Arrival arrival;
  arrival.header = "\xff";
  EXPECT_EQ(stage.refused(arrival).reason, Reason::invalid_setting);
}

}  // namespace
}  // namespace sluice::queue
