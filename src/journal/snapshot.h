#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "io/disk.h"
#include "journal/record.h"
#include "journal/store.h"

namespace sluice::journal {

class LocalCore;

/// What a snapshot file says of itself once it has been checked from end to end.
struct SnapshotSummary {
  std::uint64_t items = 0;
  std::uint64_t newest = 0;  ///< the greatest sequence of an item
  std::uint64_t bytes = 0;   ///< of the states
};

/// Walks a snapshot file, checks everything, gives its items if `take` is set.
io::Outcome<SnapshotSummary> read_snapshot(io::Disk& disk, const std::string& name,
                                           const std::function<void(SnapshotItem&&)>& take);

/// The snapshot files of a directory: which count, and which may go. Two are kept for each journal.
class Snapshots {
 public:
  Snapshots(io::Disk& disk, std::uint16_t journals) : disk_(disk), of_journal_(journals) {}

  /// Gives the newest whole one of each journal; `next` is how far the log goes. One that holds more than the log is
  /// damage of the log.
  io::Outcome<void> read(const std::vector<JournalStart>& next,
                         const std::function<void(std::uint16_t journal, SnapshotItem&&)>& take);

  /// The number for the next one. The owner's thread.
  std::uint64_t take_number(std::uint16_t journal) { return ++of_journal_[journal].number; }
  /// `number` counts from now on: older ones but one are removed. The reader's thread.
  void count(std::uint16_t journal, std::uint64_t number, std::uint64_t appended_before);
  /// Bytes that had been appended to the journal when its newest snapshot was started.
  std::uint64_t appended_before(std::uint16_t journal) const { return of_journal_[journal].appended_before.load(); }

 private:
  struct Of {
    std::uint64_t number = 0;
    std::atomic<std::uint64_t> appended_before{0};
  };
  io::Outcome<std::vector<std::uint64_t>> numbers(std::uint16_t journal);

  io::Disk& disk_;
  std::vector<Of> of_journal_;
};

std::unique_ptr<Store::Snapshot> make_snapshot_writer(std::shared_ptr<LocalCore> core, std::uint16_t journal);

}  // namespace sluice::journal
