#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/position.h"
#include "io/disk.h"
#include "journal/index.h"
#include "journal/record.h"
#include "journal/store.h"

namespace sluice::journal {

class Segment;

/// The last piece of a segment that one reader read, so that entries in order are read from the file once.
struct ReadCache {
  std::weak_ptr<Segment> segment;
  std::uint64_t offset = 0;
  std::string bytes;
};

enum class ReadResult {
  done,
  would_wait,  ///< not in the page cache: read where waiting is allowed
  missing,     ///< not there, damaged, or the device failed
};

/// One segment that holds records: the current one, a sealed one, or what was left of one. From any thread.
class Segment : public std::enable_shared_from_this<Segment> {
 public:
  Segment(std::shared_ptr<io::File> file, const SegmentHeader& header, std::vector<JournalStart> starts);
  virtual ~Segment() = default;

  std::uint64_t id() const { return header_.id; }
  const SegmentHeader& header() const { return header_; }
  const std::vector<JournalStart>& starts() const { return starts_; }
  io::File& file() { return *file_; }
  const std::shared_ptr<io::File>& shared_file() const { return file_; }
  bool sparse() const { return header_.magic == sparse_segment_magic; }

  SegmentInfo info() const;
  /// Nothing is added any more. `next`: where the journals stood then.
  void seal(const std::vector<JournalStart>& next, std::uint64_t bytes);

  /// The bytes of `reference`. Nothing waits for the device unless `may_wait`.
  virtual ReadResult read(std::uint16_t journal, const Reference& reference, bool may_wait, ReadCache& cache,
                          std::string& into) = 0;

 protected:
  /// The bytes at a point of the index through the cache: as far as the point reaches, or to the end of what is
  /// written.
  ReadResult cached(std::uint64_t offset, bool may_wait, ReadCache& cache, std::string_view& view);
  ReadResult direct(std::uint64_t offset, std::size_t bytes, bool may_wait, std::string& into);

  mutable std::mutex mutex_;
  SegmentInfo info_;

 private:
  std::uint64_t info_bytes() const;

  SegmentHeader header_;
  std::vector<JournalStart> starts_;
  std::shared_ptr<io::File> file_;
};

/// A stream of records.
class LogSegment final : public Segment {
 public:
  /// `indexed`: every record will be told by `add`; otherwise the first read scans the file.
  LogSegment(std::shared_ptr<io::File> file, const SegmentHeader& header, std::vector<JournalStart> starts,
             bool indexed);

  /// Tells of the record at `offset`, in the order of the file.
  void add(const RecordHeader& header, std::uint64_t offset, std::string_view payload);
  bool indexed() const;
  void start_index();

  ReadResult read(std::uint16_t journal, const Reference& reference, bool may_wait, ReadCache& cache,
                  std::string& into) override;

 private:
  struct Found {
    std::uint64_t offset = 0;  // of the entry's bytes; of a chunked entry's first record
    std::uint32_t entry_bytes = 0;
    std::uint32_t part_bytes = 0;  // of each chunk but the last; 0: not chunked
  };
  ReadResult find(std::uint16_t journal, std::uint64_t sequence, bool may_wait, ReadCache& cache, Found& found);
  ReadResult read_chunks(const Found& found, const Reference& reference, bool may_wait, std::string& into);
  bool make_index();

  Index index_;
  bool indexed_;
};

}  // namespace sluice::journal
