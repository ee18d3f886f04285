#include <gtest/gtest.h>

#include <algorithm>

#include "machines/queue/stage.h"

/// Messages that were received and came back, more of them than the leases keep.
namespace sluice::queue {
namespace {

using std::chrono::seconds;

constexpr Options tiny{.block_messages = 4, .head_messages = 8, .returned_messages = 4};
constexpr int many = 100;

/// `many` messages, each received once; the leases in the order of the messages. All came back.
std::vector<Lease> bounce(Stage& stage, const SettingsChange& settings = {}) {
  create(stage, settings);
  for (int i = 1; i <= many; ++i) {
    send(stage, std::to_string(i));
  }
  stage.tick();
  std::vector<Lease> leases;
  while (leases.size() < many) {
    const auto batch = receive(stage, 5, seconds(60));
    for (const Received& received : batch->messages) {
      leases.push_back(received.lease);
    }
  }
  stage.now += seconds(60);
  stage.tick();
  return leases;
}

std::size_t count_of(const Stage& stage, FactKind kind) {
  const std::vector<FactKind> kinds = stage.kinds();
  return static_cast<std::size_t>(std::ranges::count(kinds, kind));
}

/// The envelopes of all that can be received, each once; blocks are read ahead as the node does it.
std::vector<int> drain(Stage& stage) {
  std::vector<int> all;
  for (auto batch = receive(stage, 3); !batch->messages.empty(); batch = receive(stage, 3)) {
    stage.read_ahead();
    for (const Reference& reference : batch->wanted) {
      all.push_back(std::stoi(stage.bytes_of(reference).value()));
    }
  }
  return all;
}

std::vector<int> all_but(std::initializer_list<int> missing) {
  std::vector<int> all;
  for (int i = 1; i <= many; ++i) {
    if (std::ranges::find(missing, i) == missing.end()) {
      all.push_back(i);
    }
  }
  return all;
}

}  // namespace

TEST(ReturnedTest, what_came_back_is_paged_out_and_given_out_in_the_order_in_which_it_came_back) {
  Stage stage(tiny);
  bounce(stage);
  EXPECT_EQ(counts(stage), "100/0/0");
  EXPECT_GE(count_of(stage, FactKind::queued_again), 20U);
  EXPECT_LT(stage.saved().size(), 1'500U);
  stage.reload();
  const auto batch = receive(stage, 1);
  EXPECT_EQ(batch->messages.at(0).receive_count, 2U);
  stage.reload();
  std::vector<int> all = drain(stage);
  all.insert(all.begin(), std::stoi(texts(stage, *batch)));
  EXPECT_EQ(all, all_but({}));
}

TEST(ReturnedTest, it_comes_back_again_and_again_and_takes_turns_with_what_is_new) {
  Stage stage(tiny);
  bounce(stage);
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(drain(stage).size(), std::size_t{many});
    stage.now += seconds(60);
    stage.tick();
  }
  send(stage, "1001");
  send(stage, "1002");
  const auto batch = receive(stage, 4);
  EXPECT_EQ(texts(stage, *batch), "1001 1 1002 2");
}

TEST(ReturnedTest, a_late_lease_deletes_from_the_head_the_midst_and_the_end) {
  Stage stage(tiny);
  const std::vector<Lease> leases = bounce(stage);
  for (const int number : {1, 20, 21, 50, 97, 100}) {
    EXPECT_TRUE(acknowledge(stage, leases[static_cast<std::size_t>(number - 1)]));
    EXPECT_TRUE(acknowledge(stage, leases[static_cast<std::size_t>(number - 1)]));
  }
  EXPECT_EQ(counts(stage), "94/0/0");
  EXPECT_EQ(drain(stage), all_but({1, 20, 21, 50, 97, 100}));
}

TEST(ReturnedTest, an_older_lease_deletes_nothing) {
  Stage stage(tiny);
  const std::vector<Lease> leases = bounce(stage);
  drain(stage);
  stage.now += seconds(60);
  stage.tick();
  for (const Lease& lease : leases) {
    EXPECT_TRUE(acknowledge(stage, lease));
  }
  EXPECT_EQ(counts(stage), "100/0/0");
}

TEST(ReturnedTest, a_late_lease_hides_it_anew_and_stays_its_newest) {
  Stage stage(tiny);
  const std::vector<Lease> leases = bounce(stage);
  EXPECT_TRUE(extend(stage, leases[40], seconds(100)));
  EXPECT_EQ(counts(stage), "99/1/0");
  stage.reload();
  EXPECT_TRUE(acknowledge(stage, leases[40]));
  EXPECT_EQ(drain(stage), all_but({41}));
}

TEST(ReturnedTest, it_leaves_for_the_dead_letter_queue_out_of_the_chain) {
  Stage stage(tiny);
  SettingsChange settings;
  settings.dead_letters = {"target", 1};
  bounce(stage, settings);
  for (int round = 0; stage.departures.size() < many && round < 2 * many; ++round) {
    EXPECT_TRUE(receive(stage, 10)->messages.empty());
    stage.read_ahead();
  }
  EXPECT_EQ(stage.departures.size(), std::size_t{many});
  EXPECT_EQ(counts(stage), "0/0/0");
}

TEST(ReturnedTest, a_purge_and_the_retention_reach_it) {
  Stage stage(tiny);
  bounce(stage);
  stage.ask<Description>(Purge{});
  EXPECT_EQ(counts(stage), "0/0/0");
  Stage other(tiny);
  SettingsChange settings;
  settings.retention = seconds(120);
  bounce(other, settings);
  other.now += seconds(61);
  other.tick();
  EXPECT_EQ(counts(other), "0/0/0");
  EXPECT_TRUE(receive(other, 10)->messages.empty());
}

TEST(ReturnedTest, another_ownership_finds_it_again) {
  Stage stage(tiny);
  const std::vector<Lease> leases = bounce(stage);
  stage.crash(stage.log().size());
  EXPECT_EQ(counts(stage), "100/0/0");
  EXPECT_TRUE(acknowledge(stage, leases[60]));
  EXPECT_EQ(drain(stage), all_but({61}));
}

}  // namespace sluice::queue
