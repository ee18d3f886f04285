#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "io/simulated_disk.h"
#include "io/simulated_loop.h"
#include "journal/store.h"

/// For the tests of this folder: a store over a simulated disk, loops and workers.
namespace sluice::journal {

class StoreWorld {
 public:
  explicit StoreWorld(std::uint64_t seed = 1, std::uint16_t journals = 1)
      : random(seed), world_(std::in_place, seed), disk(io::SimulatedDisk::make()) {
    options.journals = journals;
    options.segment_bytes = 64U << 10;
    options.recent_bytes_max = 16U << 10;
    options.birth_seed = seed;
    set_log_level(LogLevel::off);
  }

  /// Opens, reads snapshots, replays and claims; what was replayed is in `entries`, what a snapshot held in `items`.
  io::Outcome<void> open() {
    entries.clear();
    items.clear();
    io::Worker& flusher = world().make_worker(std::chrono::microseconds(100));
    io::Worker& reader = world().make_worker(std::chrono::microseconds(300));
    auto opened = Store::open(options, *disk, world().clock(), flusher, reader);
    if (!opened) {
      return std::unexpected(opened.error());
    }
    store = std::move(*opened);
    std::vector<std::uint64_t> from = replay_from;
    from.resize(store->journals());
    auto read = store->read_snapshots(
        [&](std::uint16_t journal, SnapshotItem&& item) { items[{journal, item.key}] = std::move(item); });
    if (!read) {
      return read;
    }
    auto replayed = store->replay(
        from, [&](Position position, std::string_view entry) { entries[position.journal][position.sequence] = entry; });
    if (!replayed) {
      return replayed;
    }
    loops.clear();
    for (std::uint16_t i = 0; i < store->journals(); ++i) {
      loops.push_back(&world().make_loop());
    }
    return store->claim(loops);
  }
  void must_open() {
    const io::Outcome<void> opened = open();
    ASSERT_TRUE(opened) << opened.error().what;
  }

  Journal& journal(std::uint16_t number = 0) { return store->journal(number); }
  io::SimulatedWorld& world() { return *world_; }
  void run(std::chrono::milliseconds span = std::chrono::milliseconds(50)) { world().run_for(span); }

  /// The process ends. Without power its disk loses what was not flushed.
  void kill() {
    end();
    disk->kill();
  }
  void lose_power() {
    end();
    disk->crash(random);
  }
  void close() {
    store->close();
    kill();
  }

  /// The bytes, by whichever way they come.
  std::optional<std::string> read(const Reference& reference, std::uint16_t number = 0) {
    std::string bytes;
    if (journal(number).read_now(reference, bytes)) {
      return bytes;
    }
    std::optional<std::string> result;
    journal(number).read(reference, [&result](std::optional<std::string> got) { result = std::move(got); });
    run();
    return result;
  }

  bool take_snapshot(std::vector<SnapshotItem> states, std::uint16_t number = 0) {
    std::optional<bool> counted;
    const std::unique_ptr<Store::Snapshot> snapshot = store->start_snapshot(number);
    for (SnapshotItem& state : states) {
      snapshot->put(std::move(state));
    }
    snapshot->finish([&counted](bool result) { counted = result; });
    run();
    return counted.value_or(false);
  }
  bool drop(std::uint64_t segment) {
    bool result = false;
    store->drop(segment, *loops[0], [&result](bool dropped) { result = dropped; });
    run();
    return result;
  }
  bool rewrite(std::uint64_t segment, std::vector<std::pair<std::uint16_t, Reference>> live) {
    bool result = false;
    store->rewrite(segment, std::move(live), *loops[0], [&result](bool rewritten) { result = rewritten; });
    run();
    return result;
  }

  Random random;

 private:
  void end() {
    store = nullptr;
    world().end_process();
  }

  std::optional<io::SimulatedWorld> world_;

 public:
  std::unique_ptr<io::SimulatedDisk> disk;
  Options options;
  std::unique_ptr<Store> store;
  std::vector<io::Loop*> loops;
  std::vector<std::uint64_t> replay_from;
  std::map<std::uint16_t, std::map<std::uint64_t, std::string>> entries;
  std::map<std::pair<std::uint16_t, std::uint64_t>, SnapshotItem> items;
};

inline std::vector<std::string> names_of(io::Disk& disk) {
  io::Outcome<std::vector<std::string>> names = disk.list("");
  return names ? *std::move(names) : std::vector<std::string>();
}

inline std::string text_of(std::uint64_t number, std::size_t bytes = 100) {
  std::string text = "entry " + std::to_string(number) + " ";
  while (text.size() < bytes) {
    text.push_back(static_cast<char>('a' + (number + text.size() * 7) % 26));
  }
  return text;
}

}  // namespace sluice::journal
