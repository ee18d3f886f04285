#pragma once

#include <compare>
#include <cstdint>

namespace sluice {

/// The place of one entry in the log: opaque and ordered within a journal, never a file offset. `sequence` counts the
/// entries of the journal over its whole life, without gaps, across epochs. `epoch` is the ownership it was written in.
struct Position {
  std::uint64_t sequence = 0;
  std::uint32_t epoch = 0;
  std::uint16_t journal = 0;

  auto operator<=>(const Position&) const = default;
};

/// Bytes inside an entry: what a machine keeps instead of a body or a block.
struct Reference {
  std::uint64_t sequence = 0;  ///< of the entry, in the machine's journal
  std::uint32_t offset = 0;    ///< bytes from the start of the entry
  std::uint32_t length = 0;    ///< bytes

  bool operator==(const Reference&) const = default;
};

}  // namespace sluice
