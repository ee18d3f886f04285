#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "base/need.h"
#include "journal/journal.h"
#include "journal/record.h"

/// Names and sizes of what a store keeps in its directory.
namespace sluice::journal {

/// An entry that admits() answers for (a batch of SQS: 1 MiB and its frame). A larger one counts on the reserve.
inline constexpr std::uint64_t usual_entry_bytes_max = 5U << 18;
inline constexpr std::uint64_t segment_bytes_least = 64U << 10;

/// Sizes that follow from the size of a segment.
struct Layout {
  std::uint64_t segment_bytes;
  std::uint64_t fill_step_bytes;          ///< filled with zeros at once
  std::uint64_t ahead_bytes;              ///< kept filled ahead of the writer
  std::uint64_t reserve_bytes;            ///< of the file that keeps room for reclaiming
  std::uint64_t unwritten_bytes;          ///< admitted ahead of the filling while the reserve is whole: its half
  std::uint64_t record_payload_bytes;     ///< of a record, at most
  std::uint64_t entries_bytes;            ///< room for an entry of each core at once: what comes in after one `admits`
  std::array<std::uint64_t, 4> left_for;  ///< by Need: on a full disk, room that must be left for those after it

  Layout(std::uint64_t segment, std::uint16_t journals)
      : segment_bytes(std::max(segment, segment_bytes_least)),
        fill_step_bytes(std::min<std::uint64_t>(4U << 20, segment_bytes / 4)),
        ahead_bytes(std::min<std::uint64_t>(32U << 20, segment_bytes)),
        reserve_bytes(std::min<std::uint64_t>(32U << 20, segment_bytes / 2)),
        record_payload_bytes(std::min<std::uint64_t>(record_payload_bytes_max, segment_bytes / 16)),
        entries_bytes(journals * std::min(usual_entry_bytes_max, segment_bytes / 16)),
        left_for{ahead_bytes / 2 + entries_bytes, ahead_bytes / 4 + entries_bytes, ahead_bytes / 16 + entries_bytes,
                 ahead_bytes / 64} {
    ahead_bytes += entries_bytes;
    unwritten_bytes = reserve_bytes / 2 - std::min(reserve_bytes / 2, entries_bytes);
  }
};

std::string segment_name(std::uint64_t id);
std::string snapshot_name(std::uint16_t journal, std::uint64_t number);
/// The id in the name of a segment; 0: it is none.
std::uint64_t segment_id(const std::string& name);
/// Journal and number in the name of a snapshot; false: it is none.
bool snapshot_place(const std::string& name, std::uint16_t& journal, std::uint64_t& number);

inline constexpr const char* birth_name = "birth";
inline constexpr const char* reserve_name = "q.reserve";
/// Behind the name of a file that is being made: removed at the next start.
inline constexpr const char* unfinished_suffix = ".new";

}  // namespace sluice::journal
