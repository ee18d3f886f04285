#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

/// How records and segment headers lie in a file: docs/formats/journal.md.
namespace sluice::journal {

inline constexpr std::uint8_t format_version = 1;
inline constexpr std::uint32_t record_magic = 0x31524c53;          // "SLR1"
inline constexpr std::uint32_t segment_magic = 0x31474c53;         // "SLG1": a stream of records
inline constexpr std::uint32_t sparse_segment_magic = 0x31504c53;  // "SLP1": what was left of one
inline constexpr std::size_t record_alignment_bytes = 8;
inline constexpr std::size_t record_payload_bytes_max = 1U << 20;
inline constexpr std::uint64_t records_at = 4096;  // the header has a sector of its own, so that it is never torn

enum class RecordKind : std::uint8_t {
  opening = 1,  ///< first of a segment: where each journal stands, and how the segment before ended
  claim = 2,    ///< a new epoch of one journal
  entries = 3,  ///< whole entries, each with its length before it
  chunk = 4,    ///< a part of one entry that is larger than a record
  seal = 5,     ///< last of a segment
  closing = 6,  ///< a clean end of the process; the next records follow
};
inline constexpr std::uint8_t record_kind_max = 6;

struct RecordHeader {
  std::uint32_t magic = record_magic;
  std::uint32_t checksum = 0;       ///< CRC-32C of all that follows here, the payload and its padding
  std::uint32_t previous = 0;       ///< checksum of the record before in this file; of the segment's header at first
  std::uint32_t payload_bytes = 0;  ///< without padding
  std::uint64_t salt = 0;           ///< of the segment: bytes of another never look valid
  std::uint64_t first = 0;          ///< sequence of the first entry; of a claim: the next one
  std::uint32_t count = 0;          ///< entries; 1 for a chunk
  std::uint32_t epoch = 0;
  std::uint16_t journal = 0;
  std::uint8_t version = format_version;
  RecordKind kind = RecordKind::entries;
  std::uint32_t unused = 0;
  std::uint64_t flushed_segment = 0;  ///< all before this place was durable when the record was written
  std::uint64_t flushed_offset = 0;
};
static_assert(sizeof(RecordHeader) == 64 && std::is_trivially_copyable_v<RecordHeader>);
inline constexpr std::size_t record_checksummed_from = 8;  // of the header

struct SegmentHeader {
  std::uint32_t magic = segment_magic;
  std::uint32_t checksum = 0;  ///< CRC-32C of all that follows here
  std::uint64_t id = 0;
  std::uint64_t salt = 0;
  std::uint64_t capacity = 0;  ///< bytes the file may grow to
  std::uint16_t journals = 0;
  std::uint8_t version = format_version;
  char journal_class = 'q';
  std::uint32_t unused = 0;
  std::uint64_t unused_more[3] = {};
};
static_assert(sizeof(SegmentHeader) == 64 && std::is_trivially_copyable_v<SegmentHeader>);

/// Before each part of an entry in a chunk record.
struct ChunkHeader {
  std::uint32_t entry_bytes = 0;  ///< of the whole entry
  std::uint32_t part_offset = 0;  ///< of this part in it
};
static_assert(sizeof(ChunkHeader) == 8);

/// Where a journal stands when a segment begins; the payload of an opening record is an Opening and one of these each.
struct JournalStart {
  std::uint64_t next = 1;  ///< the next sequence
  std::uint32_t epoch = 0;
  std::uint32_t unused = 0;
};
struct Opening {
  std::uint64_t previous_id = 0;  ///< 0: there was none
  std::uint64_t previous_end = 0;
  std::uint32_t previous_checksum = 0;  ///< of its last record
  std::uint32_t journals = 0;
};
static_assert(sizeof(JournalStart) == 16 && sizeof(Opening) == 24);

inline constexpr std::size_t entry_prefix_bytes = sizeof(std::uint32_t);

constexpr std::uint64_t padded(std::uint64_t bytes) {
  return (bytes + record_alignment_bytes - 1) / record_alignment_bytes * record_alignment_bytes;
}
/// Bytes of a record in the file.
constexpr std::uint64_t record_bytes(std::uint64_t payload_bytes) {
  return sizeof(RecordHeader) + padded(payload_bytes);
}

/// `record`: header (its checksum field not counted), payload and padding.
std::uint32_t record_checksum(std::string_view record);
std::uint32_t segment_checksum(const SegmentHeader& header);

/// What can be seen without the payload: magic, version, kind, bounds and this segment's salt.
bool plausible(const RecordHeader& header, std::uint64_t salt);

/// The bytes of a plain struct, to write; and a struct from bytes (which must be enough).
template <class T>
std::string_view bytes_of(const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  return {reinterpret_cast<const char*>(&value), sizeof value};
}
template <class T>
T from_bytes(std::string_view bytes) {
  static_assert(std::is_trivially_copyable_v<T>);
  T value;
  __builtin_memcpy(&value, bytes.data(), sizeof value);
  return value;
}

}  // namespace sluice::journal
