#include "journal/index.h"

#include <algorithm>

#include "journal/scan.h"

namespace sluice::journal {

void Index::put(std::uint16_t journal, std::uint64_t sequence, std::uint64_t offset, bool inside) {
  const auto delta = static_cast<std::uint32_t>(sequence - starts_[journal].next);
  points_[journal].push_back({delta | (inside ? inside_bit : 0), static_cast<std::uint32_t>(offset)});
}

void Index::add(const RecordHeader& header, std::uint64_t offset, std::string_view payload) {
  const bool holds = header.kind == RecordKind::entries || header.kind == RecordKind::chunk;
  if (!holds || header.journal >= points_.size() || header.first < starts_[header.journal].next) {
    return;
  }
  const bool chunk = header.kind == RecordKind::chunk;
  if (chunk && payload.size() >= sizeof(ChunkHeader) && from_bytes<ChunkHeader>(payload).part_offset > 0) {
    return;  // found from the first chunk of its entry
  }
  std::vector<Point>& points = points_[header.journal];
  const auto far = [&points](std::uint64_t at) {
    return points.empty() || at >= points.back().offset + index_step_bytes;
  };
  // Behind a point inside a record the next record has its own, so that a walk never crosses from one into the other.
  if (far(offset) || (points.back().sequence & inside_bit) != 0) {
    put(header.journal, header.first, offset, false);
  }
  if (chunk || !far(offset + record_bytes(header.payload_bytes))) {
    return;
  }
  for_each_entry(header, payload, [&](std::uint64_t sequence, std::string_view, std::size_t at) {
    const std::uint64_t begins = offset + sizeof(RecordHeader) + at - entry_prefix_bytes;
    if (far(begins)) {
      put(header.journal, sequence, begins, true);
    }
  });
}

std::optional<Index::Place> Index::find(std::uint16_t journal, std::uint64_t sequence) const {
  if (journal >= points_.size() || sequence < starts_[journal].next) {
    return std::nullopt;
  }
  const std::uint64_t delta = sequence - starts_[journal].next;
  const std::vector<Point>& points = points_[journal];
  const auto after = std::ranges::upper_bound(
      points, delta, {}, [](const Point& point) -> std::uint64_t { return point.sequence & ~inside_bit; });
  if (after == points.begin()) {
    return std::nullopt;
  }
  const Point& point = *std::prev(after);
  return Place{point.offset, starts_[journal].next + (point.sequence & ~inside_bit),
               (point.sequence & inside_bit) != 0};
}

}  // namespace sluice::journal
