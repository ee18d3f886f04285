#include <set>

#include "journal/sparse.h"
#include "journal/store_world.h"

namespace sluice::journal {
namespace {

/// Entries 1..count of both journals by turns, over several segments; every tenth of each is kept by `live`.
void fill(StoreWorld& world, std::uint64_t count) {
  for (std::uint64_t i = 1; i <= count; ++i) {
    world.journal(0).append(text_of(i, 150));
    world.journal(1).append(text_of(i + 100'000, i % 50 == 0 ? 6000 : 90));
    world.run(std::chrono::milliseconds(1));
  }
  world.run();
}

Live live_in(const SegmentInfo& segment) {
  Live live;
  for (std::uint16_t journal = 0; journal < 2; ++journal) {
    const SegmentInfo::Range range = segment.of_journal[journal];
    for (std::uint64_t sequence = range.first; sequence <= range.last; ++sequence) {
      if (sequence % 10 == 0) {
        live.push_back({journal, {sequence, 6, 20}});
        live.push_back({journal, {sequence, 26, 30}});
        live.push_back({journal, {sequence, 70, 5}});
      }
    }
  }
  return live;
}

void expect_live(StoreWorld& world, const Live& live) {
  for (const auto& [journal, reference] : live) {
    const std::string whole = journal == 0
                                  ? text_of(reference.sequence, 150)
                                  : text_of(reference.sequence + 100'000, reference.sequence % 50 == 0 ? 6000 : 90);
    ASSERT_EQ(world.read(reference, journal), whole.substr(reference.offset, reference.length))
        << "entry " << reference.sequence << " of journal " << journal;
  }
}

}  // namespace

TEST(SpaceTest, a_rewritten_segment_keeps_what_lives_under_the_same_positions_and_takes_little_space) {
  StoreWorld world(1, 2);
  world.must_open();
  fill(world, 1500);
  const std::vector<SegmentInfo> before = world.store->segments();
  ASSERT_GT(before.size(), 4U);
  Live all;
  for (std::size_t i = 0; i + 2 < before.size(); ++i) {
    const Live live = live_in(before[i]);
    all.insert(all.end(), live.begin(), live.end());
    ASSERT_TRUE(world.rewrite(before[i].id, live));
  }
  EXPECT_LT(world.store->segments()[0].bytes, before[0].bytes / 4);
  EXPECT_EQ(world.store->segments()[0].of_journal[0].last, before[0].of_journal[0].last);
  expect_live(world, all);
  EXPECT_EQ(world.read({11, 0, 5}, 0), std::nullopt);

  const std::vector<SegmentInfo::Range> from = before[before.size() - 2].of_journal;
  world.replay_from = {from[0].first, from[1].first};
  world.lose_power();
  world.must_open();
  expect_live(world, all);
  EXPECT_EQ(world.entries[0].begin()->first, from[0].first);
  EXPECT_EQ(world.entries[0].rbegin()->first, 1500U);
}

TEST(SpaceTest, a_rewritten_segment_is_rewritten_again_and_dropped) {
  StoreWorld world(1, 2);
  world.must_open();
  fill(world, 800);
  const SegmentInfo first = world.store->segments()[0];
  Live live = live_in(first);
  ASSERT_TRUE(world.rewrite(first.id, live));
  const std::uint64_t once = world.store->segments()[0].bytes;
  live.resize(3);
  ASSERT_TRUE(world.rewrite(first.id, live));
  EXPECT_LT(world.store->segments()[0].bytes, once);
  expect_live(world, live);
  ASSERT_TRUE(world.drop(first.id));
  EXPECT_EQ(world.store->segments()[0].id, first.id + 1);
  EXPECT_EQ(world.read(live[0].second, live[0].first), std::nullopt);
  EXPECT_FALSE(world.drop(first.id));
}

TEST(SpaceTest, nothing_changes_when_something_that_lives_is_not_in_the_segment) {
  StoreWorld world(1, 2);
  world.must_open();
  fill(world, 800);
  const std::vector<SegmentInfo> before = world.store->segments();
  Live live = live_in(before[0]);
  live.push_back({1, {before[0].of_journal[1].last + 1, 0, 1}});
  EXPECT_FALSE(world.rewrite(before[0].id, live));
  EXPECT_EQ(world.store->segments()[0].bytes, before[0].bytes);
  EXPECT_FALSE(world.rewrite(before.back().id, {}));  // not sealed
  EXPECT_FALSE(world.drop(before.back().id));
}

TEST(SpaceTest, a_reader_of_a_segment_that_is_replaced_or_dropped_gets_its_answer) {
  StoreWorld world(1, 2);
  world.must_open();
  fill(world, 800);
  const SegmentInfo first = world.store->segments()[0];
  const Live live = live_in(first);
  const std::shared_ptr<std::vector<std::optional<std::string>>> got =
      std::make_shared<std::vector<std::optional<std::string>>>();
  for (const auto& [journal, reference] : live) {
    world.journal(journal).read(reference, [got](std::optional<std::string> bytes) { got->push_back(bytes); });
    if (got->empty()) {
      world.store->rewrite(first.id, live, *world.loops[0], [](bool) {});
    }
  }
  world.run(std::chrono::seconds(1));
  ASSERT_EQ(got->size(), live.size());
  for (const std::optional<std::string>& one : *got) {
    EXPECT_TRUE(one);
  }
}

TEST(SpaceTest, a_crash_at_any_step_of_a_rewrite_or_drop_leaves_the_old_or_the_new) {
  StoreWorld start(5, 2);
  start.must_open();
  fill(start, 700);
  const std::vector<SegmentInfo> segments = start.store->segments();
  const Live live = live_in(segments[0]);
  start.kill();
  const std::unique_ptr<io::SimulatedDisk> kept = start.disk->clone();
  std::set<bool> seen_first, seen_small;
  for (std::uint64_t steps = 0; steps < 30; ++steps) {
    for (int outcome = 0; outcome < 6; ++outcome) {
      StoreWorld world(steps * 10 + static_cast<std::uint64_t>(outcome), 2);
      world.disk = kept->clone();
      world.replay_from = {segments[2].of_journal[0].first, segments[2].of_journal[1].first};
      world.must_open();
      world.run();
      world.disk->stop_after(steps);
      world.store->rewrite(segments[0].id, live, *world.loops[0], [](bool) {});
      world.store->drop(segments[1].id, *world.loops[0], [](bool) {});
      world.run();
      world.lose_power();
      world.must_open();
      expect_live(world, live);
      EXPECT_EQ(world.entries[0].rbegin()->first, 700U);
      const std::vector<SegmentInfo> after = world.store->segments();
      seen_small.insert(after[0].bytes < segments[0].bytes / 4);
      seen_first.insert(after[1].id == segments[1].id);
    }
  }
  EXPECT_EQ(seen_small.size(), 2U);
  EXPECT_EQ(seen_first.size(), 2U);
}

TEST(SpaceTest, a_segment_goes_only_when_the_next_one_knows_durably_where_the_journals_stand) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    StoreWorld world(seed);
    world.options.durability = Durability::os;
    world.must_open();
    std::uint64_t appended = 0;
    while (true) {
      world.journal().append(text_of(++appended, 3000));
      world.run();
      if (world.store->segments()[0].sealed) {
        break;  // by an entry of the next segment, which nothing has flushed yet
      }
      ASSERT_TRUE(world.take_snapshot({{1, {appended, 1, 0}, "all"}}));
    }
    ASSERT_TRUE(seed % 2 == 0 ? world.drop(1) : world.rewrite(1, {{0, {1, 0, 5}}}));
    world.lose_power();
    world.replay_from = {appended};
    world.must_open();
    EXPECT_GE(world.journal().next().sequence, appended);
    EXPECT_EQ(world.journal().epoch(), 2U);
  }
}

TEST(SpaceTest, dropped_segments_give_their_memory_back_when_nothing_is_kept_on_a_disk) {
  StoreWorld world(1, 2);
  world.options.durability = Durability::memory;
  world.must_open();
  fill(world, 800);
  const std::size_t before = world.store->segments().size();
  ASSERT_TRUE(world.drop(world.store->segments()[0].id));
  EXPECT_EQ(world.store->segments().size(), before - 1);
}

}  // namespace sluice::journal
