#include "journal/recovery.h"

#include "journal/scan.h"
#include "journal/store_world.h"

namespace sluice::journal {
namespace {

const std::string first_segment = segment_name(1);

struct Written {
  std::uint64_t begin, end;
  RecordHeader header;
};

/// The records of a segment file, by our own reader.
std::vector<Written> records_of(io::Disk& disk, const std::string& name) {
  std::vector<Written> records;
  const std::unique_ptr<io::File> file = std::move(*disk.open(name, io::Disk::Mode::read_only));
  const SegmentHeader header = *read_segment_header(*file, name);
  Scanner scanner(*file, header, *file->size());
  while (scanner.next() == Scanner::Step::record) {
    records.push_back({scanner.at(), scanner.offset(), scanner.header()});
  }
  return records;
}

/// Five entries, each flushed alone, and the process killed.
void write_five(StoreWorld& world) {
  world.must_open();
  for (std::uint64_t i = 1; i <= 5; ++i) {
    world.journal().append(text_of(i, 40));
    world.run();
  }
  world.kill();
}

/// Opens, and what is there is a prefix of `count` entries; then the log goes on as if nothing had been.
void expect_prefix(StoreWorld& world, std::size_t count, const std::string& why) {
  const io::Outcome<void> opened = world.open();
  ASSERT_TRUE(opened) << why << ": " << opened.error().what;
  ASSERT_EQ(world.entries[0].size(), count) << why;
  for (const auto& [sequence, entry] : world.entries[0]) {
    EXPECT_EQ(entry, text_of(sequence, 40)) << why;
  }
  EXPECT_EQ(world.journal().append("new").sequence, count + 1);
  world.run();
  world.lose_power();
  ASSERT_TRUE(world.open()) << why;
  ASSERT_EQ(world.entries[0].size(), count + 1) << why;
  EXPECT_EQ(world.entries[0][count + 1], "new") << why;
  world.kill();
}

}  // namespace

TEST(RecoveryTest, a_tail_cut_at_any_byte_leaves_the_records_before_it) {
  StoreWorld world;
  write_five(world);
  const std::string whole = world.disk->contents(first_segment);
  const std::vector<Written> records = records_of(*world.disk, first_segment);
  ASSERT_EQ(records.size(), 7U);  // opening, claim, five entries
  for (std::uint64_t cut = records[1].end; cut <= records.back().end; ++cut) {
    std::size_t left = 0, left_in_shorter = 0;
    for (std::size_t i = 2; i < records.size(); ++i) {
      // The padding is zeros: cut there, the record is still whole.
      left += records[i].begin + sizeof(RecordHeader) + records[i].header.payload_bytes <= cut ? 1 : 0;
      left_in_shorter += records[i].end <= cut ? 1 : 0;
    }
    std::string torn = whole;
    std::fill(torn.begin() + static_cast<std::ptrdiff_t>(cut), torn.end(), '\0');
    world.disk->put(first_segment, torn);
    expect_prefix(world, left, "cut at " + std::to_string(cut));
    if (cut % 3 == 0) {  // the file itself may be shorter too
      world.disk->put(first_segment, std::string_view(whole).substr(0, cut));
      expect_prefix(world, left_in_shorter, "shortened to " + std::to_string(cut));
    }
    if (testing::Test::HasFatalFailure()) {
      return;
    }
  }
}

TEST(RecoveryTest,
     a_flipped_byte_of_the_last_record_is_a_torn_tail_and_of_any_other_damage_named_with_file_and_offset) {
  StoreWorld world;
  write_five(world);
  const std::string whole = world.disk->contents(first_segment);
  const std::vector<Written> records = records_of(*world.disk, first_segment);
  for (std::size_t nth = 0; nth < records.size(); ++nth) {
    for (std::uint64_t at = records[nth].begin; at < records[nth].end; ++at) {
      for (const char mask : {'\x01', '\x80', '\xff'}) {
        std::string flipped = whole;
        flipped[at] = static_cast<char>(flipped[at] ^ mask);
        world.disk->put(first_segment, flipped);
        const std::string why = "byte " + std::to_string(at);
        if (nth + 1 == records.size()) {
          expect_prefix(world, 4, why);
        } else {
          const io::Outcome<void> opened = world.open();
          ASSERT_FALSE(opened) << why;
          EXPECT_NE(opened.error().what.find(first_segment), std::string::npos) << opened.error().what;
          EXPECT_NE(opened.error().what.find("offset " + std::to_string(records[nth].begin)), std::string::npos)
              << opened.error().what;
          world.kill();
        }
        if (testing::Test::HasFatalFailure()) {
          return;
        }
      }
    }
  }
}

TEST(RecoveryTest, of_one_flush_a_later_record_alone_is_no_proof_of_damage_and_is_cut_off_too) {
  StoreWorld world(1, 2);
  world.must_open();
  world.journal(0).append("both");
  world.journal(1).append("of these");
  world.run();
  world.journal(0).append("torn");
  world.journal(1).append("whole but behind it");
  world.run();
  world.kill();
  const std::vector<Written> records = records_of(*world.disk, first_segment);
  ASSERT_EQ(records.size(), 7U);
  std::string torn = world.disk->contents(first_segment);
  torn[records[5].begin + sizeof(RecordHeader) + 5] ^= 1;
  world.disk->put(first_segment, torn);
  world.must_open();
  EXPECT_EQ(world.entries[0].size(), 1U);
  EXPECT_EQ(world.entries[1].size(), 1U);
  world.kill();
  // What was cut off is zeros: nothing written later can be followed by it.
  const std::string after = world.disk->contents(first_segment);
  EXPECT_EQ(after.find("whole but behind it"), std::string::npos);
}

TEST(RecoveryTest, after_a_clean_end_even_the_last_record_is_known_to_be_flushed) {
  StoreWorld world;
  world.must_open();
  world.journal().append("last words");
  world.close();
  std::string bytes = world.disk->contents(first_segment);
  bytes[bytes.find("last words")] ^= 4;
  world.disk->put(first_segment, bytes);
  EXPECT_FALSE(world.open());
}

TEST(RecoveryTest, damage_anywhere_in_an_older_segment_is_refused_when_it_is_replayed) {
  StoreWorld world;
  world.must_open();
  for (std::uint64_t i = 1; i <= 1500; ++i) {
    world.journal().append(text_of(i));
    world.run(std::chrono::milliseconds(1));
  }
  world.run();
  world.kill();
  const std::string whole = world.disk->contents(first_segment);
  const std::vector<Written> records = records_of(*world.disk, first_segment);
  ASSERT_EQ(records.back().header.kind, RecordKind::seal);
  for (std::size_t nth = 0; nth < records.size(); nth += 20) {
    std::string flipped = whole;
    flipped[records[nth].begin + 70] ^= 2;
    world.disk->put(first_segment, flipped);
    const io::Outcome<void> opened = world.open();
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().what.find(first_segment), std::string::npos) << opened.error().what;
    world.kill();
  }
  world.disk->put(first_segment, std::string_view(whole).substr(0, records.back().begin));
  EXPECT_FALSE(world.open());
  world.kill();
  world.disk->put(first_segment, whole);
  world.must_open();
  EXPECT_EQ(world.entries[0].size(), 1500U);
}

