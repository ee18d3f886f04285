#include "machines/queue/queue.h"

#include <gtest/gtest.h>

#include "machines/queue/stage.h"

namespace sluice::queue {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(QueueTest, what_was_never_made_is_not_found) {
  Stage stage;
  EXPECT_EQ(stage.refused(Describe{}).reason, Reason::not_found);
  EXPECT_EQ(stage.refused(Send{}).reason, Reason::not_found);
  EXPECT_EQ(stage.refused(Receive{}).reason, Reason::not_found);
  EXPECT_EQ(stage.refused(Purge{}).reason, Reason::not_found);
  EXPECT_EQ(stage.refused(Remove{}).reason, Reason::not_found);
  EXPECT_EQ(stage.refused(machines::Arrival{}).reason, Reason::not_found);
  EXPECT_TRUE(stage.machine().gone());
}

TEST(QueueTest, a_command_counts_only_while_its_proviso_holds) {
  struct OnlyWithPolicy final : machines::Proviso {
    std::optional<Refusal> refusal(const machines::Labels& labels) const override {
      return labels.contains("policy") ? std::nullopt : std::optional(Refusal{Reason::proviso_fails, "no policy"});
    }
  };
  Stage stage;
  Send command;
  command.proviso = std::make_shared<OnlyWithPolicy>();
  EXPECT_EQ(stage.refused(command).reason, Reason::not_found) << "what is not there has no labels";
  create(stage);
  EXPECT_EQ(stage.refused(command).reason, Reason::proviso_fails);
  EXPECT_EQ(stage.refused(command).detail, "no policy");
  Configure change;
  change.settings.labels["policy"] = "p";
  stage.ask<Description>(change);
  EXPECT_TRUE(stage.ask<Sent>(command));
}

TEST(QueueTest, a_message_is_given_out_once_per_lease) {
  Stage stage;
  create(stage);
  EXPECT_FALSE(stage.machine().gone());
  send(stage, "one");
  EXPECT_TRUE(stage.machine().ready());
  const auto batch = receive(stage, 10);
  EXPECT_EQ(texts(stage, *batch), "one");
  EXPECT_EQ(batch->messages.at(0).receive_count, 1U);
  EXPECT_EQ(batch->messages.at(0).sent, stage.now);
  EXPECT_EQ(batch->messages.at(0).first_received, stage.now);
  EXPECT_FALSE(stage.machine().ready());
  EXPECT_TRUE(receive(stage, 10)->messages.empty());
  EXPECT_EQ(counts(stage), "0/1/0");
}

TEST(QueueTest, messages_come_in_the_order_in_which_they_were_sent) {
  Stage stage;
  create(stage);
  for (const char* text : {"a", "b", "c", "d"}) {
    send(stage, text);
  }
  EXPECT_EQ(texts(stage, *receive(stage, 3)), "a b c");
  EXPECT_EQ(texts(stage, *receive(stage, 3)), "d");
}

TEST(QueueTest, a_message_returns_when_its_lease_ends) {
  Stage stage;
  create(stage);
  send(stage, "one");
  const Time first = stage.now;
  receive(stage, 1, seconds(5));
  stage.pass(milliseconds(4'999));
  EXPECT_EQ(counts(stage), "0/1/0");
  EXPECT_EQ(stage.machine().deadline(), first + seconds(5));
  stage.pass(milliseconds(1));
  EXPECT_EQ(counts(stage), "1/0/0");
  const auto batch = receive(stage);
  EXPECT_EQ(batch->messages.at(0).receive_count, 2U);
  EXPECT_EQ(batch->messages.at(0).first_received, first);
}

TEST(QueueTest, a_receive_with_no_visibility_timeout_shows_the_message_again_at_once) {
  Stage stage;
  create(stage);
  send(stage, "one");
  EXPECT_EQ(receive(stage, 1, seconds(0))->messages.at(0).receive_count, 1U);
  EXPECT_TRUE(stage.machine().ready());
  EXPECT_EQ(receive(stage, 1, seconds(0))->messages.at(0).receive_count, 2U);
}

TEST(QueueTest, what_came_back_and_what_is_new_take_turns) {
  Stage stage;
  create(stage);
  for (const char* text : {"a", "b", "c"}) {
    send(stage, text);
  }
  for (const char* text : {"a", "a", "b", "a"}) {
    EXPECT_EQ(texts(stage, *receive(stage, 1, seconds(0))), text);
    stage.pass(milliseconds(1));
  }
  EXPECT_EQ(texts(stage, *receive(stage, 3)), "c b a");
}

TEST(QueueTest, with_nothing_to_give_a_receive_waits_until_its_last_chance) {
  Stage stage;
  create(stage);
  EXPECT_TRUE(std::holds_alternative<machines::Waits>(stage.give(Receive{})));
  Outcome outcome = stage.give(Receive{}, true);
  const auto& reply = std::get<std::unique_ptr<Reply>>(outcome);
  EXPECT_TRUE(dynamic_cast<Batch&>(*reply).messages.empty());
  EXPECT_FALSE(reply->waits_for.has_value());
}

TEST(QueueTest, a_receive_waits_for_the_sends_of_its_messages_only) {
  Stage stage;
  create(stage);
  send(stage, "a");
  send(stage, "b");
  send(stage, "c");
  const auto batch = receive(stage, 2);
  EXPECT_EQ(batch->waits_for, 3U);  // entries: created, a, b
}

TEST(QueueTest, a_delayed_message_is_hidden_until_it_is_due) {
  Stage stage;
  create(stage, {.delay = seconds(10)});
  send(stage, "by the queue");
  send(stage, "by itself", seconds(2));
  send(stage, "not at all", seconds(0));
  EXPECT_EQ(counts(stage), "1/0/2");
  EXPECT_EQ(texts(stage, *receive(stage, 10)), "not at all");
  EXPECT_EQ(stage.machine().deadline(), stage.now + seconds(2));
  stage.pass(seconds(2));
  EXPECT_EQ(texts(stage, *receive(stage, 10)), "by itself");
  stage.pass(milliseconds(7'999));
  EXPECT_EQ(texts(stage, *receive(stage, 10)), "");
  stage.pass(milliseconds(1));
  EXPECT_EQ(texts(stage, *receive(stage, 10)), "by the queue");
}

TEST(QueueTest, a_message_larger_than_the_bound_is_refused_alone) {
  Stage stage;
  create(stage, {.message_bytes_max = 4});
  Send command;
  for (const std::uint32_t size : {4U, 5U, 3U}) {
    Outgoing message;
    message.envelope = "x";
    message.size_bytes = size;
    command.messages.push_back(message);
  }
  const auto sent = stage.ask<Sent>(command);
  EXPECT_EQ(sent->message_bytes_max, 4U);
  EXPECT_EQ(sent->each.at(0)->number, 1U);
  EXPECT_EQ(sent->each.at(1).error().reason, Reason::invalid_setting);
  EXPECT_EQ(sent->each.at(1).error().detail, "message_bytes_max");
  EXPECT_EQ(sent->each.at(2)->number, 2U);
  EXPECT_EQ(counts(stage), "2/0/0");
}

TEST(QueueTest, a_message_is_gone_once_its_retention_ends) {
  Stage stage;
  create(stage, {.visibility_timeout = seconds(1'000), .retention = seconds(60)});
  send(stage, "in flight");
  const auto batch = receive(stage);
  send(stage, "waiting");
  stage.pass(seconds(30));
  send(stage, "later");
  stage.pass(milliseconds(29'999));
  EXPECT_EQ(counts(stage), "2/1/0");
  stage.pass(milliseconds(1));
  EXPECT_EQ(counts(stage), "1/0/0");
  EXPECT_EQ(texts(stage, *receive(stage, 10)), "later");
  EXPECT_TRUE(acknowledge(stage, batch->messages[0].lease).has_value());
  EXPECT_EQ(extend(stage, batch->messages[0].lease, seconds(5)).error().reason, Reason::message_not_found);
}

TEST(QueueTest, expiry_is_looked_for_seldom_but_nothing_expired_is_given_out) {
  Stage stage({.expiry_pause = milliseconds(10'000)});
  create(stage, {.retention = seconds(60)});
  send(stage, "a");
  stage.pass(milliseconds(1));
  send(stage, "b");
  stage.pass(milliseconds(1));
  send(stage, "c");
  stage.pass(milliseconds(59'998));
  EXPECT_EQ(counts(stage), "2/0/0");
  stage.pass(milliseconds(1));
  EXPECT_EQ(texts(stage, *receive(stage, 1)), "c");
}

TEST(QueueTest, a_shorter_retention_holds_for_messages_that_are_there) {
  Stage stage;
  create(stage);
  send(stage, "a");
  stage.pass(seconds(100));
  Configure command;
  command.settings.retention = seconds(60);
  stage.ask<Description>(command);
  EXPECT_EQ(counts(stage), "0/0/0");
}

TEST(QueueTest, purge_drops_what_is_visible_in_flight_and_delayed) {
  Stage stage;
  create(stage);
  send(stage, "a");
  send(stage, "b");
  send(stage, "c", seconds(9));
  const auto batch = receive(stage);
  EXPECT_EQ(counts(stage), "1/1/1");
  stage.ask<Description>(Purge{});
  EXPECT_EQ(counts(stage), "0/0/0");
  EXPECT_TRUE(acknowledge(stage, batch->messages[0].lease).has_value());
  Purge again;
  again.pause = seconds(60);
  stage.pass(milliseconds(59'999));
  EXPECT_EQ(stage.refused(again).reason, Reason::purge_in_progress);
  stage.pass(milliseconds(1));
  EXPECT_TRUE(std::holds_alternative<std::unique_ptr<Reply>>(stage.give(again)));
  EXPECT_EQ(send(stage, "d"), 4U) << "numbers are never given again";
}

TEST(QueueTest, a_removed_queue_is_gone) {
  Stage stage;
  create(stage);
  send(stage, "a");
  stage.ask<Description>(Remove{});
  EXPECT_TRUE(stage.machine().gone());
  EXPECT_EQ(stage.refused(Remove{}).reason, Reason::not_found);
  EXPECT_EQ(stage.machine().deadline(), never);
}

TEST(QueueTest, a_removed_queue_can_keep_its_name_for_a_while) {
  Stage stage;
  create(stage);
  send(stage, "a");
  Remove command;
  command.keep_name = seconds(60);
  stage.ask<Description>(command);
  EXPECT_FALSE(stage.machine().gone());
  EXPECT_TRUE(stage.machine().ready()) << "so that waiting receives end";
  EXPECT_EQ(stage.refused(Receive{}).reason, Reason::not_found);
  EXPECT_EQ(stage.refused(Create{}).reason, Reason::deleted_recently);
  EXPECT_EQ(stage.refused(Describe{}).reason, Reason::not_found);
  stage.reload();
  stage.pass(milliseconds(59'999));
  EXPECT_EQ(stage.refused(Create{}).reason, Reason::deleted_recently);
  stage.pass(milliseconds(1));
  EXPECT_EQ(stage.machine().deadline(), stage.now);
  stage.tick();
  EXPECT_TRUE(stage.machine().gone());
  EXPECT_EQ(stage.machine().deadline(), never);
}

TEST(QueueTest, a_receive_waits_as_long_as_the_queue_says) {
  Stage stage;
  create(stage, {.receive_wait = seconds(7)});
  Outcome outcome = stage.give(Receive{});
  EXPECT_EQ(std::get<machines::Waits>(outcome).at_most, seconds(7));
}

TEST(QueueTest, in_flight_is_bounded) {
  Stage stage({.in_flight_max = 3});
  create(stage);
  for (int i = 0; i < 5; ++i) {
    send(stage, "m");
  }
  const auto batch = receive(stage, 10);
  EXPECT_EQ(batch->messages.size(), 3U);
  EXPECT_EQ(stage.refused(Receive{}).reason, Reason::too_many_in_flight);
  EXPECT_TRUE(stage.machine().ready());
  acknowledge(stage, batch->messages[0].lease);
  EXPECT_EQ(receive(stage, 10)->messages.size(), 1U);
  EXPECT_EQ(stage.refused(Receive{}).reason, Reason::too_many_in_flight);
}

TEST(QueueTest, what_came_back_takes_turns_with_what_is_new) {
  Stage stage({.in_flight_max = 2});
  create(stage);
  for (const char* text : {"a", "b", "c"}) {
    send(stage, text);
  }
  receive(stage, 2, seconds(0));
  EXPECT_EQ(texts(stage, *receive(stage, 10)), "a c");
}

// Creation and settings

TEST(QueueTest, a_queue_is_made_once_and_found_equal_afterwards) {
  Stage stage;
  Create command;
  command.settings.delay = seconds(3);
  command.settings.labels["policy"] = "p";
  command.tags["team"] = "video";
  const auto made = stage.ask<Description>(command);
  EXPECT_TRUE(made->created);
  EXPECT_EQ(made->machine, test_machine);
  EXPECT_EQ(made->created_at, stage.now);
  EXPECT_EQ(made->settings.delay, seconds(3));
  stage.pass(seconds(1));
  const auto found = stage.ask<Description>(command);
  EXPECT_FALSE(found->created);
  EXPECT_EQ(found->created_at, made->created_at);
  EXPECT_EQ(found->tags.at("team"), "video");
  EXPECT_EQ(found->settings.labels.at("policy"), "p");
  EXPECT_FALSE(stage.ask<Description>(Create{})->created) << "settings that are not given are not compared";
}

TEST(QueueTest, creation_names_the_first_setting_that_differs) {
  Stage stage;
  create(stage, {.delay = seconds(3), .labels = {{"policy", "p"}}});
  const auto differing = [&](const SettingsChange& settings) {
    Create command;
    command.settings = settings;
    const Refusal refusal = stage.refused(command);
    EXPECT_EQ(refusal.reason, Reason::already_exists);
    return refusal.detail;
  };
  EXPECT_EQ(differing({.visibility_timeout = seconds(31)}), "visibility_timeout");
  EXPECT_EQ(differing({.delay = seconds(0)}), "delay");
  EXPECT_EQ(differing({.retention = seconds(60)}), "retention");
  EXPECT_EQ(differing({.receive_wait = seconds(1)}), "receive_wait");
  EXPECT_EQ(differing({.message_bytes_max = 1024}), "message_bytes_max");
  EXPECT_EQ(differing({.dead_letters = SettingsChange::DeadLetters{"x", 3}}), "dead_letters");
  EXPECT_EQ(differing({.ordered = true}), "ordered");
  EXPECT_EQ(differing({.deduplicates_by_content = true}), "deduplicates_by_content");
  EXPECT_EQ(differing({.deduplication_scope = DeduplicationScope::group}), "deduplication_scope");
  EXPECT_EQ(differing({.labels = {{"policy", "q"}}}), "policy");
  EXPECT_EQ(differing({.labels = {{"policy", std::nullopt}}}), "policy");
  EXPECT_EQ(differing({.labels = {{"key", ""}}}), "key");
}

TEST(QueueTest, settings_change_one_by_one) {
  Stage stage;
  create(stage, {.delay = seconds(3), .labels = {{"policy", "p"}, {"key", "k"}}});
  stage.pass(seconds(5));
  Configure command;
  command.settings.visibility_timeout = seconds(7);
  command.settings.dead_letters = {"arn:target", 4};
  command.settings.labels["policy"] = std::nullopt;
  EXPECT_EQ(stage.ask<Description>(command)->settings.visibility_timeout, seconds(7));
  const auto description = stage.ask<Description>(Describe{});
  EXPECT_EQ(description->settings.visibility_timeout, seconds(7));
  EXPECT_EQ(description->settings.delay, seconds(3));
  EXPECT_EQ(description->settings.dead_letter_target, "arn:target");
  EXPECT_EQ(description->settings.receive_count_max, 4U);
  EXPECT_EQ(description->settings.labels.size(), 1U);
  EXPECT_EQ(description->changed_at, description->created_at + seconds(5));
  EXPECT_TRUE(stage.machine().refers_to("arn:target"));
  EXPECT_FALSE(stage.machine().refers_to("arn:other"));
  command = {};
  command.settings.dead_letters.emplace();
  stage.ask<Description>(command);
  EXPECT_FALSE(stage.machine().refers_to("arn:target"));
  EXPECT_FALSE(stage.machine().refers_to("arn"));
}

TEST(QueueTest, tags_are_bounded) {
  Stage stage;
  create(stage);
  Tag command;
  command.set = {{"a", "1"}, {"b", "2"}};
  command.tags_max = 2;
  EXPECT_EQ(stage.ask<Description>(command)->tags.size(), 2U);
  command.set = {{"c", "3"}};
  EXPECT_EQ(stage.refused(command).reason, Reason::invalid_setting);
  command.removed = {"a", "unknown"};
  command.set["b"] = "4";
  stage.ask<Description>(command);
  const auto tags = stage.ask<Description>(Describe{})->tags;
  EXPECT_EQ(tags, (std::map<std::string, std::string>{{"b", "4"}, {"c", "3"}}));
}

// State

TEST(QueueTest, the_state_is_what_the_facts_say) {
  Stage stage;
  create(stage, {.labels = {{"policy", "p"}}});
  send(stage, "a");
  send(stage, "b", seconds(5));
  send(stage, "c");
  const auto batch = receive(stage, 2);
  acknowledge(stage, batch->messages[0].lease);
  extend(stage, batch->messages[1].lease, seconds(100));
  const std::string before = stage.saved();
  stage.crash(stage.log().size());
  EXPECT_EQ(stage.saved(), before);
  stage.reload();
  EXPECT_EQ(stage.saved(), before);
  EXPECT_EQ(counts(stage), "0/1/1");
}

TEST(QueueTest, a_snapshot_cut_anywhere_is_refused) {
  Stage stage;
  create(stage, {.labels = {{"policy", "p"}}});
  send(stage, "a");
  send(stage, "b", seconds(5));
  receive(stage);
  const std::string whole = stage.saved();
  for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
    Reader in(std::string_view(whole).substr(0, bytes));
    EXPECT_FALSE(make(test_machine)->load(in)) << bytes;
  }
}

TEST(QueueTest, a_fact_that_cannot_be_fails_a_check) {
  Stage stage;
  create(stage);
  CheckTrap trap;
  machines::Fact fact;
  fact.kind = static_cast<std::uint16_t>(FactKind::deleted);
  std::string payload;
  Writer out(payload);
  Numbers::write(out, {5});
  fact.payload = payload;
  fact.time = stage.now;
  EXPECT_THROW(stage.machine().apply(fact), CheckFailed);
  fact.kind = 9'999;
  EXPECT_THROW(stage.machine().apply(fact), CheckFailed);
}

}  // namespace
}  // namespace sluice::queue
