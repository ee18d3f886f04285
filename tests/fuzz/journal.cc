// The reader of a data directory, given one file of it with any bytes. The first byte says which file, and whether the
// checksums and the chain are made right first, so that what lies behind them is reached.
#include <cstdint>
#include <sstream>
#include <string>

#include "base/check.h"
#include "base/digest.h"
#include "base/log.h"
#include "io/simulated_disk.h"
#include "journal/birth.h"
#include "journal/layout.h"
#include "journal/recovery.h"
#include "journal/scan.h"
#include "journal/snapshot.h"
#include "journal/snapshot_file.h"
#include "journal/sparse.h"
#include "journal/tool.h"

namespace {

using namespace sluice;
using namespace sluice::journal;

constexpr std::uint16_t journals = 2;
constexpr std::uint64_t salt = 0x5a17;

std::string segment_header(std::uint32_t magic) {
  SegmentHeader header;
  header.magic = magic;
  header.id = 1;
  header.salt = salt;
  header.capacity = 64U << 10;
  header.journals = journals;
  header.checksum = segment_checksum(header);
  return std::string(bytes_of(header));
}

/// A segment whose records are the input's, their frames made right.
std::string records_of(std::string_view input) {
  std::string file = segment_header(segment_magic);
  std::uint32_t chain = from_bytes<SegmentHeader>(file).checksum;
  file.resize(records_at);
  const auto add = [&](RecordHeader header, std::string_view payload) {
    header.magic = record_magic;
    header.version = format_version;
    header.salt = salt;
    header.previous = chain;
    header.payload_bytes = static_cast<std::uint32_t>(payload.size());
    std::string record(bytes_of(header));
    record.append(payload);
    record.resize(record_bytes(payload.size()));
    header.checksum = record_checksum(record);
    record.replace(0, sizeof header, bytes_of(header));
    chain = header.checksum;
    file += record;
  };
  RecordHeader opening;
  opening.kind = RecordKind::opening;
  std::string payload(bytes_of(Opening{0, 0, 0, journals}));
  for (int i = 0; i < journals; ++i) {
    payload.append(bytes_of(JournalStart{1, 1, 0}));
  }
  add(opening, payload);
  while (input.size() >= 16) {
    RecordHeader header;
    header.kind = static_cast<RecordKind>(input[0] % 7);
    header.journal = static_cast<std::uint16_t>(input[1] % 3);
    header.first = static_cast<unsigned char>(input[2]) % 8;
    header.count = static_cast<std::uint32_t>(static_cast<unsigned char>(input[3]));
    header.epoch = static_cast<std::uint32_t>(input[4] % 4);
    header.flushed_segment = static_cast<std::uint64_t>(input[5] % 3);
    header.flushed_offset = from_bytes<std::uint16_t>(input.substr(6));
    const std::size_t bytes =
        std::min<std::size_t>(from_bytes<std::uint16_t>(input.substr(8)) % 5000, input.size() - 10);
    add(header, input.substr(10, bytes));
    input.remove_prefix(10 + bytes);
  }
  file.append(input);
  return file;
}

std::string sparse_of(std::string_view input) {
  std::string tables;
  for (int i = 0; i < journals; ++i) {
    tables.append(bytes_of(JournalStart{1, 1, 0}));
  }
  for (int i = 0; i < journals; ++i) {
    tables.append(bytes_of(JournalStart{100, 1, 0}));
  }
  SparseHead head;
  head.journals = journals;
  std::string pieces;
  while (input.size() >= 8) {
    PieceHeader piece;
    piece.sequence = static_cast<unsigned char>(input[0]);
    piece.offset = static_cast<unsigned char>(input[1]);
    piece.journal = static_cast<std::uint16_t>(input[2] % 3);
    piece.length =
        static_cast<std::uint32_t>(std::min<std::size_t>(from_bytes<std::uint16_t>(input.substr(3)), input.size() - 8));
    const std::string_view bytes = input.substr(8, piece.length);
    piece.checksum = crc32c(bytes, crc32c(bytes_of(piece).substr(record_checksummed_from)));
    pieces.append(bytes_of(piece));
    pieces.append(bytes);
    pieces.resize(padded(pieces.size()));
    input.remove_prefix(8 + piece.length);
    ++head.pieces;
  }
  head.bytes = sizeof(SegmentHeader) + sizeof head + tables.size() + pieces.size();
  head.checksum = crc32c(tables, crc32c(bytes_of(head).substr(sizeof(std::uint32_t))));
  return segment_header(sparse_segment_magic) + std::string(bytes_of(head)) + tables + pieces;
}

/// Opens, replays, reads and looks, as a start and an operator do.
void walk(io::Disk& disk) {
  const io::Outcome<Recovered> recovered = recover(disk, io::Disk::Mode::read_write);
  std::ostringstream out;
  inspect(disk, out);
  dump(disk, out, true);
  verify(disk, out);
  if (!recovered) {
    return;
  }
  std::uint64_t last[journals] = {0, 0};
  const io::Outcome<void> replayed = replay_segments(*recovered, {0, 0}, [&last](Position position, std::string_view) {
    check(position.sequence == last[position.journal] + 1, "entries that count are contiguous");
    last[position.journal] = position.sequence;
  });
  for (const std::shared_ptr<Segment>& segment : recovered->segments) {
    ReadCache cache;
    std::string bytes;
    for (std::uint16_t journal = 0; journal <= journals; ++journal) {
      for (std::uint64_t sequence = 0; sequence < 12; ++sequence) {
        const Reference reference{sequence, static_cast<std::uint32_t>(sequence * 3), 7};
        const ReadResult result = segment->read(journal, reference, true, cache, bytes);
        check(result != ReadResult::done || bytes.size() == reference.length, "a read gives all or nothing");
      }
    }
  }
  if (replayed && cut_tail(*recovered)) {
    const io::Outcome<Recovered> again = recover(disk, io::Disk::Mode::read_write);
    check(again && again->end == recovered->end && again->zeros_from <= again->end, "what was cut stays cut");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  set_log_level(LogLevel::off);
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::unique_ptr<io::SimulatedDisk> disk = io::SimulatedDisk::make();
  check(write_birth(*disk, Birth{journals, {}}).has_value(), "a birth is written");
  switch (data[0] % 6) {
    case 0:
      disk->put(segment_name(1), input);
      break;
    case 1:
      disk->put(segment_name(1), records_of(input));
      break;
    case 2:
      disk->put(segment_name(1), sparse_of(input));
      disk->put(segment_name(2), records_of(""));
      break;
    case 3:
      disk->put(birth_name, input);
      break;
    case 4:
      disk->put(segment_name(1), records_of(""));
      disk->put(snapshot_name(0, 1), input);
      break;
    default: {
      SnapshotHeader header;
      header.checksum = frame_checksum(header);
      disk->put(segment_name(1), records_of(""));
      disk->put(snapshot_name(0, 1), std::string(bytes_of(header)) + std::string(input));
    }
  }
  walk(*disk);
  read_snapshot(*disk, snapshot_name(0, 1), [](SnapshotItem&&) {});
  return 0;
}