TEST(RecoveryTest, a_missing_file_is_noticed) {
  StoreWorld world;
  world.must_open();
  for (std::uint64_t i = 1; i <= 3000; ++i) {
    world.journal().append(text_of(i));
    world.run(std::chrono::milliseconds(1));
  }
  world.kill();
  const std::unique_ptr<io::SimulatedDisk> kept = world.disk->clone();
  const std::vector<std::string> names = names_of(*kept);
  std::string spare;
  for (const std::string& name : names) {
    spare = segment_id(name) != 0 ? name : spare;
  }
  std::size_t refused = 0;
  for (const std::string& name : names) {
    if (segment_id(name) != 0 || name == birth_name) {
      world.disk = kept->clone();
      ASSERT_TRUE(world.disk->remove(name));
      const bool opened = world.open().has_value();
      EXPECT_EQ(opened, name == spare) << name;
      refused += opened ? 0 : 1;
      world.kill();
    }
  }
  EXPECT_GT(refused, 3U);
}

TEST(RecoveryTest, records_of_another_life_of_the_file_never_count) {
  StoreWorld world;
  write_five(world);
  const std::string old = world.disk->contents(first_segment);
  const std::vector<Written> records = records_of(*world.disk, first_segment);
  StoreWorld other;
  other.world().run_for(std::chrono::seconds(5));  // another salt
  other.must_open();
  other.kill();
  const std::vector<Written> others = records_of(*other.disk, first_segment);
  std::string mixed = other.disk->contents(first_segment);
  mixed.replace(others.back().end, records.back().end - records[2].begin,
                old.substr(records[2].begin, records.back().end - records[2].begin));
  other.disk->put(first_segment, mixed);
  other.must_open();
  EXPECT_TRUE(other.entries.empty());
}

