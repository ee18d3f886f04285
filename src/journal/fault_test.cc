#include <array>

#include "journal/layout.h"
#include "journal/sparse.h"
#include "journal/store_world.h"

/// What the world does to a store: a disk that is full, a flush that fails, a place that cannot be read.
namespace sluice::journal {
namespace {

using Operation = io::SimulatedDisk::Operation;

constexpr std::array needs = {Need::grows, Need::changes, Need::shrinks, Need::reclaims};

std::size_t admitted(Journal& journal) {
  std::size_t count = 0;
  for (const Need need : needs) {
    count += journal.admits(need) ? 1 : 0;
  }
  return count;
}

}  // namespace

TEST(FullDiskTest, needs_are_refused_one_after_another_and_nothing_accepted_is_lost) {
  StoreWorld world;
  world.options.segment_bytes = 256U << 10;
  world.must_open();
  world.run();
  EXPECT_EQ(admitted(world.journal()), 4U);
  int told = 0;
  world.journal().on_progress([&told] { ++told; });
  world.disk->set_capacity(world.disk->used_bytes());
  std::vector<std::size_t> seen;
  std::uint64_t appended = 0;
  for (std::size_t nth = 0; nth < needs.size() - 1; ++nth) {
    while (world.journal().admits(needs[nth])) {
      world.journal().append(text_of(++appended, 1000));
      ASSERT_LT(appended, 5000U);
      if (appended % 5 == 0) {
        world.run();
      }
    }
    world.run();
    seen.push_back(admitted(world.journal()));
    EXPECT_FALSE(world.journal().failed());
    EXPECT_EQ(world.journal().durable(), appended);
  }
  EXPECT_EQ(seen, (std::vector<std::size_t>{3, 2, 1}));
  EXPECT_GT(told, 3);
  // Room again: by itself, all of it.
  world.disk->set_capacity(~0ULL);
  world.run(std::chrono::seconds(2));
  EXPECT_EQ(admitted(world.journal()), 4U);
  world.journal().append(text_of(++appended, 1000));
  world.run();
  EXPECT_EQ(world.journal().durable(), appended);
  world.lose_power();
  world.must_open();
  EXPECT_EQ(world.entries[0].size(), appended);
}

TEST(FullDiskTest, reclaiming_finds_its_reserve_and_service_resumes_by_what_it_frees) {
  StoreWorld world;
  world.options.segment_bytes = 128U << 10;
  world.must_open();
  for (std::uint64_t i = 1; i <= 2000; ++i) {
    world.journal().append(text_of(i, 400));
    world.run(std::chrono::milliseconds(1));
  }
  world.run();
  world.disk->set_capacity(world.disk->used_bytes());
  std::uint64_t appended = 2000;
  while (world.journal().admits(Need::grows)) {
    world.journal().append(text_of(++appended, 400));
    world.run(std::chrono::milliseconds(2));
  }
  // A snapshot and a rewrite need space first, before they free any.
  ASSERT_TRUE(world.take_snapshot({{1, {appended, 1, 0}, std::string(30'000, 's')}}));
  const std::vector<SegmentInfo> segments = world.store->segments();
  ASSERT_GT(segments.size(), 5U);
  Live live;
  for (std::uint64_t sequence = 1; sequence < 60; ++sequence) {
    live.push_back({0, {sequence, 0, 400}});
  }
  ASSERT_TRUE(world.rewrite(segments[0].id, live));
  EXPECT_EQ(world.read({59, 0, 400}), text_of(59, 400));
  for (std::size_t i = 1; i + 1 < segments.size(); ++i) {
    ASSERT_TRUE(world.drop(segments[i].id));
  }
  world.run(std::chrono::seconds(2));
  EXPECT_EQ(admitted(world.journal()), 4U);
  EXPECT_EQ(world.disk->contents("q.reserve").size(), Layout(128U << 10, 1).reserve_bytes);
}

TEST(FullDiskTest, a_burst_ahead_of_the_filling_is_taken_and_its_end_is_not_called_a_full_disk) {
  StoreWorld world;
  world.options.segment_bytes = 256U << 10;
  world.must_open();
  world.run();
  const Layout layout(world.options.segment_bytes, 1);
  ASSERT_GT(layout.unwritten_bytes, 0U);
  std::uint64_t appended = 0;
  // Nothing is written meanwhile: no time passes.
  for (std::uint64_t bytes = 0; bytes < layout.unwritten_bytes + layout.ahead_bytes; bytes += 4000) {
    world.journal().append(text_of(++appended, 4000));
  }
  EXPECT_FALSE(world.journal().admits(Need::grows));
  EXPECT_FALSE(world.journal().disk_full());
  world.run();
  EXPECT_EQ(world.journal().durable(), appended);
  EXPECT_TRUE(world.journal().admits(Need::grows));
  // With the room of a second such burst used up without a pause to fill, it still takes what its reserve can bear.
  for (int i = 0; i < 10; ++i) {
    world.journal().append(text_of(++appended, 4000));
    EXPECT_TRUE(world.journal().admits(Need::grows));
  }
  world.run();
  EXPECT_EQ(world.journal().durable(), appended);
}

TEST(FullDiskTest, the_reserve_is_first_for_what_was_admitted_on_its_strength) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    StoreWorld world(seed);
    world.options.segment_bytes = 256U << 10;
    world.must_open();
    std::uint64_t appended = 0;
    while (world.store->segments().size() < 3) {
      world.journal().append(text_of(++appended, 4000));
      world.run(std::chrono::milliseconds(1));
    }
    world.run(std::chrono::seconds(1));
    world.disk->set_capacity(world.disk->used_bytes());
    // A snapshot finds no space while bursts are taken faster than the filling learns that the disk is full.
    const std::unique_ptr<Store::Snapshot> snapshot = world.store->start_snapshot(0);
    snapshot->put({1, {appended, 1, 0}, std::string(40'000 + 5'000 * seed, 's')});
    snapshot->finish([](bool) {});
    for (int burst = 0; burst < 12; ++burst) {
      while (world.journal().admits(Need::grows)) {
        world.journal().append(text_of(++appended, 4000));
      }
      world.world().run_for(std::chrono::microseconds(25));
    }
    world.run(std::chrono::seconds(1));
    EXPECT_FALSE(world.journal().failed()) << "seed " << seed;
    EXPECT_EQ(world.journal().durable(), appended) << "seed " << seed;
  }
}

TEST(FullDiskTest, a_directory_on_a_full_disk_opens_and_takes_what_shrinks) {
  StoreWorld world;
  world.options.segment_bytes = 256U << 10;
  world.must_open();
  world.run();
  world.disk->set_capacity(world.disk->used_bytes());
  std::uint64_t appended = 0;
  while (world.journal().admits(Need::grows)) {
    world.journal().append(text_of(++appended, 1000));
    world.run(std::chrono::milliseconds(2));
  }
  world.run();
  for (int life = 0; life < 5; ++life) {
    life % 2 == 0 ? world.lose_power() : world.close();
    world.must_open();
    EXPECT_EQ(world.entries[0].size(), appended);
    EXPECT_FALSE(world.journal().admits(Need::grows));
    EXPECT_TRUE(world.journal().admits(Need::shrinks));
    world.journal().append(text_of(++appended, 1000));
    world.run();
    EXPECT_EQ(world.journal().durable(), appended);
  }
}

TEST(FailedFlushTest, it_is_final_for_every_journal_and_a_restart_finds_what_was_durable) {
  for (const Operation broken : {Operation::sync, Operation::write}) {
    StoreWorld world(1, 2);
    world.must_open();
    world.journal(0).append("durable");
    world.run();
    world.run(std::chrono::seconds(1));
    bool told = false;
    world.journal(1).on_progress([&told] { told = true; });
    world.disk->on_operation([broken](Operation operation, const std::string&) {
      return operation == broken ? std::optional(std::errc::io_error) : std::nullopt;
    });
    world.journal(0).append("unknown");
    world.run();
    EXPECT_TRUE(told);
    for (std::uint16_t number = 0; number < 2; ++number) {
      EXPECT_TRUE(world.journal(number).failed());
      EXPECT_FALSE(world.journal(number).admits(Need::shrinks));
      EXPECT_FALSE(world.journal(number).admits(Need::reclaims));
    }
    EXPECT_EQ(world.journal(0).durable(), 1U);
    // The disk is well again, the journal is not: what it wrote may be lost.
    world.disk->on_operation(nullptr);
    world.journal(0).append("too late");
    world.run();
    EXPECT_EQ(world.journal(0).durable(), 1U);
    EXPECT_FALSE(world.take_snapshot({{1, {1, 1, 0}, "state"}}));
    world.lose_power();
    world.must_open();
    EXPECT_EQ(world.entries[0][1], "durable");
    EXPECT_LE(world.entries[0].size(), 2U);
    EXPECT_FALSE(world.entries[0].contains(3));
  }
}

TEST(FaultTest, a_place_that_cannot_be_read_is_told_and_the_others_serve) {
  StoreWorld world;
  world.must_open();
  for (std::uint64_t i = 1; i <= 2000; ++i) {
    world.journal().append(text_of(i));
    world.run(std::chrono::milliseconds(1));
  }
  world.run();
  const std::string first = segment_name(1);
  world.disk->on_operation([&first](Operation operation, const std::string& name) {
    return operation == Operation::read && name == first ? std::optional(std::errc::io_error) : std::nullopt;
  });
  EXPECT_EQ(world.read({1, 0, 5}), std::nullopt);
  EXPECT_EQ(world.read({900, 0, 100}), text_of(900));
  EXPECT_FALSE(world.journal().failed());
}

TEST(DurabilityTest, os_survives_a_kill_and_a_snapshot_counts_only_with_its_log) {
  StoreWorld world;
  world.options.durability = Durability::os;
  world.must_open();
  for (std::uint64_t i = 1; i <= 100; ++i) {
    world.journal().append(text_of(i));
    world.run();
  }
  EXPECT_EQ(world.journal().durable(), 100U);
  world.kill();
  world.must_open();
  EXPECT_EQ(world.entries[0].size(), 100U);
  for (std::uint64_t i = 101; i <= 120; ++i) {
    world.journal().append(text_of(i));
    world.run();
  }
  ASSERT_TRUE(world.take_snapshot({{1, {120, 2, 0}, "state"}}));
  world.lose_power();
  world.must_open();
  EXPECT_EQ(world.entries[0].size(), 120U);
  EXPECT_EQ(world.items.size(), 1U);
}

TEST(SnapshotTest, a_crash_at_any_step_leaves_the_old_one_or_the_new) {
  std::size_t fresh = 0, old = 0;
  for (std::uint64_t steps = 0; steps < 25; ++steps) {
    for (std::uint64_t chance = 0; chance < 4; ++chance) {
      StoreWorld world(steps * 4 + chance + 1);
      world.must_open();
      world.journal().append("a");
      world.run();
      ASSERT_TRUE(world.take_snapshot({{1, {1, 1, 0}, "old"}}));
      world.journal().append("b");
      world.disk->stop_after(steps);
      const bool counted = world.take_snapshot({{1, {2, 1, 0}, "new"}});
      world.lose_power();
      world.must_open();
      ASSERT_EQ(world.items.size(), 1U);
      const std::string state = world.items.begin()->second.state;
      EXPECT_TRUE(state == "new" || (state == "old" && !counted)) << state;
      (state == "new" ? fresh : old) += 1;
    }
  }
  EXPECT_GT(fresh, 5U);
  EXPECT_GT(old, 5U);
}

TEST(SnapshotTest, two_are_kept_and_a_damaged_one_gives_way_to_the_one_before) {
  StoreWorld world;
  world.must_open();
  world.journal().append("a");
  world.run();
  for (int i = 1; i <= 5; ++i) {
    ASSERT_TRUE(world.take_snapshot({{1, {1, 1, 0}, "state " + std::to_string(i)}}));
  }
  world.kill();
  std::vector<std::string> kept;
  for (const std::string& name : names_of(*world.disk)) {
    if (name.ends_with(".snapshot")) {
      kept.push_back(name);
    }
  }
  ASSERT_EQ(kept, (std::vector<std::string>{snapshot_name(0, 4), snapshot_name(0, 5)}));
  const std::string whole = world.disk->contents(kept[1]);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string flipped = whole;
    flipped[at] ^= 1;
    world.disk->put(kept[1], flipped);
    world.must_open();
    ASSERT_EQ(world.items.size(), 1U) << "byte " << at;
    EXPECT_EQ(world.items.begin()->second.state, "state 4") << "byte " << at;
    world.kill();
    world.disk->put(kept[1], std::string_view(whole).substr(0, at));
    world.must_open();
    EXPECT_EQ(world.items.begin()->second.state, "state 4") << "cut at " << at;
    world.kill();
  }
}

TEST(SnapshotTest, one_that_is_given_up_leaves_nothing) {
  StoreWorld world;
  world.must_open();
  {
    const std::unique_ptr<Store::Snapshot> snapshot = world.store->start_snapshot(0);
  }
  auto large = world.store->start_snapshot(0);
  large->put({1, {0, 1, 0}, std::string(3U << 20, 'x')});
  world.run();
  large = nullptr;
  world.run();
  for (const std::string& name : names_of(*world.disk)) {
    EXPECT_EQ(name.find("snapshot"), std::string::npos) << name;
  }
}

}  // namespace sluice::journal
