#pragma once

#include <cstdint>

#include "base/digest.h"
#include "journal/record.h"

/// How a snapshot lies in its file: docs/formats/journal.md.
namespace sluice::journal {

inline constexpr std::uint32_t snapshot_magic = 0x314e4c53;        // "SLN1"
inline constexpr std::uint32_t snapshot_frame_magic = 0x314d4c53;  // "SLM1"

struct SnapshotHeader {
  std::uint32_t magic = snapshot_magic;
  std::uint32_t checksum = 0;
  std::uint64_t number = 0;
  std::uint16_t journal = 0;
  std::uint8_t version = format_version;
  char journal_class = 'q';
  std::uint32_t unused = 0;
};
static_assert(sizeof(SnapshotHeader) == 24);

/// Before the state of each item; the last one has none, and says how many there were.
struct SnapshotFrame {
  std::uint32_t magic = snapshot_frame_magic;
  std::uint32_t checksum = 0;  ///< of what follows here, and the state
  std::uint32_t previous = 0;  ///< checksum of the frame before, of the header at first
  std::uint32_t state_bytes = 0;
  std::uint64_t key = 0;  ///< of the last: number of items
  std::uint64_t sequence = 0;
  std::uint32_t epoch = 0;
  std::uint32_t last = 0;
};
static_assert(sizeof(SnapshotFrame) == 40);

/// Of the fields behind the checksum; of a frame to be continued with the state.
template <class Frame>
std::uint32_t frame_checksum(const Frame& frame) {
  return crc32c(bytes_of(frame).substr(record_checksummed_from));
}

}  // namespace sluice::journal
