#include "journal/counting.h"

#include "journal/journal.h"
#include "journal/scan.h"

namespace sluice::journal {

bool Counting::take(const RecordHeader& header, std::string_view payload, const Take& take) {
  if (header.kind == RecordKind::opening || header.kind == RecordKind::seal || header.kind == RecordKind::closing) {
    return true;
  }
  if (header.journal >= next_.size()) {
    return false;
  }
  JournalStart& at = next_[header.journal];
  if (header.kind == RecordKind::claim) {
    if (header.epoch != at.epoch + 1 || header.first != at.next) {
      return false;
    }
    at.epoch = header.epoch;
    parts_[header.journal].clear();
    return true;
  }
  if (header.epoch != at.epoch || header.first != at.next) {
    return false;
  }
  if (header.kind == RecordKind::chunk) {
    return take_chunk(header, payload, take);
  }
  parts_[header.journal].clear();
  const bool whole = for_each_entry(header, payload, [](std::uint64_t, std::string_view, std::size_t) {});
  if (!whole) {
    return false;
  }
  if (take) {
    for_each_entry(header, payload, [&](std::uint64_t sequence, std::string_view entry, std::size_t) {
      take({sequence, header.epoch, header.journal}, entry);
    });
  }
  at.next += header.count;
  return true;
}

bool Counting::take_chunk(const RecordHeader& header, std::string_view payload, const Take& take) {
  if (payload.size() <= sizeof(ChunkHeader)) {
    return false;
  }
  const auto chunk = from_bytes<ChunkHeader>(payload);
  std::string& parts = parts_[header.journal];
  if (chunk.part_offset == 0) {
    parts.clear();
  }
  const std::string_view part = payload.substr(sizeof(ChunkHeader));
  if (chunk.entry_bytes > entry_bytes_max || chunk.part_offset != parts.size() ||
      parts.size() + part.size() > chunk.entry_bytes) {
    return false;
  }
  parts.append(part);
  if (parts.size() < chunk.entry_bytes) {
    return true;
  }
  if (take) {
    take({header.first, header.epoch, header.journal}, parts);
  }
  parts.clear();
  ++next_[header.journal].next;
  return true;
}

}  // namespace sluice::journal
