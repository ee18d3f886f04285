#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "io/disk.h"
#include "journal/record.h"

namespace sluice::journal {

/// Walks the chain of records of one segment file. Every value is checked before it is used: the file may hold
/// anything.
class Scanner {
 public:
  /// From the first record of a segment. `window_bytes` are read at once, more for a record that is larger.
  Scanner(io::File& file, const SegmentHeader& header, std::uint64_t file_bytes, std::size_t window_bytes = 1U << 20);

  enum class Step {
    record,  ///< header(), payload() and at() tell of it; views hold until the next `next`
    end,     ///< no valid record follows at offset(): the end, a torn tail, or damage
    fault,   ///< the file cannot be read: fault()
  };
  Step next();

  const RecordHeader& header() const { return header_; }
  std::string_view payload() const { return payload_; }
  std::uint64_t at() const { return at_; }          ///< where the record begins
  std::uint64_t offset() const { return offset_; }  ///< behind the last valid record
  std::uint32_t chain() const { return chain_; }    ///< checksum of the last valid record
  const io::Fault& fault() const { return fault_; }

 private:
  /// Up to `bytes` at `offset`; fewer at the file's end, none with fault_ set.
  std::optional<std::string_view> window(std::uint64_t offset, std::size_t bytes);

  io::File& file_;
  std::uint64_t salt_;
  std::uint64_t file_bytes_;
  std::size_t window_bytes_;
  std::uint32_t chain_;
  std::uint64_t at_ = 0;
  std::uint64_t offset_ = records_at;
  RecordHeader header_;
  std::string_view payload_;
  std::string window_;
  std::uint64_t window_at_ = 0;
  io::Fault fault_;
};

/// What lies behind the end of the chain.
struct Behind {
  /// A record of this segment that says that the end had been flushed: then it is no torn tail but damage.
  std::optional<std::uint64_t> proof;
  std::uint64_t zeros_from = 0;  ///< all from here on are zeros
};
/// Looks at all of it, or until `zeros_max` bytes in a row are zeros.
io::Outcome<Behind> look_behind(io::File& file, const SegmentHeader& header, std::uint64_t end,
                                std::uint64_t file_bytes, std::uint64_t zeros_max);

/// The header of a segment file; a fault that names what is wrong when it is none.
io::Outcome<SegmentHeader> read_segment_header(io::File& file, const std::string& name);

/// "damage in NAME at offset N: WHAT", told to the operator.
io::Fault damage(const std::string& name, std::uint64_t offset, std::string_view what);
/// No damage: a file in a format that only a later version knows.
io::Fault too_new(const std::string& name);

/// Gives each entry of an entries record: its bytes, and their offset in the payload. False: the payload is malformed.
template <class Take>
bool for_each_entry(const RecordHeader& header, std::string_view payload, Take take) {
  std::size_t at = 0;
  for (std::uint32_t i = 0; i < header.count; ++i) {
    if (payload.size() - at < entry_prefix_bytes) {
      return false;
    }
    const auto bytes = from_bytes<std::uint32_t>(payload.substr(at));
    at += entry_prefix_bytes;
    if (payload.size() - at < bytes) {
      return false;
    }
    take(header.first + i, payload.substr(at, bytes), at);
    at += bytes;
  }
  return at == payload.size();
}

}  // namespace sluice::journal
