#include "journal/tool.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <ostream>

#include "journal/layout.h"
#include "journal/recovery.h"
#include "journal/scan.h"
#include "journal/snapshot.h"
#include "journal/sparse.h"

namespace sluice::journal {
namespace {

constexpr std::array<const char*, record_kind_max + 1> kind_names = {"?",     "opening", "claim",  "entries",
                                                                     "chunk", "seal",    "closing"};
constexpr std::size_t shown_bytes_max = 64;  // of an entry, in a dump

int refuse(std::ostream& out, const io::Fault& fault) {
  out << io::words_of(fault) << '\n';
  return 1;
}

struct OpenSegment {
  std::string name;
  std::shared_ptr<io::File> file;
  SegmentHeader header;
  std::uint64_t bytes = 0;
};

io::Outcome<OpenSegment> open_segment(io::Disk& disk, const std::string& name) {
  OpenSegment segment;
  segment.name = name;
  io::Outcome<std::unique_ptr<io::File>> file = disk.open(name, io::Disk::Mode::read_only);
  if (!file) {
    return std::unexpected(file.error());
  }
  segment.file = std::move(*file);
  const io::Outcome<std::uint64_t> bytes = segment.file->size();
  const io::Outcome<SegmentHeader> header = read_segment_header(*segment.file, name);
  if (!bytes || !header) {
    return std::unexpected(bytes ? header.error() : bytes.error());
  }
  segment.bytes = *bytes;
  segment.header = *header;
  return segment;
}

/// Calls `each` for every segment file; one that cannot be opened is told. The worst of the exit codes.
int for_each_segment(io::Disk& disk, std::ostream& out, const std::function<int(OpenSegment&)>& each) {
  const io::Outcome<std::vector<std::string>> names = disk.list("");
  if (!names) {
    return refuse(out, names.error());
  }
  int worst = 0;
  for (const std::string& name : *names) {
    if (segment_id(name) == 0) {
      continue;
    }
    io::Outcome<OpenSegment> segment = open_segment(disk, name);
    worst = std::max(worst, segment ? each(*segment) : refuse(out, segment.error()));
  }
  return worst;
}

/// Calls `each` for every snapshot's file.
int for_each_snapshot(io::Disk& disk, std::ostream& out,
                      const std::function<int(const std::string& name, std::uint16_t journal)>& each) {
  const io::Outcome<std::vector<std::string>> names = disk.list("");
  if (!names) {
    return refuse(out, names.error());
  }
  int worst = 0;
  for (const std::string& name : *names) {
    std::uint16_t journal = 0;
    std::uint64_t number = 0;
    if (snapshot_place(name, journal, number)) {
      worst = std::max(worst, each(name, journal));
    }
  }
  return worst;
}

struct JournalTally {
  std::uint64_t first = 0, last = 0, entries = 0;
  std::uint32_t epoch = 0;

