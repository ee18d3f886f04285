#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "journal/record.h"

namespace sluice::journal {

/// Where the entries of one segment lie: a point of 8 bytes per journal and 16 KiB of the file at most. A reader takes
/// the last point at or before its sequence; the entry begins less than `index_step_bytes` behind it.
inline constexpr std::uint64_t index_step_bytes = 16U << 10;

class Index {
 public:
  explicit Index(std::vector<JournalStart> starts) : starts_(std::move(starts)), points_(starts_.size()) {}

  /// Tells of the record at `offset`, in the order of the file.
  void add(const RecordHeader& header, std::uint64_t offset, std::string_view payload);

  struct Place {
    std::uint64_t offset = 0;    ///< in the file: of a record's header, or inside a record of an entry's length prefix
    std::uint64_t sequence = 0;  ///< of the first entry there
    bool inside = false;
  };
  std::optional<Place> find(std::uint16_t journal, std::uint64_t sequence) const;

 private:
  struct Point {
    std::uint32_t sequence;  // from the journal's start in this segment; the top bit: inside a record
    std::uint32_t offset;
  };
  static constexpr std::uint32_t inside_bit = 1U << 31;

  void put(std::uint16_t journal, std::uint64_t sequence, std::uint64_t offset, bool inside);

  std::vector<JournalStart> starts_;
  std::vector<std::vector<Point>> points_;
};

}  // namespace sluice::journal
