#include "journal/store.h"

#include "journal/store_world.h"

namespace sluice::journal {

TEST(StoreTest, what_was_flushed_is_replayed_in_order_after_a_power_cut) {
  StoreWorld world(1, 2);
  world.must_open();
  for (std::uint64_t i = 1; i <= 500; ++i) {
    EXPECT_EQ(world.journal(i % 2).append(text_of(i)).sequence, (i + 1) / 2);
    if (i % 7 == 0) {
      world.run(std::chrono::milliseconds(1));
    }
  }
  world.run();
  EXPECT_EQ(world.journal(0).durable(), 250U);
  EXPECT_EQ(world.journal(0).unflushed_bytes(), 0U);
  world.lose_power();
  world.must_open();
  ASSERT_EQ(world.entries[0].size(), 250U);
  ASSERT_EQ(world.entries[1].size(), 250U);
  for (std::uint64_t i = 1; i <= 500; ++i) {
    EXPECT_EQ(world.entries[i % 2][(i + 1) / 2], text_of(i));
  }
  EXPECT_EQ(world.journal(0).epoch(), 2U);
  EXPECT_EQ(world.journal(0).next().sequence, 251U);
}

TEST(StoreTest, an_entry_is_durable_only_when_its_flush_has_ended) {
  StoreWorld world;
  world.must_open();
  world.journal().append("first");
  EXPECT_EQ(world.journal().durable(), 0U);
  EXPECT_EQ(world.journal().unflushed_bytes(), 5U);
  world.lose_power();
  world.must_open();
  EXPECT_TRUE(world.entries.empty());
}

TEST(StoreTest, sequences_go_on_and_epochs_rise_with_every_start) {
  StoreWorld world;
  for (std::uint32_t life = 1; life <= 20; ++life) {
    world.must_open();
    EXPECT_EQ(world.journal().epoch(), life);
    EXPECT_EQ(world.entries[0].size(), life - 1);
    EXPECT_EQ(world.journal().append(text_of(life)).sequence, life);
    world.run();
    life % 3 == 0 ? world.close() : life % 3 == 1 ? world.kill() : world.lose_power();
  }
}

TEST(StoreTest, a_second_process_finds_the_directory_locked) {
  StoreWorld world;
  world.must_open();
  io::Worker& worker = world.world().make_worker(std::chrono::microseconds(1));
  const auto second = Store::open(world.options, *world.disk, world.world().clock(), worker, worker);
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().what.find("another process"), std::string::npos);
}

TEST(StoreTest, entries_larger_than_a_record_are_cut_into_chunks_and_made_whole_again) {
  StoreWorld world;
  world.options.segment_bytes = 1U << 20;
  world.must_open();
  const std::string large = text_of(7, 300'000);
  world.journal().append("before");
  world.journal().append(large);
  world.journal().append("after");
  EXPECT_TRUE(world.read({2, 70'000, 200'000}) == large.substr(70'000, 200'000));
  world.run();
  EXPECT_TRUE(world.read({2, 0, 300'000}) == large);
  world.lose_power();
  world.must_open();
  EXPECT_TRUE(world.entries[0][2] == large);
  EXPECT_EQ(world.entries[0][3], "after");
  EXPECT_TRUE(world.read({2, 65'000, 100'000}) == large.substr(65'000, 100'000));
  EXPECT_EQ(world.read({2, 299'999, 1}), large.substr(299'999, 1));
  EXPECT_EQ(world.read({2, 299'999, 2}), std::nullopt);
}

TEST(StoreTest, every_entry_is_read_back_unflushed_recent_and_cold) {
  StoreWorld world(3, 2);
  world.must_open();
  for (std::uint64_t i = 1; i <= 2000; ++i) {
    world.journal(i % 2).append(text_of(i, 20 + i % 300));
    if (i % 2 == 1) {
      EXPECT_EQ(world.read({(i + 1) / 2, 6, 8}, 1), text_of(i, 20 + i % 300).substr(6, 8));
    }
    if (i % 11 == 0) {
      world.run(std::chrono::milliseconds(1));
    }
  }
  world.run();
  EXPECT_GT(world.store->segments().size(), 3U);
  for (int round = 0; round < 2; ++round) {
    for (std::uint64_t i = 1; i <= 2000; ++i) {
      const std::string whole = text_of(i, 20 + i % 300);
      EXPECT_EQ(world.read({(i + 1) / 2, 0, static_cast<std::uint32_t>(whole.size())}, i % 2), whole) << i;
    }
    world.kill();
    world.replay_from = {900, 950};  // older segments are not replayed: their index is made when first read
    world.must_open();
    EXPECT_EQ(world.entries[0].begin()->first, 900U);
  }
  EXPECT_EQ(world.read({5000, 0, 1}), std::nullopt);
}

TEST(StoreTest, a_store_in_memory_serves_like_one_on_a_disk) {
  StoreWorld world;
  world.options.durability = Durability::memory;
  world.must_open();
  for (std::uint64_t i = 1; i <= 1000; ++i) {
    world.journal().append(text_of(i));
  }
  world.run();
  EXPECT_EQ(world.journal().durable(), 1000U);
  EXPECT_EQ(world.read({3, 0, 100}), text_of(3));
  EXPECT_EQ(world.disk->operations(), 0U);
}

TEST(StoreTest, a_snapshot_counts_and_replay_starts_behind_it) {
  StoreWorld world;
  world.must_open();
  for (std::uint64_t i = 1; i <= 300; ++i) {
    world.journal().append(text_of(i));
  }
  EXPECT_EQ(world.store->bytes_since_snapshot(0), 30'000U);
  const std::uint32_t epoch = world.journal().epoch();
  ASSERT_TRUE(world.take_snapshot({{7, {300, epoch, 0}, "seven"}, {9, {250, epoch, 0}, std::string(3'000'000, 'x')}}));
  EXPECT_EQ(world.store->bytes_since_snapshot(0), 0U);
  world.journal().append("later");
  world.run();
  world.lose_power();
  world.replay_from = {251};
  world.must_open();
  ASSERT_EQ(world.items.size(), 2U);
  EXPECT_EQ((world.items[{0, 7}].state), "seven");
  EXPECT_EQ((world.items[{0, 9}].position), (Position{250, epoch, 0}));
  EXPECT_EQ((world.items[{0, 9}].state.size()), 3'000'000U);
  EXPECT_EQ(world.entries[0].begin()->first, 251U);
  EXPECT_EQ(world.entries[0].rbegin()->second, "later");
}

}  // namespace sluice::journal
