#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "io/disk.h"
#include "journal/buffer.h"
#include "journal/catalog.h"
#include "journal/layout.h"
#include "journal/segment.h"
#include "journal/supply.h"

namespace sluice::journal {

/// The writer's end of the one stream of segments: chains records, goes on to the next segment, flushes. One thread at
/// a time. After a fault it must not be used any more: what is in the file behind the last flush is unknown.
class Stream {
 public:
  struct Place {
    std::uint64_t segment = 0, offset = 0;
  };

  Stream(const Layout& layout, Supply& supply, Catalog& catalog, bool syncs);

  /// Goes on behind the last record of `segment` (all durable), the journals standing at `next`.
  void resume(std::shared_ptr<LogSegment> segment, std::uint64_t filled, std::uint64_t end, std::uint32_t chain,
              std::vector<JournalStart> next);
  /// After `resume` on a segment that is sealed already.
  io::Outcome<void> go_on();
  /// Begins an empty log.
  io::Outcome<void> begin(std::vector<JournalStart> next);

  /// Writes the batches, and makes them durable unless the stream does not sync (durability os).
  io::Outcome<void> write(std::span<const Batch> batches);
  /// A new epoch for every journal, durable.
  io::Outcome<void> claim();
  /// A record that says that all before it is durable: the end of a clean life.
  io::Outcome<void> close();
  /// Everything written so far is durable.
  io::Outcome<void> sync();

  const std::vector<JournalStart>& next() const { return next_; }

 private:
  struct Placed {
    std::shared_ptr<Buffer> buffer;
    std::uint64_t offset;
  };

  io::Outcome<void> write_batch(const Batch& batch);
  io::Outcome<void> make_room(std::uint64_t bytes);
  io::Outcome<void> next_segment();
  io::Outcome<void> go_over(Blank blank);
  void open_segment(Blank blank);
  void place(std::shared_ptr<Buffer> buffer, std::uint16_t journal, std::uint32_t epoch);
  void place_marker(RecordKind kind, std::uint16_t journal, std::uint32_t epoch, std::uint64_t first,
                    std::string_view payload);
  io::Outcome<void> write_placed();
  io::Outcome<void> sync_current();

  const Layout layout_;
  Supply& supply_;
  Catalog& catalog_;
  const bool syncs_;
  std::shared_ptr<LogSegment> current_;
  std::uint64_t end_ = records_at;
  std::uint32_t chain_ = 0;
  Place flushed_;
  std::vector<JournalStart> next_;
  std::vector<Placed> placed_;
  std::vector<std::string_view> pieces_;
};

}  // namespace sluice::journal
