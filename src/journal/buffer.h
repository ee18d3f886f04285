#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "journal/record.h"

namespace sluice::journal {

/// Reckoned for an entry on top of its bytes when room in the file is counted: its length, its share of the record's
/// header and padding.
inline constexpr std::size_t entry_frame_bytes = 16;

/// One record in the making, then in flight, then kept for reads. The owner's core fills it; from `gather` on nothing
/// of it changes but the header, which the flusher fills in and nobody else looks at.
struct Buffer {
  RecordKind kind = RecordKind::entries;
  std::uint64_t first = 0;
  std::uint32_t count = 0;
  std::uint32_t entry_bytes = 0;      ///< of a chunk: of its whole entry
  std::uint32_t part_offset = 0;      ///< of a chunk: where its part begins in the entry
  std::string bytes;                  ///< room for the header, then the payload
  std::vector<std::uint32_t> starts;  ///< where each entry begins in `bytes`

  std::uint64_t last() const { return first + count - 1; }
  std::size_t payload_bytes() const { return bytes.size() - sizeof(RecordHeader); }
  /// Of entries alone: what `append` was given.
  std::size_t entry_part_bytes() const {
    return payload_bytes() - (kind == RecordKind::chunk ? sizeof(ChunkHeader) : count * entry_prefix_bytes);
  }
  /// As `file_bytes_of` of each entry that begins here, as far as it lies here.
  std::size_t entry_file_bytes() const {
    return entry_part_bytes() + (part_offset == 0 ? count * entry_frame_bytes : 0);
  }
  std::size_t memory_bytes() const {
    return bytes.capacity() + starts.capacity() * sizeof(std::uint32_t) + sizeof *this;
  }
};

/// What one journal hands over for one flush.
struct Batch {
  std::uint16_t journal = 0;
  std::uint32_t epoch = 0;
  std::vector<std::shared_ptr<Buffer>> buffers;
};

inline std::size_t entry_file_bytes(const Batch& batch) {
  std::size_t bytes = 0;
  for (const std::shared_ptr<Buffer>& buffer : batch.buffers) {
    bytes += buffer->entry_file_bytes();
  }
  return bytes;
}

}  // namespace sluice::journal
