#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "io/disk.h"
#include "journal/record.h"

namespace sluice::journal {

/// Walks the chain of records of one segment file. Every value is checked before it is used: the file may hold anything.
class Scanner {
 public:
  /// From the first record of a segment.
  Scanner(io::File& file, const SegmentHeader& header, std::uint64_t file_bytes);

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
  std::uint32_t chain_;
  std::uint64_t at_ = 0;
  std::uint64_t offset_ = records_at;
  RecordHeader header_;
  std::string_view payload_;
  std::string window_;
  std::uint64_t window_at_ = 0;
  io::Fault fault_;
};

/// Looks behind a broken place for a record of this segment that says that the place had been flushed: then it is no torn
/// tail but damage. Gives that record's offset.
io::Outcome<std::optional<std::uint64_t>> find_proof_of_damage(io::File& file, const SegmentHeader& header,
                                                               std::uint64_t broken_at, std::uint64_t file_bytes);

/// The header of a segment file; a fault that names what is wrong when it is none.
io::Outcome<SegmentHeader> read_segment_header(io::File& file, const std::string& name);

/// "damage in NAME at offset N: WHAT", told to the operator.
io::Fault damage(const std::string& name, std::uint64_t offset, std::string_view what);

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