TEST(RecoveryTest, a_record_counts_only_in_its_epoch_and_in_its_order) {
  Counting counting({{5, 2, 0}});
  std::vector<std::uint64_t> taken;
  const Counting::Take take = [&taken](Position position, std::string_view) { taken.push_back(position.sequence); };
  const std::string payload("\1\0\0\0a\1\0\0\0b", 10);
  RecordHeader header;
  header.count = 2;
  const auto offer = [&](std::uint64_t first, std::uint32_t epoch, RecordKind kind = RecordKind::entries) {
    header.first = first;
    header.epoch = epoch;
    header.kind = kind;
    return counting.take(header, kind == RecordKind::entries ? payload : "", take);
  };
  EXPECT_FALSE(offer(5, 1));
  EXPECT_FALSE(offer(5, 3));
  EXPECT_FALSE(offer(6, 2));
  EXPECT_FALSE(offer(4, 2));
  EXPECT_TRUE(offer(5, 2));
  EXPECT_FALSE(offer(8, 3, RecordKind::claim));
  EXPECT_FALSE(offer(7, 4, RecordKind::claim));
  EXPECT_TRUE(offer(7, 3, RecordKind::claim));
  EXPECT_FALSE(offer(7, 2));
  EXPECT_TRUE(offer(7, 3));
  EXPECT_EQ(taken, (std::vector<std::uint64_t>{5, 6, 7, 8}));
}

TEST(RecoveryTest, an_incomplete_chunked_entry_is_void_and_its_sequence_is_given_again) {
  StoreWorld world;
  world.options.segment_bytes = 1U << 20;
  world.must_open();
  world.journal().append("whole");
  world.run();
  world.journal().append(std::string(400'000, 'c'));
  world.run();
  world.kill();
  std::string bytes = world.disk->contents(first_segment);
  const std::vector<Written> records = records_of(*world.disk, first_segment);
  ASSERT_GE(records.size(), 8U);
  ASSERT_EQ(records[5].header.kind, RecordKind::chunk);
  std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(records[6].begin), bytes.end(), '\0');
  world.disk->put(first_segment, bytes);
  world.must_open();
  EXPECT_EQ(world.entries[0].size(), 1U);
  EXPECT_EQ(world.journal().append("instead").sequence, 2U);
  world.run();
  EXPECT_EQ(world.read({2, 0, 7}), "instead");
  world.kill();
  world.must_open();
  EXPECT_EQ(world.entries[0][2], "instead");
  EXPECT_EQ(world.read({2, 0, 7}), "instead");
}

TEST(RecoveryTest, a_crash_at_any_step_of_the_birth_leaves_a_directory_that_opens) {
  for (std::uint64_t steps = 0; steps < 40; ++steps) {
    StoreWorld world(steps + 1);
    world.disk->stop_after(steps);
    const bool opened = world.open().has_value();
    if (opened) {
      world.journal().append("kept");
      world.run();
    }
    const bool durable = opened && world.journal().durable() == 1;
    world.lose_power();
    world.must_open();
    if (durable) {
      EXPECT_EQ(world.entries[0][1], "kept");
    }
  }
}

TEST(RecoveryTest, a_lost_birth_is_told_and_its_log_left_as_it_is) {
  StoreWorld world;
  write_five(world);
  const std::string log = world.disk->contents(segment_name(1));
  ASSERT_TRUE(world.disk->remove(std::string(birth_name)));
  const io::Outcome<void> opened = world.open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(io::words_of(opened.error()),
            "damage in birth at offset 0: the file is missing; put it back from a copy, the log needs it");
  EXPECT_EQ(world.disk->contents(segment_name(1)), log);
}

TEST(RecoveryTest, a_snapshot_that_holds_more_than_the_log_tells_of_lost_entries) {
  StoreWorld world;
  write_five(world);
  world.must_open();
  ASSERT_TRUE(world.take_snapshot({{1, {5, 1, 0}, "state"}}));
  world.kill();
  std::string bytes = world.disk->contents(first_segment);
  const std::vector<Written> records = records_of(*world.disk, first_segment);
  std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(records[4].begin), bytes.end(), '\0');
  world.disk->put(first_segment, bytes);
  EXPECT_FALSE(world.open());
}

}  // namespace sluice::journal
