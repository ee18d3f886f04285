#include <algorithm>
#include <array>

#include "journal/sparse.h"
#include "journal/store_world.h"

/// Whole lives of a store by seed, against a model that only remembers: appends, snapshots, drops, rewrites, full
/// disks, kills, power cuts and clean ends at any moment.
namespace sluice::journal {
namespace {

constexpr std::uint64_t seeds = 300;
constexpr int lives = 6;
constexpr int steps = 60;

struct JournalModel {
  std::map<std::uint64_t, std::string> appended;  // by sequence; what may be there
  std::uint64_t durable = 0;                      // what must be there
  std::uint64_t covered = 0;                      // by the newest snapshot that was told to count
  std::map<std::uint64_t, Reference> live;        // by sequence; a reference that must be readable for ever
};

class Life {
 public:
  explicit Life(std::uint64_t seed)
      : random_(seed * 977 + 5),
        journals_(static_cast<std::uint16_t>(1 + random_.below(3))),
        world_(seed, journals_),
        models_(journals_) {
    constexpr std::array<std::uint64_t, 3> sizes = {64U << 10, 96U << 10, 256U << 10};
    world_.options.segment_bytes = sizes[random_.below(sizes.size())];
    world_.options.recent_bytes_max = random_.below(64U << 10);
    flushes_to_disk_ = random_.chance(0.8);
    world_.options.durability = flushes_to_disk_ ? Durability::disk : Durability::os;
  }

  void run() {
    for (int life = 0; life < lives && !testing::Test::HasFatalFailure(); ++life) {
      start();
      for (int step = 0; step < steps && !testing::Test::HasFatalFailure(); ++step) {
        act();
      }
      end();
    }
  }

 private:
  void start() {
    world_.replay_from.clear();
    for (const JournalModel& model : models_) {
      world_.replay_from.push_back(model.covered + 1);
    }
    if (random_.chance(0.3)) {
      fail_to_start();
    }
    world_.must_open();
    for (std::uint16_t number = 0; number < journals_; ++number) {
      compare(number, models_[number]);
    }
  }

  /// The power goes while it starts.
  void fail_to_start() {
    world_.disk->stop_after(random_.below(12));
    const bool opened = world_.open().has_value();
    if (opened) {
      world_.run(std::chrono::milliseconds(random_.below(3)));
    }
    world_.lose_power();
    for (JournalModel& model : models_) {
      model.durable = flushes_to_disk_ ? model.durable : model.covered;  // of a killed life only the page cache knew
    }
  }

  void compare(std::uint16_t number, JournalModel& model) {
    std::uint64_t next = model.covered + 1;
    for (const auto& [sequence, entry] : world_.entries[number]) {
      ASSERT_EQ(sequence, next++);
      ASSERT_TRUE(model.appended.contains(sequence)) << sequence;
      ASSERT_TRUE(entry == model.appended[sequence]) << sequence;
    }
    ASSERT_GE(next - 1, model.durable);
    ASSERT_EQ(world_.journal(number).next().sequence, next);
    model.appended.erase(model.appended.lower_bound(next), model.appended.end());
    model.live.erase(model.live.lower_bound(next), model.live.end());
    model.durable = next - 1;
    ASSERT_EQ(world_.journal(number).durable(), model.durable);
    if (model.covered > 0) {
      const std::string expected = "state at " + std::to_string(model.covered);
      const SnapshotItem& item = world_.items[{number, 1}];
      ASSERT_TRUE(item.position.sequence > model.covered || item.state == expected) << item.state;
    }
  }

  void act() {
    const auto number = static_cast<std::uint16_t>(random_.below(journals_));
    switch (random_.below(12)) {
      case 0:
        return snapshot(number);
      case 1:
        return reclaim();
      case 2:
        return world_.run(std::chrono::milliseconds(random_.below(30)));
      case 3:
        return limit_disk();
      case 4:
      case 5:
        return read(number);
      default:
        return append(number);
    }
  }