  void add(const RecordHeader& header) {
    epoch = header.epoch;
    if (header.kind == RecordKind::claim) {
      return;
    }
    first = first == 0 ? header.first : first;
    entries += header.kind == RecordKind::entries || header.first != last ? header.count : 0;
    last = header.first + header.count - 1;
  }
};

int inspect_log(OpenSegment& segment, std::ostream& out) {
  Scanner scanner(*segment.file, segment.header, segment.bytes);
  std::map<std::uint16_t, JournalTally> tallies;
  std::uint64_t records = 0;
  bool sealed = false;
  Scanner::Step step{};
  while ((step = scanner.next()) == Scanner::Step::record) {
    const RecordHeader& header = scanner.header();
    ++records;
    sealed = header.kind == RecordKind::seal;
    if (header.kind == RecordKind::claim || header.kind == RecordKind::entries || header.kind == RecordKind::chunk) {
      tallies[header.journal].add(header);
    }
  }
  if (step == Scanner::Step::fault) {
    return refuse(out, scanner.fault());
  }
  out << fmt::format("{}: {}, {} records in {} bytes, file of {} bytes\n", segment.name,
                     records == 0 ? "spare"
                     : sealed     ? "sealed"
                                  : "open",
                     records, scanner.offset(), segment.bytes);
  for (const auto& [journal, tally] : tallies) {
    out << fmt::format("  journal {}: {} entries, {} to {}, epoch {}\n", journal, tally.entries, tally.first,
                       tally.last, tally.epoch);
  }
  return 0;
}

int inspect_sparse(OpenSegment& segment, std::ostream& out) {
  const io::Outcome<std::shared_ptr<Segment>> sparse = open_sparse(segment.file, segment.header, segment.name);
  if (!sparse) {
    return refuse(out, sparse.error());
  }
  std::uint64_t pieces = 0, bytes = 0;
  const io::Outcome<void> walked = walk_sparse(**sparse, [&](std::uint16_t, const Reference& where, std::string_view) {
    ++pieces;
    bytes += where.length;
  });
  if (!walked) {
    return refuse(out, walked.error());
  }
  out << fmt::format("{}: rewritten, {} pieces of {} bytes, file of {} bytes\n", segment.name, pieces, bytes,
                     segment.bytes);
  const SegmentInfo info = (*sparse)->info();
  for (std::size_t journal = 0; journal < info.of_journal.size(); ++journal) {
    const SegmentInfo::Range& range = info.of_journal[journal];
    if (range.first <= range.last) {
      out << fmt::format("  journal {}: of entries {} to {}\n", journal, range.first, range.last);
    }
  }
  return 0;
}

/// Every record of a segment: valid, counted, and a seal at its end where one must be.
int verify_log(LogSegment& segment, bool newest, std::uint64_t end, std::ostream& out) {
  Counting counting(segment.starts());
  const io::Outcome<std::uint64_t> bytes = segment.file().size();
  if (!bytes) {
    return refuse(out, bytes.error());
  }
  Scanner scanner(segment.file(), segment.header(), newest ? end : *bytes);
  std::uint64_t records = 0;
  int code = 0;
  bool sealed = false;
  Scanner::Step step{};
  while (!(sealed && !newest) && (step = scanner.next()) == Scanner::Step::record) {
    ++records;
    sealed = scanner.header().kind == RecordKind::seal;
    if (!counting.take(scanner.header(), scanner.payload(), nullptr)) {
      code = refuse(out,
                    damage(segment_name(segment.id()), scanner.at(), "the record's epoch or sequence does not follow"));
    }
  }
  if (step == Scanner::Step::fault) {
    return refuse(out, scanner.fault());
  }
  if (newest ? scanner.offset() != end : !sealed) {
    return refuse(out, damage(segment_name(segment.id()), scanner.offset(), "a record cannot be read"));
  }
  if (code == 0) {
    out << fmt::format("{}: {} records, good\n", segment_name(segment.id()), records);
  }
  return code;
}

int verify_segment(const Recovered& recovered, Segment& segment, std::ostream& out) {
  if (!segment.sparse()) {
    return verify_log(static_cast<LogSegment&>(segment), &segment == recovered.newest.get(), recovered.end, out);
  }
  std::uint64_t pieces = 0;
  const io::Outcome<void> walked =
      walk_sparse(segment, [&pieces](std::uint16_t, const Reference&, std::string_view) { ++pieces; });
  if (!walked) {
    return refuse(out, walked.error());
  }
  out << fmt::format("{}: {} pieces, good\n", segment_name(segment.id()), pieces);
  return 0;
}

int verify_snapshot(io::Disk& disk, const Recovered& recovered, const std::string& name, std::uint16_t journal,
                    std::ostream& out) {
  const io::Outcome<SnapshotSummary> summary = read_snapshot(disk, name, nullptr);
  if (!summary) {
    return refuse(out, summary.error());
  }
  if (journal >= recovered.next.size() || summary->newest >= recovered.next[journal].next) {
    return refuse(out, damage(name, 0, fmt::format("it holds entry {}, and the log ends before", summary->newest)));
  }
  out << fmt::format("{}: {} items, good\n", name, summary->items);
  return 0;
}

std::string shown(std::string_view bytes) {
  std::string text;
  for (const char letter : bytes.substr(0, shown_bytes_max)) {
    const auto byte = static_cast<unsigned char>(letter);
    text += byte >= 0x20 && byte < 0x7f && letter != '\\' ? std::string(1, letter) : fmt::format("\\x{:02x}", byte);
  }
  return bytes.size() > shown_bytes_max ? text + "..." : text;
}

void dump_record(const Scanner& scanner, std::ostream& out, bool contents) {
  const RecordHeader& header = scanner.header();
  out << fmt::format("{:>10} {} journal {} epoch {} first {} count {} bytes {} flushed {:x}:{}\n", scanner.at(),
                     kind_names[static_cast<std::size_t>(header.kind)], header.journal, header.epoch, header.first,
                     header.count, header.payload_bytes, header.flushed_segment, header.flushed_offset);
  if (header.kind == RecordKind::entries) {
    for_each_entry(header, scanner.payload(), [&](std::uint64_t sequence, std::string_view entry, std::size_t at) {
      out << fmt::format("{:>10}   entry {} of {} bytes{}\n", scanner.at() + sizeof(RecordHeader) + at, sequence,
                         entry.size(), contents ? " " + shown(entry) : "");
    });
  } else if (header.kind == RecordKind::chunk && header.payload_bytes >= sizeof(ChunkHeader)) {
    const auto chunk = from_bytes<ChunkHeader>(scanner.payload());
    out << fmt::format("{:>10}   part at {} of entry {} of {} bytes{}\n",
                       scanner.at() + sizeof(RecordHeader) + sizeof(ChunkHeader), chunk.part_offset, header.first,
                       chunk.entry_bytes, contents ? " " + shown(scanner.payload().substr(sizeof(ChunkHeader))) : "");
  }
}

int dump_segment(OpenSegment& segment, std::ostream& out, bool contents) {
  out << segment.name << '\n';
  if (segment.header.magic == sparse_segment_magic) {
    const io::Outcome<std::shared_ptr<Segment>> sparse = open_sparse(segment.file, segment.header, segment.name);
    const io::Outcome<void> walked =
        sparse ? walk_sparse(**sparse,
                             [&](std::uint16_t journal, const Reference& where, std::string_view bytes) {
                               out << fmt::format("           piece at {} of entry {} of journal {}, {} bytes{}\n",
                                                  where.offset, where.sequence, journal, where.length,
                                                  contents ? " " + shown(bytes) : "");
                             })
               : std::unexpected(sparse.error());
    return walked ? 0 : refuse(out, walked.error());
  }
  Scanner scanner(*segment.file, segment.header, segment.bytes);
  Scanner::Step step{};
  while ((step = scanner.next()) == Scanner::Step::record) {
    dump_record(scanner, out, contents);
  }
  return step == Scanner::Step::fault ? refuse(out, scanner.fault()) : 0;
}

}  // namespace

int inspect(io::Disk& disk, std::ostream& out) {
  const io::Outcome<Birth> birth = read_birth(disk);
  if (!birth) {
    return refuse(out, birth.error());
  }
  out << fmt::format("class q, {} journals, format {}\n", birth->journals, format_version);
  std::uint64_t bytes = 0;
  int code = for_each_segment(disk, out, [&](OpenSegment& segment) {
    bytes += segment.bytes;
    return segment.header.magic == sparse_segment_magic ? inspect_sparse(segment, out) : inspect_log(segment, out);
  });
  code = std::max(code, for_each_snapshot(disk, out, [&](const std::string& name, std::uint16_t journal) {
                    const io::Outcome<SnapshotSummary> summary = read_snapshot(disk, name, nullptr);
                    if (!summary) {
                      return refuse(out, summary.error());
                    }
                    out << fmt::format("{}: of journal {} up to entry {}, {} items of {} bytes\n", name, journal,
                                       summary->newest, summary->items, summary->bytes);
                    return 0;
                  }));
  out << fmt::format("{} bytes in segments\n", bytes);
  return code;
}

int verify(io::Disk& disk, std::ostream& out) {
  if (io::Outcome<void> locked = disk.lock(); !locked) {
    return refuse(out, locked.error());
  }
  const io::Outcome<Recovered> recovered = recover(disk, io::Disk::Mode::read_only);
  if (!recovered) {
    return refuse(out, recovered.error());
  }
  int code = 0;
  for (const std::shared_ptr<Segment>& segment : recovered->segments) {
    code = std::max(code, verify_segment(*recovered, *segment, out));
  }
  code = std::max(code, for_each_snapshot(disk, out, [&](const std::string& name, std::uint16_t journal) {
                    return verify_snapshot(disk, *recovered, name, journal, out);
                  }));
  if (recovered->newest && recovered->zeros_from > recovered->end) {
    out << fmt::format("{}: a torn tail of {} bytes at {} will be cut off at the next start\n",
                       segment_name(recovered->newest->id()), recovered->zeros_from - recovered->end, recovered->end);
  }
  out << (code == 0 ? "good\n" : "damaged\n");
  return code;
}

int dump(io::Disk& disk, std::ostream& out, bool contents) {
  return for_each_segment(disk, out, [&](OpenSegment& segment) { return dump_segment(segment, out, contents); });
}

}  // namespace sluice::journal
