#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/position.h"
#include "io/disk.h"
#include "io/loop.h"
#include "journal/journal.h"

namespace sluice::journal {

enum class Durability : std::uint8_t {
  disk,    ///< replies wait for fdatasync
  os,      ///< replies wait for write: survives kill -9, not power loss
  memory,  ///< segments in memory; nothing after the process
};

struct Options {
  Durability durability = Durability::disk;
  std::uint16_t journals = 1;  ///< when the directory is born; later the directory's own number counts
  std::uint64_t segment_bytes = 64U << 20;
  std::uint64_t recent_bytes_max = 32U << 20;  ///< of flushed records kept in memory for reads, per journal
  std::optional<std::uint64_t> birth_seed;     ///< makes a birth the same each time (simulation, tests); unset: secure
};

/// One sealed or current segment, as reclaiming sees it.
struct SegmentInfo {
  std::uint64_t id = 0;
  std::uint64_t bytes = 0;  ///< on disk
  bool sealed = false;
  struct Range {
    std::uint64_t first = 0, last = 0;  ///< sequences, inclusive; first > last: none
  };
  std::vector<Range> of_journal;  ///< by journal number
};

/// A saved machine (or cell) in a snapshot: opaque to the journal.
struct SnapshotItem {
  std::uint64_t key = 0;
  Position position;  ///< the newest fact the state holds
  std::string state;
};

/// The stream of segments of one class and directory: all journals of it, their flushing thread, recovery, snapshots
/// and the space they take. Order of calls: open, read_snapshots, replay, claim; then the journals are used.
class Store {
 public:
  virtual ~Store() = default;

  /// Opens or makes the directory, takes its lock, finds the segments. Refuses over damage, naming file and offset.
  /// `flusher` runs the writes and flushes, `reader` the cold reads; `loops[i]` belongs to the owner of journal i
  /// (dealt out by the caller when there are more journals than cores). All outlive the store.
  static io::Outcome<std::unique_ptr<Store>> open(const Options& options, io::Disk& disk, const io::Clock& clock,
                                                  io::Worker& flusher, io::Worker& reader);

  /// Number of journals of this directory (fixed at its birth).
  virtual std::uint16_t journals() const = 0;

  /// Gives the items of the newest whole snapshot of each journal.
  virtual io::Outcome<void> read_snapshots(const std::function<void(std::uint16_t journal, SnapshotItem&&)>& take) = 0;
  /// Gives every entry that counts, in order per journal, from `from[journal]` (a sequence) on. Cuts a torn tail off.
  virtual io::Outcome<void> replay(const std::vector<std::uint64_t>& from,
                                   const std::function<void(Position, std::string_view entry)>& take) = 0;
  /// Claims every journal (a new epoch, durable before it returns) for this process; `loops[i]` is journal i's owner's.
  virtual io::Outcome<void> claim(const std::vector<io::Loop*>& loops) = 0;
  virtual Journal& journal(std::uint16_t number) = 0;

  /// Starts a snapshot of one journal; `put` one item after another from the owner's thread (buffered, written by the
  /// flusher's thread), then `finish`: it counts once it and the log up to its newest position are durable; then `done`
  /// runs on the owner's loop. Destroying it before `finish` drops it. At most one per journal at a time.
  class Snapshot {
   public:
    virtual ~Snapshot() = default;
    virtual void put(SnapshotItem item) = 0;
    virtual void finish(std::function<void(bool counted)> done) = 0;
  };
  virtual std::unique_ptr<Snapshot> start_snapshot(std::uint16_t journal) = 0;

  /// Bytes appended to the journal since its newest snapshot that counts (what a replay would read).
  virtual std::uint64_t bytes_since_snapshot(std::uint16_t journal) const = 0;

  /// Reclaiming. Any thread may call these; `drop` and `rewrite` run on the reader's thread, so that no flush waits for
  /// them, and post `done` to the loop given. `drop`: nothing in it is referred to or replayed any more. `rewrite`:
  /// only `live` (journal, reference; sorted) is kept, under the same positions; nothing of it is replayed any more.
  /// False: nothing has changed (the segment is not sealed, something live is not in it, the disk failed).
  virtual std::vector<SegmentInfo> segments() const = 0;
  virtual void drop(std::uint64_t segment, io::Loop& loop, std::function<void(bool)> done) = 0;
  virtual void rewrite(std::uint64_t segment, std::vector<std::pair<std::uint16_t, Reference>> live, io::Loop& loop,
                       std::function<void(bool)> done) = 0;

  /// 32 random bytes made when the directory was born: the key of receipt handles and the like.
  virtual std::string_view secret() const = 0;

  /// Flushes what was appended and closes. Called once, when no journal is used any more.
  virtual void close() = 0;
};

}  // namespace sluice::journal
