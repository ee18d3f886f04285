#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "io/disk.h"
#include "io/loop.h"
#include "journal/catalog.h"
#include "journal/local_journal.h"
#include "journal/recovery.h"
#include "journal/snapshot.h"
#include "journal/sparse.h"
#include "journal/store.h"
#include "journal/stream.h"
#include "journal/supply.h"

namespace sluice::journal {

/// The local store while it lives: what jobs of the flusher, of the reader and of the loops hold on to.
class LocalCore final : public Backing, public std::enable_shared_from_this<LocalCore> {
 public:
  LocalCore(const Options& options, io::Disk& disk, std::unique_ptr<io::Disk> owned, const io::Clock& clock,
            io::Worker& flusher, io::Worker& reader, Recovered recovered);

  // Backing
  void want_flush() override;
  bool admits(Need need) const override { return supply_.admits(need); }
  bool disk_full() const override { return supply_.full(); }
  void add_unwritten(std::size_t bytes) override { supply_.add_unwritten(static_cast<std::int64_t>(bytes)); }
  std::shared_ptr<Segment> holding(std::uint16_t journal, std::uint64_t sequence) const override {
    return catalog_.holding(journal, sequence);
  }
  void read_later(io::Work job) override { reader_.submit(std::move(job)); }

  // As in Store.
  io::Outcome<void> replay(const std::vector<std::uint64_t>& from, const Counting::Take& take);
  io::Outcome<void> claim(const std::vector<io::Loop*>& loops);
  void drop(std::uint64_t segment, io::Loop& loop, std::function<void(bool)> done);
  void rewrite(std::uint64_t segment, Live live, io::Loop& loop, std::function<void(bool)> done);
  void close();

  const Recovered& recovered() const { return recovered_; }
  Catalog& catalog() { return catalog_; }
  Snapshots& snapshots() { return snapshots_; }
  LocalJournal& journal(std::uint16_t number) { return *journals_[number]; }
  io::Disk& disk() { return disk_; }
  io::Worker& reader() { return reader_; }

  void release_reserve() { supply_.release_reserve(); }
  /// Reclaiming has ended: the reserve is filled again.
  void refill() { prepare_soon(); }
  /// Runs on the flusher's thread: makes all that is written durable, then `done`, there.
  void sync_log(std::function<void(bool)> done);
  std::uint64_t bytes_since_snapshot(std::uint16_t journal) const;
  std::uint64_t appended_bytes(std::uint16_t journal) const;

 private:
  void flush_round();
  void fail(const io::Fault& fault);
  void prepare_soon();
  void prepare_round();
  void retry_later();
  void tell_room();
  bool drop_segment(std::uint64_t id);
  io::Outcome<void> rewrite_segment(std::uint64_t id, const Live& live);

  const Options options_;
  std::unique_ptr<io::Disk> owned_disk_;
  io::Disk& disk_;
  io::Worker& flusher_;
  io::Worker& reader_;
  Recovered recovered_;
  Catalog catalog_;
  Supply supply_;
  Snapshots snapshots_;

  std::mutex round_mutex_;  // one round at a time: the flusher's, or the last one, in `close`
  Stream stream_;
  bool closed_ = false;
  std::atomic<bool> failed_{false};
  std::atomic<bool> flush_wanted_{false};
  std::atomic<bool> prepare_wanted_{false};
  std::atomic<bool> retry_waits_{false};
  std::atomic<int> level_told_{4};
  std::vector<std::shared_ptr<LocalJournal>> journals_;
  std::vector<std::uint64_t> replayed_bytes_;
};

}  // namespace sluice::journal
