// Ordered queues: spec/sqs.md §7, sentence by sentence.
#include <algorithm>

#include "machines/queue/stage.h"

namespace sluice::queue {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

struct OrderedTest : testing::Test {
  Stage stage;
  OrderedTest() { create(stage, {.ordered = true}); }

  Accepted send(const std::string& group, const std::string& envelope, const std::string& id = {}) {
    Send command;
    command.messages.push_back(message(group, envelope, id));
    return stage.ask<Sent>(command)->each.at(0).value();
  }
  static Outgoing message(const std::string& group, const std::string& envelope, const std::string& id) {
    Outgoing outgoing;
    outgoing.envelope = envelope;
    outgoing.size_bytes = static_cast<std::uint32_t>(envelope.size());
    outgoing.group = group;
    outgoing.deduplication_id = id.empty() ? envelope : id;
    return outgoing;
  }
  /// Each message's group is its first letter.
  void send_all(const std::string& envelopes) {
    std::string envelope;
    for (const char letter : envelopes + " ") {
      if (letter != ' ') {
        envelope += letter;
      } else if (!envelope.empty()) {
        send(envelope.substr(0, 1), envelope);
        envelope.clear();
      }
    }
  }
  std::string got(std::uint32_t count_max = 1) { return texts(stage, *receive(stage, count_max)); }
  void configure(const SettingsChange& change) {
    Configure command;
    command.settings = change;
    stage.ask<Description>(command);
  }
  std::unique_ptr<Batch> attempt(const std::string& id, std::uint32_t count_max = 10) {
    Receive command;
    command.count_max = count_max;
    command.attempt_id = id;
    return stage.ask<Batch>(command);
  }
};

// Order and locking

TEST_F(OrderedTest, a_group_is_given_out_in_the_order_of_sending) {
  send_all("a1 a2 a3");
  EXPECT_EQ(got(2), "a1 a2");
}

TEST_F(OrderedTest, nothing_of_a_group_is_given_out_while_its_head_is_in_flight) {
  send_all("a1 a2 b1");
  EXPECT_EQ(got(), "a1");
  EXPECT_EQ(got(10), "b1");
  EXPECT_EQ(got(10), "");
  EXPECT_FALSE(stage.machine().ready());
}

TEST_F(OrderedTest, one_receive_fills_from_one_group_and_then_from_the_next) {
  send_all("a1 b1 a2 c1 b2 a3");
  EXPECT_EQ(got(4), "a1 a2 a3 b1");
  EXPECT_EQ(got(10), "c1");
}

TEST_F(OrderedTest, deleting_some_of_a_run_leaves_the_group_locked) {
  send_all("a1 a2 a3 a4");
  const auto run = receive(stage, 3);
  acknowledge(stage, run->messages.at(0).lease);
  acknowledge(stage, run->messages.at(2).lease);
  EXPECT_EQ(got(10), "");
  acknowledge(stage, run->messages.at(1).lease);
  EXPECT_EQ(got(10), "a4");
}

TEST_F(OrderedTest, a_group_restarts_with_its_earliest_message) {
  send_all("a1 a2 a3");
  const auto run = receive(stage, 2, seconds(10));
  stage.pass(seconds(10));
  EXPECT_EQ(got(10), "a1 a2 a3");
}

TEST_F(OrderedTest, extending_one_holds_back_every_later_one) {
  send_all("a1 a2 a3 a4");
  const auto run = receive(stage, 3, seconds(10));
  EXPECT_TRUE(extend(stage, run->messages.at(1).lease, seconds(60)).has_value());
  stage.pass(seconds(10));
  EXPECT_EQ(got(10), "a1");
  EXPECT_EQ(got(10), "");
}

TEST_F(OrderedTest, a_head_that_is_put_back_is_given_out_alone) {
  send_all("a1 a2 a3");
  const auto run = receive(stage, 2);
  EXPECT_TRUE(extend(stage, run->messages.at(0).lease, seconds(0)).has_value());
  EXPECT_EQ(got(10), "a1");
  EXPECT_EQ(got(10), "");
}

TEST_F(OrderedTest, what_is_received_with_no_timeout_comes_again_in_order) {
  send_all("a1 a2 a3");
  EXPECT_EQ(texts(stage, *receive(stage, 2, seconds(0))), "a1 a2");
  EXPECT_EQ(got(10), "a1 a2 a3");
}

TEST_F(OrderedTest, a_group_that_was_released_goes_to_the_back) {
  send_all("a1 b1 c1 a2 b2 c2");
  const auto first = receive(stage);
  EXPECT_EQ(texts(stage, *first), "a1");
  acknowledge(stage, first->messages.at(0).lease);
  EXPECT_EQ(got(), "b1");
  EXPECT_EQ(got(), "c1");
  send_all("d1");
  EXPECT_EQ(got(), "a2");
  EXPECT_EQ(got(), "d1");
}

TEST_F(OrderedTest, counts_show_the_rest_of_a_locked_group_as_visible) {
  send_all("a1 a2 a3 b1");
  receive(stage);
  EXPECT_EQ(counts(stage), "3/1/0");
}

// Delay

TEST_F(OrderedTest, the_delay_is_the_queues_and_changes_for_what_waits) {
  configure({.delay = seconds(20)});
  send_all("a1");
  stage.pass(seconds(5));
  send_all("a2 b1");
  EXPECT_EQ(counts(stage), "0/0/3");
  EXPECT_EQ(got(10), "");
  stage.pass(seconds(15));
  EXPECT_EQ(got(10), "a1");
  EXPECT_EQ(counts(stage), "0/1/2");
  configure({.delay = seconds(10)});
  EXPECT_EQ(got(10), "b1");
  configure({.delay = seconds(900)});
  send_all("c1");
  EXPECT_EQ(got(10), "");
  configure({.delay = seconds(0)});
  EXPECT_EQ(got(10), "c1");
}

TEST_F(OrderedTest, a_delayed_message_does_not_block_what_was_sent_before_it) {
  configure({.delay = seconds(20)});
  send_all("a1");
  stage.pass(seconds(10));
  send_all("a2");
  stage.pass(seconds(10));
  const auto first = receive(stage, 10);
  EXPECT_EQ(texts(stage, *first), "a1");
  acknowledge(stage, first->messages.at(0).lease);
  EXPECT_EQ(got(10), "");
  stage.pass(seconds(10));
  EXPECT_TRUE(stage.machine().deadline() <= stage.now);
  EXPECT_EQ(got(10), "a2");
}

// Deduplication

TEST_F(OrderedTest, a_duplicate_is_answered_with_the_first_one_and_dropped) {
  const Accepted first = send("a", "first", "id");
  stage.pass(minutes(4));
  Send command;
  command.messages.push_back(message("b", "second", "id"));
  const auto sent = stage.ask<Sent>(command);
  const Accepted& second = sent->each.at(0).value();
  EXPECT_TRUE(second.duplicate);
  EXPECT_EQ(second.number, first.number);
  EXPECT_EQ(stage.bytes_of(sent->wanted.at(second.first_in_bytes.value())), "first");
  EXPECT_EQ(got(10), "first");
}

TEST_F(OrderedTest, an_id_is_known_for_five_minutes_from_the_first_also_after_the_message_is_gone) {
  send("a", "first", "id");
  acknowledge(stage, receive(stage)->messages.at(0).lease);
  stage.pass(minutes(5) - Milliseconds(1));
  EXPECT_TRUE(send("a", "second", "id").duplicate);
  stage.pass(Milliseconds(1));
  EXPECT_FALSE(send("a", "third", "id").duplicate);
  EXPECT_EQ(got(10), "third");
}

TEST_F(OrderedTest, a_duplicate_within_one_command_names_the_message_there) {
  Send command;
  command.messages = {message("a", "a1", "x"), message("a", "a2", "y"), message("a", "a3", "x")};
  const auto sent = stage.ask<Sent>(command);
  EXPECT_TRUE(sent->each.at(2)->duplicate);
  EXPECT_EQ(sent->each.at(2)->first_in_command, 0U);
  EXPECT_EQ(sent->each.at(2)->number, sent->each.at(0)->number);
  EXPECT_EQ(got(10), "a1 a2");
}

TEST_F(OrderedTest, by_group_an_id_is_known_in_its_group_only) {
  configure({.deduplication_scope = DeduplicationScope::group});
  stage.pass(deduplication_scope_delay);
  EXPECT_FALSE(send("a", "a1", "id").duplicate);
  EXPECT_FALSE(send("b", "b1", "id").duplicate);
  EXPECT_TRUE(send("a", "a2", "id").duplicate);
}

TEST_F(OrderedTest, a_changed_scope_is_in_force_after_a_minute_also_for_ids_already_seen) {
  send("a", "a1", "id");
  configure({.deduplication_scope = DeduplicationScope::group});
  stage.pass(deduplication_scope_delay - Milliseconds(1));
  EXPECT_TRUE(send("b", "b1", "id").duplicate);
  stage.pass(Milliseconds(1));
  EXPECT_TRUE(send("a", "a2", "id").duplicate);
  EXPECT_FALSE(send("b", "b2", "id").duplicate);
  configure({.deduplication_scope = DeduplicationScope::queue});
  stage.pass(deduplication_scope_delay - Milliseconds(1));
  EXPECT_FALSE(send("c", "c1", "id").duplicate);
  stage.pass(Milliseconds(1));
  EXPECT_TRUE(send("d", "d1", "id").duplicate);
}

TEST_F(OrderedTest, a_message_without_an_id_needs_deduplication_by_content) {
  Send command;
  command.messages = {message("a", "a1", "x"), message("a", "a2", "hash")};
  command.messages.back().deduplicated_by_content = true;
  EXPECT_EQ(stage.refused(command).reason, Reason::deduplication_id_missing);
  EXPECT_EQ(got(), "");
  configure({.deduplicates_by_content = true});
  EXPECT_EQ(stage.ask<Sent>(command)->each.size(), 2U);
  EXPECT_TRUE(send("b", "b1", "hash").duplicate);
}

TEST_F(OrderedTest, a_purge_forgets_ids) {
  send("a", "a1", "id");
  stage.ask<Description>(Purge{});
  EXPECT_FALSE(send("a", "a2", "id").duplicate);
  EXPECT_EQ(got(10), "a2");
}

TEST_F(OrderedTest, ids_survive_a_restart_and_a_snapshot) {
  send("a", "a1", "id");
  stage.crash(stage.log().size());
  EXPECT_TRUE(send("a", "a2", "id").duplicate);
  stage.reload();
  EXPECT_TRUE(send("a", "a3", "id").duplicate);
}

// Leases

TEST_F(OrderedTest, a_lease_that_is_over_or_older_is_refused) {
  send_all("a1");
  const Lease first = receive(stage, 1, seconds(10))->messages.at(0).lease;
  stage.pass(seconds(10));
  EXPECT_EQ(acknowledge(stage, first).error().reason, Reason::lease_expired);
  EXPECT_EQ(extend(stage, first, seconds(5)).error().reason, Reason::message_not_found);
  const Lease second = receive(stage, 1, seconds(10))->messages.at(0).lease;
  EXPECT_EQ(acknowledge(stage, first).error().reason, Reason::lease_expired);
  EXPECT_EQ(extend(stage, first, seconds(5)).error().reason, Reason::message_not_found);
  EXPECT_TRUE(acknowledge(stage, second).has_value());
  EXPECT_TRUE(acknowledge(stage, second).has_value());
  EXPECT_EQ(extend(stage, second, seconds(5)).error().reason, Reason::message_not_found);
}

TEST_F(OrderedTest, an_extended_lease_deletes) {
  send_all("a1");
  const Lease lease = receive(stage, 1, seconds(10))->messages.at(0).lease;
  stage.pass(seconds(9));
  EXPECT_TRUE(extend(stage, lease, seconds(10)).has_value());
  stage.pass(seconds(9));
  EXPECT_TRUE(acknowledge(stage, lease).has_value());
  EXPECT_EQ(counts(stage), "0/0/0");
}

TEST_F(OrderedTest, a_full_flight_gives_nothing_and_no_error) {
  Options options;
  options.in_flight_max = 2;
  Stage small(options);
  create(small, {.ordered = true});
  for (const char* group : {"a", "b", "c"}) {
    Send command;
    command.messages.push_back(message(group, group, group));
    small.ask<Sent>(command);
  }
  EXPECT_EQ(texts(small, *receive(small, 10, seconds(10))), "a b");
  EXPECT_EQ(texts(small, *receive(small, 10)), "");
  small.pass(seconds(10));
  EXPECT_EQ(texts(small, *receive(small, 10)), "a b") << "what was received and is not ended fills the room";
}

// Attempts

TEST_F(OrderedTest, a_repeated_attempt_gets_the_same_messages_and_leases) {
  send_all("a1 a2 b1");
  const auto first = attempt("try", 2);
  EXPECT_EQ(texts(stage, *first), "a1 a2");
  stage.pass(seconds(20));
  stage.reload();
  const auto again = attempt("try", 2);
  EXPECT_EQ(texts(stage, *again), "a1 a2");
  EXPECT_EQ(again->messages.at(0).lease.count, first->messages.at(0).lease.count);
  EXPECT_EQ(again->messages.at(0).receive_count, 1U);
  stage.pass(seconds(20));
  EXPECT_EQ(counts(stage), "1/2/0") << "the repeat began their time anew";
  EXPECT_TRUE(acknowledge(stage, first->messages.at(0).lease).has_value());
  EXPECT_EQ(texts(stage, *attempt("try", 2)), "b1") << "one of them is gone: a new receive";
}

TEST_F(OrderedTest, an_attempt_is_known_while_its_messages_are_hidden_and_untouched) {
  send_all("a1 b1 c1");
  const auto first = attempt("one", 1);
  EXPECT_TRUE(extend(stage, first->messages.at(0).lease, seconds(40)).has_value());
  EXPECT_EQ(texts(stage, *attempt("one", 1)), "b1");
  EXPECT_EQ(texts(stage, *attempt("two", 1)), "c1");
  stage.pass(seconds(30));
  EXPECT_EQ(texts(stage, *attempt("two", 10)), "b1 c1") << "the old one is over: these came back";
}

TEST_F(OrderedTest, an_attempt_is_known_for_five_minutes) {
  send_all("a1 b1");
  Receive command;
  command.attempt_id = "try";
  command.visibility_timeout = minutes(20);
  EXPECT_EQ(texts(stage, *stage.ask<Batch>(command)), "a1");
  stage.pass(minutes(5));
  EXPECT_EQ(texts(stage, *stage.ask<Batch>(command)), "b1");
}

// Dead letters and retention

TEST_F(OrderedTest, a_dead_letter_leaves_and_its_group_goes_on) {
  configure({.dead_letters = DeadLetterRule{"target", 1}});
  send_all("a1 a2");
  receive(stage, 1, seconds(5));
  stage.pass(seconds(5));
  EXPECT_EQ(got(10), "a2");
  ASSERT_EQ(stage.departures.size(), 1U);
}

TEST_F(OrderedTest, what_arrives_has_its_group_and_begins_its_retention_anew) {
  configure({.retention = seconds(60)});
  Message sent;
  sent.id = "id";
  sent.body = "body";
  sent.group = "a";
  send("a", "a1", "x");
  machines::Arrival arrival;
  arrival.source = "source";
  Writer header(arrival.header);
  Luggage{stage.now - seconds(600), stage.now - seconds(500), 3}.write(header);
  arrival.body = encode(sent);
  stage.ask<Sent>(arrival);
  stage.pass(seconds(50));
  const auto batch = receive(stage, 10);
  ASSERT_EQ(batch->messages.size(), 2U);
  EXPECT_EQ(batch->messages.at(1).sent, stage.now - seconds(650));
  EXPECT_EQ(batch->messages.at(1).receive_count, 4U);
  EXPECT_EQ(got(10), "");
}

TEST_F(OrderedTest, what_is_over_unlocks_its_group) {
  configure({.retention = seconds(60)});
  send_all("a1");
  stage.pass(seconds(30));
  send_all("a2");
  receive(stage, 1, seconds(600));
  EXPECT_EQ(got(10), "");
  stage.pass(seconds(31));
  EXPECT_EQ(got(10), "a2");
}

// Beyond the head

struct PagedOrderedTest : OrderedTest {
  PagedOrderedTest() {
    Options options;
    options.head_messages = 8;
    options.block_messages = 4;
    options.fair_messages_max = 24;
    options.locked_messages_max = 40;
    options.ids_in_page = 8;
    stage = Stage(options);
    create(stage, {.ordered = true});
  }
  void fill(const std::string& group, int count) {
    for (int i = 0; i < count; ++i) {
      send(group, group + std::to_string(++sent_));
    }
    stage.tick();
  }
  int sent_ = 0;
};

TEST_F(PagedOrderedTest, a_free_group_is_found_behind_a_locked_one) {
  fill("a", 30);
  fill("b", 1);
  fill("a", 30);
  EXPECT_EQ(got(), "a1");
  EXPECT_TRUE(stage.machine().ready());
  EXPECT_EQ(got(10), "b31");
  EXPECT_EQ(got(10), "");
  stage.reload();
  EXPECT_FALSE(stage.machine().ready());
}

TEST_F(PagedOrderedTest, a_free_group_is_looked_for_in_the_first_messages_only) {
  fill("a", 60);
  fill("b", 1);
  EXPECT_EQ(got(), "a1");
  EXPECT_EQ(got(10), "");
  EXPECT_FALSE(stage.machine().ready());
}

TEST_F(PagedOrderedTest, a_group_not_seen_yet_comes_before_one_that_was_released) {
  fill("a", 18);
  fill("b", 2);
  fill("a", 40);
  const auto first = receive(stage);
  acknowledge(stage, first->messages.at(0).lease);
  EXPECT_EQ(got(), "b19");
  EXPECT_EQ(got(), "a2");
}

TEST_F(PagedOrderedTest, all_come_in_order_and_once) {
  fill("a", 50);
  fill("b", 50);
  std::map<char, int> last;
  int received = 0;
  for (auto batch = receive(stage, 3); !batch->messages.empty(); batch = receive(stage, 3)) {
    for (std::size_t i = 0; i < batch->messages.size(); ++i) {
      const std::string text = stage.bytes_of(batch->wanted[i]).value();
      const int number = std::stoi(text.substr(1));
      EXPECT_GT(number, last[text[0]]);
      last[text[0]] = number;
      ++received;
      acknowledge(stage, batch->messages[i].lease);
    }
    stage.read_ahead();
  }
  EXPECT_EQ(received, 100);
}

TEST_F(PagedOrderedTest, ids_in_pages_are_known_again) {
  fill("a", 50);
  const std::size_t read = stage.blocks_read;
  EXPECT_FALSE(send("a", "new").duplicate);
  EXPECT_EQ(stage.blocks_read, read) << "a new id needs no page";
  EXPECT_TRUE(send("a", "again", "a3").duplicate);
  EXPECT_GT(stage.blocks_read, read);
  stage.reload();
  EXPECT_TRUE(send("b", "again", "a3").duplicate);
  configure({.deduplication_scope = DeduplicationScope::group});
  stage.pass(deduplication_scope_delay);
  EXPECT_FALSE(send("b", "again", "a3").duplicate);
  EXPECT_TRUE(send("a", "again", "a3").duplicate);
  fill("c", 50);
  configure({.deduplication_scope = DeduplicationScope::queue});
  stage.pass(deduplication_scope_delay);
  EXPECT_TRUE(send("d", "again", "c60").duplicate) << "seen by group, looked for in the whole queue";
  stage.pass(minutes(5));
  EXPECT_FALSE(send("a", "again", "c60").duplicate);
}

TEST(OrderedIdsTest, many_that_are_over_are_forgotten_in_steps) {
  Options options;
  options.ids_in_page = 2;
  Stage stage(options);
  create(stage, {.ordered = true});
  for (int i = 0; i < 400; ++i) {
    Send command;
    command.messages.push_back(OrderedTest::message("g", std::to_string(i), {}));
    stage.ask<Sent>(command);
  }
  stage.tick();
  const std::size_t before = stage.log().size();
  stage.pass(minutes(6));
  stage.tick();
  const std::vector<FactKind> kinds = stage.kinds(before);
  EXPECT_EQ(std::ranges::count(kinds, FactKind::ticked), 4) << "199 pages, 64 with each fact";
  EXPECT_GT(stage.machine().deadline(), stage.now);
  Send again;
  again.messages.push_back(OrderedTest::message("g", "7", {}));
  EXPECT_FALSE(stage.ask<Sent>(again)->each.at(0)->duplicate);
}

}  // namespace
}  // namespace sluice::queue
