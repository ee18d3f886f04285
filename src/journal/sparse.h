#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/position.h"
#include "io/disk.h"
#include "journal/segment.h"

/// What was left of a segment in which little lives: pieces of entries under their old positions
/// (docs/formats/journal.md).
namespace sluice::journal {

inline constexpr std::uint32_t piece_magic = 0x31434c53;  // "SLC1"

/// Behind the segment header: this, where the journals stood at the segment's begin, and at its end.
struct SparseHead {
  std::uint32_t checksum = 0;  ///< of what follows here, and both tables
  std::uint32_t journals = 0;
  std::uint64_t pieces = 0;
  std::uint64_t bytes = 0;  ///< of the whole file
};
static_assert(sizeof(SparseHead) == 24);

/// Before the bytes of each piece, which are padded to 8.
struct PieceHeader {
  std::uint32_t magic = piece_magic;
  std::uint32_t checksum = 0;  ///< of what follows here, and the bytes
  std::uint64_t sequence = 0;
  std::uint32_t offset = 0;  ///< in the entry
  std::uint32_t length = 0;
  std::uint16_t journal = 0;
  std::uint16_t unused = 0;
  std::uint32_t unused_more = 0;
};
static_assert(sizeof(PieceHeader) == 32);

using Live = std::vector<std::pair<std::uint16_t, Reference>>;
/// Gives what is in the segment of an entry: all of it from byte 0 on, or a piece.
using TakePiece = std::function<void(std::uint16_t journal, const Reference& where, std::string_view bytes)>;

/// Opens what was left of a segment. The file is not walked before it is first read from.
io::Outcome<std::shared_ptr<Segment>> open_sparse(std::shared_ptr<io::File> file, const SegmentHeader& header,
                                                  const std::string& name);

/// Walks every piece of a sparse segment and checks it.
io::Outcome<void> walk_sparse(Segment& segment, const TakePiece& take);

/// Writes what lives of a sealed segment (full or sparse) into `file` and makes it durable. A fault when something live
/// is not there: then nothing may take the segment's place.
io::Outcome<void> write_sparse(Segment& source, Live live, io::File& file);

}  // namespace sluice::journal
