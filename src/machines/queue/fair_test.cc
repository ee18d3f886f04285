#include "machines/queue/fair.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>

#include "machines/queue/stage.h"

/// Fair queues (spec/sqs.md §10).
namespace sluice::queue {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Outgoing of_group(const std::string& group, const std::string& text) {
  Outgoing message;
  message.envelope = text;
  message.size_bytes = static_cast<std::uint32_t>(text.size());
  message.group = group;
  return message;
}

void send_to(Stage& stage, const std::string& group, const std::string& text) {
  Send command;
  command.messages.push_back(of_group(group, text));
  ASSERT_TRUE(stage.ask<Sent>(command)->each.at(0).has_value());
}

void send_many(Stage& stage, const std::string& group, int count) {
  for (int done = 0; done < count;) {
    Send command;
    for (int i = 0; i < 10 && done < count; ++i, ++done) {
      command.messages.push_back(of_group(group, group));
    }
    stage.ask<Sent>(command);
  }
}

Fairness fairness_of(Stage& stage) { return stage.ask<Measurement>(Measure{})->fairness; }

TEST(FairTest, quiet_groups_come_first_while_one_has_much_in_flight) {
  Stage stage;
  create(stage);
  send_many(stage, "noisy", 40);
  receive(stage, 10);
  receive(stage, 10);
  send_to(stage, "quiet", "quiet");
  send_to(stage, "", "single");
  EXPECT_EQ(texts(stage, *receive(stage, 3)), "quiet single noisy");
}

TEST(FairTest, without_anything_in_flight_messages_come_as_they_were_sent) {
  Stage stage;
  create(stage);
  send_many(stage, "a", 3);
  send_to(stage, "b", "b");
  EXPECT_EQ(texts(stage, *receive(stage, 10)), "a a a b");
}

TEST(FairTest, groups_with_equal_shares_come_as_they_were_sent) {
  Stage stage;
  create(stage);
  for (int i = 0; i < 20; ++i) {
    send_to(stage, "a", "a");
    send_to(stage, "b", "b");
  }
  receive(stage, 20);
  EXPECT_EQ(texts(stage, *receive(stage, 4)), "a b a b");
}

TEST(FairTest, noisy_messages_do_not_starve) {
  Stage stage;
  create(stage);
  send_many(stage, "noisy", 40);
  receive(stage, 20);
  send_many(stage, "quiet", 400);
  int noisy = 0;
  for (int i = 0; i < 16; ++i) {
    const auto batch = receive(stage, 1);
    noisy += texts(stage, *batch) == "noisy" ? 1 : 0;
    acknowledge(stage, batch->messages.at(0).lease);
  }
  EXPECT_EQ(noisy, 2) << "one in eight";
}

TEST(FairTest, a_group_is_quiet_again_when_its_messages_are_done) {
  Stage stage;
  create(stage);
  send_many(stage, "a", 20);
  const auto batch = receive(stage, 15);
  EXPECT_EQ(fairness_of(stage).groups_noisy, 1U);
  for (const Received& received : batch->messages) {
    acknowledge(stage, received.lease);
  }
  EXPECT_EQ(fairness_of(stage).groups_noisy, 0U);
  EXPECT_EQ(fairness_of(stage).groups_in_flight, 0U);
}

TEST(FairTest, a_group_whose_leases_end_is_quiet_without_any_receive) {
  Stage stage;
  create(stage, {.visibility_timeout = seconds(5)});
  send_many(stage, "a", 20);
  receive(stage, 15);
  stage.pass(seconds(5));
  EXPECT_EQ(fairness_of(stage).groups_in_flight, 0U);
}

Options small() {
  Options options;
  options.block_messages = 8;
  options.head_messages = 16;
  options.apart_messages = 8;
  return options;
}

TEST(FairTest, a_long_backlog_stands_apart_and_nobody_waits_behind_it) {
  Stage stage(small());
  create(stage);
  send_many(stage, "noisy", 1'000);
  send_to(stage, "quiet", "quiet");
  EXPECT_EQ(texts(stage, *receive(stage, 1)), "quiet");
  EXPECT_EQ(counts(stage), "1000/1/0");
  std::size_t received = 0;
  for (auto batch = receive(stage, 10); !batch->messages.empty(); batch = receive(stage, 10)) {
    received += batch->messages.size();
    for (const Received& one : batch->messages) {
      acknowledge(stage, one.lease);
    }
    stage.read_ahead();
  }
  EXPECT_EQ(received, 1'000U);
  EXPECT_EQ(fairness_of(stage).groups_noisy, 0U);
}

TEST(FairTest, what_stands_apart_comes_in_the_order_of_sending) {
  Stage stage(small());
  create(stage);
  for (int i = 0; i < 200; ++i) {
    send_to(stage, "noisy", std::to_string(i));
  }
  for (int i = 0; i < 200; ++i) {
    const auto batch = receive(stage, 1);
    ASSERT_EQ(texts(stage, *batch), std::to_string(i));
    acknowledge(stage, batch->messages.at(0).lease);
  }
}

TEST(FairTest, what_stands_apart_survives_a_restart_and_a_snapshot) {
  Stage stage(small());
  create(stage);
  send_many(stage, "noisy", 300);
  send_to(stage, "quiet", "quiet");
  receive(stage, 3);
  const std::string before = stage.saved();
  stage.crash(stage.log().size());
  EXPECT_EQ(stage.saved(), before);
  stage.reload();
  EXPECT_EQ(stage.saved(), before);
  EXPECT_EQ(counts(stage), "298/3/0");
  std::size_t references = 0;
  stage.machine().references(
      everything, [&](const Reference& where) { return stage.bytes_of(where); },
      [&](const Reference&) { ++references; });
  EXPECT_GE(references, 301U);
}

TEST(FairTest, what_stands_apart_expires_is_purged_and_is_looked_at) {
  Stage stage(small());
  create(stage, {.retention = seconds(60)});
  send_many(stage, "noisy", 100);
  stage.pass(seconds(30));
  send_many(stage, "noisy", 10);
  Peek peek;
  peek.count_max = 1'000;
  EXPECT_EQ(stage.ask<Peeked>(peek)->messages.size(), 110U);
  stage.pass(seconds(31));
  std::size_t young = 0;
  for (std::size_t got = 1; got > 0; young += got) {
    got = receive(stage, 10)->messages.size();
  }
  EXPECT_EQ(young, 10U);
  stage.ask<Description>(Purge{});
  EXPECT_EQ(counts(stage), "0/0/0");
}

TEST(FairTest, memory_does_not_follow_a_noisy_backlog) {
  Stage stage;
  stage.check_invariants = false;
  create(stage);
  send_many(stage, "noisy", 20'000);
  send_many(stage, "quiet", 100);
  stage.tick();
  const std::size_t before = stage.saved().size();
  send_many(stage, "noisy", 80'000);
  stage.tick();
  EXPECT_LT(stage.saved().size(), before + 80'000 / 1'024 * 60) << "a summary for each block";
  EXPECT_EQ(texts(stage, *receive(stage, 1)), "quiet");
}

TEST(FairTest, many_groups_with_backlogs_are_bounded) {
  Stage stage(small());
  create(stage);
  for (int round = 0; round < 10; ++round) {
    for (int group = 0; group < 200; ++group) {
      send_many(stage, "g" + std::to_string(group), 3);
    }
  }
  EXPECT_EQ(counts(stage), "6000/0/0");
  EXPECT_LE(fairness_of(stage).groups_noisy, apart_max);
  std::size_t received = 0;
  for (auto batch = receive(stage, 10); !batch->messages.empty(); batch = receive(stage, 10)) {
    received += batch->messages.size();
    stage.read_ahead();
  }
  EXPECT_EQ(received, 6'000U);
}

TEST(FairTest, quiet_groups_have_counts_of_their_own) {
  Stage stage(small());
  create(stage);
  send_many(stage, "noisy", 100);
  receive(stage, 20);
  stage.pass(seconds(1));
  const Time joined = stage.now;
  send_to(stage, "quiet", "q");
  send_to(stage, "quiet", "q");
  receive(stage, 1);
  const Fairness fairness = fairness_of(stage);
  EXPECT_EQ(fairness.groups_in_flight, 2U);
  EXPECT_EQ(fairness.groups_noisy, 1U);
  EXPECT_EQ(fairness.quiet.visible, 1U);
  EXPECT_EQ(fairness.quiet.in_flight, 1U);
  EXPECT_EQ(fairness.oldest_quiet, joined);
}

// Dwell time, measured in simulated time

/// Consumers, each with one message at a time that takes it as long; quiet tenants that send now and then; noisy ones.
class Market {
 public:
  static constexpr int consumers = 20;
  static constexpr Milliseconds work{100};  // of one message: 200 a second altogether

  explicit Market(int noisy_tenants = 1, bool has_groups = true)
      : noisy_tenants_(noisy_tenants), has_groups_(has_groups) {
    create(stage_);
  }

  /// Dwell times of the quiet tenants' messages, sorted.
  std::vector<Milliseconds> play(int noisy_at_first, int noisy_each_second) {
    send_noise(noisy_at_first);
    for (Milliseconds now{0}; now < seconds(30); now += milliseconds(5)) {
      if (now.count() % 40 == 0) {
        const std::string tenant = "tenant " + std::to_string(now.count() / 40 % 50);
        send_to(stage_, group_of(tenant), std::to_string(now.count()));  // 25 a second: an eighth of what is done
      }
      if (now.count() % 100 == 0) {
        send_noise(noisy_each_second / 10);
      }
      end_work(now);
      begin_work(now);
      stage_.read_ahead();
      stage_.pass(milliseconds(5));
    }
    std::ranges::sort(dwell_);
    return dwell_;
  }

 private:
  std::string group_of(const std::string& tenant) const { return has_groups_ ? tenant : ""; }
  /// Of each in turn.
  void send_noise(int count) {
    for (int done = 0; done < count;) {
      Send command;
      for (int i = 0; i < 10 && done < count; ++i, ++done) {
        command.messages.push_back(of_group(group_of("noisy " + std::to_string(noise_++ % noisy_tenants_)), "noisy"));
      }
      stage_.ask<Sent>(command);
    }
  }
  void end_work(Milliseconds now) {
    while (!working_.empty() && working_.front().first <= now) {
      acknowledge(stage_, working_.front().second);
      working_.pop_front();
    }
  }
  void begin_work(Milliseconds now) {
    while (working_.size() < consumers) {
      const auto batch = receive(stage_, 1);
      if (batch->messages.empty()) {
        return;
      }
      working_.emplace_back(now + work, batch->messages[0].lease);
      const std::string text = texts(stage_, *batch);
      if (text != "noisy") {
        dwell_.push_back(now - Milliseconds(std::stoll(text)));
      }
    }
  }

  Stage stage_;
  int noisy_tenants_, noise_ = 0;
  bool has_groups_;
  std::deque<std::pair<Milliseconds, Lease>> working_;
  std::vector<Milliseconds> dwell_;
};

Milliseconds::rep at(const std::vector<Milliseconds>& dwell, double part) {
  return dwell.at(static_cast<std::size_t>(static_cast<double>(dwell.size() - 1) * part)).count();
}

TEST(FairTest, the_dwell_time_of_quiet_tenants_stays_near_that_of_an_idle_queue) {
  const std::vector<Milliseconds> idle = Market().play(0, 0);
  ASSERT_EQ(idle.size(), 750U);
  EXPECT_EQ(at(idle, 1), 0);
  // All consumers are busy with the noisy tenants, who have 100 seconds of work waiting and send twice what can be
  // done: a quiet message waits for the next consumer that is free, and at times for one more.
  for (const int noisy_tenants : {1, 60}) {
    const std::vector<Milliseconds> beside_noisy = Market(noisy_tenants).play(20'000, 400);
    EXPECT_GE(beside_noisy.size(), 740U) << noisy_tenants;
    EXPECT_LE(at(beside_noisy, 0.5), 50) << noisy_tenants;
    EXPECT_LE(at(beside_noisy, 0.99), 110) << noisy_tenants;
    EXPECT_LE(at(beside_noisy, 1), 200) << noisy_tenants;
  }
}

TEST(FairTest, without_groups_the_same_messages_wait_behind_those_of_the_noisy_tenant) {
  const std::vector<Milliseconds> dwell = Market(1, false).play(1'000, 400);
  ASSERT_GE(dwell.size(), 100U);
  EXPECT_GE(at(dwell, 0), 4'000) << "five seconds of work stand before the first";
  EXPECT_GE(at(dwell, 0.5), 10'000);
}

}  // namespace
}  // namespace sluice::queue