  void limit_disk() {
    limited_ = random_.chance(0.3);
    world_.run();  // what is under way may count on the reserve; it is not there yet in a new directory
    note_durable();
    world_.disk->set_capacity(limited_ ? used() + random_.below(200'000) : ~0ULL);
  }

  void append(std::uint16_t number) {
    Journal& journal = world_.journal(number);
    JournalModel& model = models_[number];
    for (std::uint64_t count = random_.below(20); count > 0; --count) {
      if (!journal.admits(Need::grows)) {
        break;
      }
      const std::size_t bytes = random_.chance(0.02) ? random_.below(limited_ ? 3'000 : 20'000) : random_.below(400);
      const std::uint64_t sequence = journal.next().sequence;
      const std::string entry = text_of(sequence * 31 + random_.below(1000), bytes);
      ASSERT_EQ(journal.append(entry).sequence, sequence);
      model.appended[sequence] = entry;
      if (random_.chance(0.1)) {
        const std::size_t offset = random_.below(entry.size());
        model.live[sequence] = {sequence, static_cast<std::uint32_t>(offset),
                                static_cast<std::uint32_t>(random_.below(entry.size() - offset + 1))};
      }
    }
    if (random_.chance(0.7)) {
      world_.run(std::chrono::milliseconds(random_.below(3)));
    }
    note_durable();
  }

  void note_durable() {
    for (std::uint16_t number = 0; number < journals_; ++number) {
      const Journal& journal = world_.journal(number);
      ASSERT_FALSE(journal.failed());
      if (flushes_to_disk_) {
        models_[number].durable = journal.durable();
      }
    }
  }

  void read(std::uint16_t number) {
    const JournalModel& model = models_[number];
    if (model.live.empty()) {
      return;
    }
    auto one = model.live.lower_bound(random_.below(model.live.rbegin()->first + 1));
    for (int count = 0; count < 5 && one != model.live.end(); ++count, ++one) {
      const Reference& reference = one->second;
      const std::optional<std::string> got = world_.read(reference, number);
      ASSERT_TRUE(got) << "entry " << reference.sequence;
      ASSERT_EQ(*got, model.appended.at(reference.sequence).substr(reference.offset, reference.length));
    }
    note_durable();
  }

  void snapshot(std::uint16_t number) {
    JournalModel& model = models_[number];
    const std::uint64_t newest = world_.journal(number).next().sequence - 1;
    if (newest == 0) {
      return;
    }
    const std::string state = "state at " + std::to_string(newest);
    const std::uint32_t epoch = world_.journal(number).epoch();
    if (world_.take_snapshot({{1, {newest, epoch, number}, state}}, number)) {
      model.covered = newest;
      model.durable = std::max(model.durable, newest);
    }
  }

  /// Of a segment that no replay needs: what lives is kept.
  void reclaim() {
    const std::vector<SegmentInfo> segments = world_.store->segments();
    const SegmentInfo& segment = segments[random_.below(segments.size())];
    Live live;
    for (std::uint16_t number = 0; number < journals_; ++number) {
      const SegmentInfo::Range range = segment.of_journal[number];
      if (!segment.sealed || (range.first <= range.last && range.last > models_[number].covered)) {
        return;
      }
      for (auto one = models_[number].live.lower_bound(range.first);
           one != models_[number].live.end() && one->first <= range.last; ++one) {
        live.push_back({number, one->second});
      }
    }
    if (live.empty()) {
      ASSERT_TRUE(world_.drop(segment.id));
    } else {
      world_.rewrite(segment.id, live);
    }
  }

  void end() {
    // Sometimes the disk stops in the middle of something first.
    if (random_.chance(0.3)) {
      world_.disk->stop_after(random_.below(12));
      for (int i = 0; i < 3; ++i) {
        const auto number = static_cast<std::uint16_t>(random_.below(journals_));
        const std::uint64_t sequence = world_.journal(number).next().sequence;
        models_[number].appended[sequence] = text_of(sequence, random_.below(5000));
        world_.journal(number).append(models_[number].appended[sequence]);
        world_.run(std::chrono::milliseconds(random_.below(3)));
        models_[number].durable = flushes_to_disk_ ? world_.journal(number).durable() : models_[number].durable;
      }
      return world_.lose_power();
    }
    for (std::uint16_t number = 0; number < journals_; ++number) {
      models_[number].durable = flushes_to_disk_ ? world_.journal(number).durable() : models_[number].durable;
    }
    const std::uint64_t how = random_.below(3);
    if (how == 0) {
      world_.lose_power();
    } else if (how == 1) {
      for (std::uint16_t number = 0; number < journals_; ++number) {
        models_[number].durable = world_.journal(number).durable();
      }
      world_.kill();
    } else {
      world_.close();
      for (JournalModel& model : models_) {
        model.durable = model.appended.empty() ? model.durable : model.appended.rbegin()->first;
      }
    }
  }

  std::uint64_t used() {
    std::uint64_t sum = 0;
    for (const std::string& name : names_of(*world_.disk)) {
      sum += world_.disk->contents(name).size();
    }
    return sum;
  }

  Random random_;
  std::uint16_t journals_;
  StoreWorld world_;
  std::vector<JournalModel> models_;
  bool flushes_to_disk_ = true;
  bool limited_ = false;
};

}  // namespace

TEST(StoreLifeTest, through_every_life_nothing_durable_is_lost_and_nothing_else_appears) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Life(seed).run();
    if (HasFatalFailure()) {
      return;
    }
  }
}

}  // namespace sluice::journal
