#include "journal/recovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "journal/scan.h"
#include "journal/sparse.h"

namespace sluice::journal {
namespace {

constexpr std::size_t head_window_bytes = 8U << 10;  // holds a segment's opening record
constexpr std::uint64_t spare_zeros_max = 8U << 20;  // of a spare: behind so many zeros there is nothing
constexpr std::uint64_t newest_zeros_max = ~0ULL;    // of the newest segment all is looked at

/// The segment's opening record, if it has one.
struct Opened {
  Opening opening;
  std::vector<JournalStart> starts;
};

std::optional<Opened> parse_opening(const RecordHeader& header, std::string_view payload, std::uint16_t journals) {
  if (header.kind != RecordKind::opening || payload.size() != sizeof(Opening) + journals * sizeof(JournalStart)) {
    return std::nullopt;
  }
  Opened opened;
  opened.opening = from_bytes<Opening>(payload);
  for (std::size_t at = sizeof(Opening); at < payload.size(); at += sizeof(JournalStart)) {
    opened.starts.push_back(from_bytes<JournalStart>(payload.substr(at)));
  }
  return opened;
}

struct SegmentFile {
  std::string name;
  std::shared_ptr<io::File> file;
  SegmentHeader header;
  std::uint64_t bytes = 0;
  std::optional<Opened> opened;
  std::shared_ptr<Segment> sparse;
};

io::Outcome<SegmentFile> look_at(io::Disk& disk, io::Disk::Mode mode, const std::string& name, const Birth& birth) {
  SegmentFile found;
  found.name = name;
  io::Outcome<std::unique_ptr<io::File>> file = disk.open(name, mode);
  if (!file) {
    return std::unexpected(file.error());
  }
  found.file = std::move(*file);
  const io::Outcome<std::uint64_t> bytes = found.file->size();
  if (!bytes) {
    return std::unexpected(bytes.error());
  }
  found.bytes = *bytes;
  io::Outcome<SegmentHeader> header = read_segment_header(*found.file, name);
  if (!header) {
    return std::unexpected(header.error());
  }
  found.header = *header;
  if (found.header.id != segment_id(name) || found.header.journals != birth.journals) {
    return std::unexpected(damage(name, 0, "the header is of another segment"));
  }
  if (found.header.magic == sparse_segment_magic) {
    io::Outcome<std::shared_ptr<Segment>> sparse = open_sparse(found.file, found.header, name);
    if (!sparse) {
      return std::unexpected(sparse.error());
    }
    found.sparse = std::move(*sparse);
    return found;
  }
  Scanner scanner(*found.file, found.header, found.bytes, head_window_bytes);
  const Scanner::Step step = scanner.next();
  if (step == Scanner::Step::fault) {
    return std::unexpected(scanner.fault());
  }
  if (step == Scanner::Step::record) {
    found.opened = parse_opening(scanner.header(), scanner.payload(), birth.journals);
  }
  return found;
}

/// At an end of the chain that is not a seal: a torn tail, unless a later record says that this place was flushed.
/// Gives the place from which on there are only zeros.
io::Outcome<std::uint64_t> judge_end(const SegmentFile& segment, std::uint64_t end, std::uint64_t zeros_max) {
  const io::Outcome<Behind> behind = look_behind(*segment.file, segment.header, end, segment.bytes, zeros_max);
  if (!behind) {
    return std::unexpected(behind.error());
  }
  if (behind->proof) {
    return std::unexpected(damage(
        segment.name, end,
        fmt::format("the record at {} says that this place was flushed, but it cannot be read", *behind->proof)));
  }
  return behind->zeros_from;
}

io::Outcome<void> check_seal(const SegmentFile& sealed, const Opening& next) {
  std::string bytes;
  const std::uint64_t at = next.previous_end - record_bytes(0);
  if (next.previous_end < records_at + record_bytes(0) || sealed.bytes < next.previous_end) {
    return std::unexpected(damage(sealed.name, sealed.bytes, "the file ends before its last record"));
  }
  if (io::Outcome<void> read = sealed.file->read(at, record_bytes(0), bytes); !read) {
    return read;
  }
  const auto header = from_bytes<RecordHeader>(bytes);
  if (!plausible(header, sealed.header.salt) || header.kind != RecordKind::seal ||
      header.checksum != next.previous_checksum || record_checksum(bytes) != header.checksum) {
    return std::unexpected(damage(sealed.name, at, "the segment's last record cannot be read"));
  }
  return {};
}

io::Outcome<void> walk_newest(Recovered& recovered, const SegmentFile& newest) {
  Scanner scanner(*newest.file, newest.header, newest.bytes);
  Counting counting(newest.opened->starts);
  Scanner::Step step{};
  while ((step = scanner.next()) == Scanner::Step::record) {
    counting.take(scanner.header(), scanner.payload(), nullptr);
    recovered.sealed = scanner.header().kind == RecordKind::seal;
  }
  if (step == Scanner::Step::fault) {
    return std::unexpected(scanner.fault());
  }
  recovered.newest_bytes = newest.bytes;
  recovered.end = scanner.offset();
  recovered.chain = scanner.chain();
  recovered.next = counting.next();
  const io::Outcome<std::uint64_t> zeros_from = judge_end(newest, recovered.end, newest_zeros_max);
  if (!zeros_from) {
    return std::unexpected(zeros_from.error());
  }
  recovered.zeros_from = *zeros_from;
  return {};
}

io::Outcome<std::vector<SegmentFile>> look_at_all(io::Disk& disk, io::Disk::Mode mode, const Birth& birth) {
  io::Outcome<std::vector<std::string>> names = disk.list("");
  if (!names) {
    return std::unexpected(names.error());
  }
  std::vector<SegmentFile> files;
  for (const std::string& name : *names) {
    if (segment_id(name) == 0) {
      continue;
    }
    io::Outcome<SegmentFile> file = look_at(disk, mode, name, birth);
    if (!file) {
      return std::unexpected(file.error());
    }
    files.push_back(std::move(*file));
  }
  return files;
}

/// Those behind the last opened one hold no record yet; one in between must have had some.
io::Outcome<void> take_spares(Recovered& recovered, std::vector<SegmentFile>& files) {
  while (!files.empty() && !files.back().opened && !files.back().sparse) {
    SegmentFile& spare = files.back();
    if (io::Outcome<std::uint64_t> judged = judge_end(spare, records_at, spare_zeros_max); !judged) {
      return std::unexpected(judged.error());
    }
    recovered.spares.insert(recovered.spares.begin(), Blank{spare.file, spare.header, spare.bytes});
    files.pop_back();
  }
  for (const SegmentFile& file : files) {
    if (!file.opened && !file.sparse) {
      return std::unexpected(damage(file.name, records_at, "the segment's first record cannot be read"));
    }
  }
  if (!files.empty() && files.back().sparse) {
    return std::unexpected(damage(segment_name(files.back().header.id + 1), 0, "the file is missing"));
  }
  return {};
}

io::Outcome<void> add_segments(Recovered& recovered, std::vector<SegmentFile>& files) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    SegmentFile& file = files[i];
    if (file.sparse) {
      recovered.segments.push_back(file.sparse);
      continue;
    }
    auto segment = std::make_shared<LogSegment>(file.file, file.header, file.opened->starts, false);
    recovered.segments.push_back(segment);
    if (i + 1 == files.size()) {
      recovered.newest = std::move(segment);
      return walk_newest(recovered, file);
    }
    const SegmentFile& next = files[i + 1];
    if (next.opened && next.opened->opening.previous_id == file.header.id) {
      if (io::Outcome<void> sealed = check_seal(file, next.opened->opening); !sealed) {
        return sealed;
      }
      segment->seal(next.opened->starts, next.opened->opening.previous_end);
    } else {
      // The one behind was dropped or rewritten: how far this one went is not told, but no further than the next
      // begins.
      segment->seal(next.opened ? next.opened->starts : next.sparse->starts(), file.bytes);
    }
  }
  return {};
}

}  // namespace

io::Outcome<Recovered> recover(io::Disk& disk, io::Disk::Mode mode) {
  io::Outcome<Birth> birth = read_birth(disk);
  if (!birth) {
    return std::unexpected(birth.error());
  }
  Recovered recovered;
  recovered.birth = *birth;
  recovered.next.resize(birth->journals);
  io::Outcome<std::vector<SegmentFile>> files = look_at_all(disk, mode, *birth);
  if (!files) {
    return std::unexpected(files.error());
  }
  if (files->empty()) {
    return std::unexpected(damage(segment_name(1), 0, "the directory has a birth, but no segment"));
  }
  recovered.next_id = files->back().header.id + 1;
  if (io::Outcome<void> taken = take_spares(recovered, *files); !taken) {
    return std::unexpected(taken.error());
  }
  if (io::Outcome<void> added = add_segments(recovered, *files); !added) {
    return std::unexpected(added.error());
  }
  std::uint64_t before = recovered.newest ? recovered.newest->id() : 0;
  for (const Blank& spare : recovered.spares) {
    if (spare.header.id != ++before) {
      return std::unexpected(damage(segment_name(before), 0, "the file is missing"));
    }
  }
  if (recovered.sealed && recovered.spares.empty()) {
    return std::unexpected(damage(segment_name(before + 1), 0, "the file is missing"));
  }
  return recovered;
}

io::Outcome<void> walk_sealed(LogSegment& segment, Counting& counting, const Counting::Take& take, bool index) {
  const io::Outcome<std::uint64_t> bytes = segment.file().size();
  if (!bytes) {
    return std::unexpected(bytes.error());
  }
  Scanner scanner(segment.file(), segment.header(), *bytes);
  bool sealed = false;
  Scanner::Step step{};
  while (!sealed && (step = scanner.next()) == Scanner::Step::record) {
    if (counting.take(scanner.header(), scanner.payload(), take) && index) {
      segment.add(scanner.header(), scanner.at(), scanner.payload());
    }
    sealed = scanner.header().kind == RecordKind::seal;
  }
  if (step == Scanner::Step::fault) {
    return std::unexpected(scanner.fault());
  }
  if (!sealed) {
    return std::unexpected(
        damage(segment_name(segment.id()), scanner.offset(), "a record of a sealed segment cannot be read"));
  }
  return {};
}

io::Outcome<void> replay_segments(const Recovered& recovered, const std::vector<std::uint64_t>& from,
                                  const Counting::Take& take) {
  std::vector<std::uint64_t> covered(recovered.birth.journals, 1);
  for (std::size_t journal = 0; journal < std::min(covered.size(), from.size()); ++journal) {
    covered[journal] = std::max<std::uint64_t>(from[journal], 1);
  }
  const std::vector<std::uint64_t> wanted = covered;
  const Counting::Take wanted_only = [&](Position position, std::string_view entry) {
    if (position.sequence >= wanted[position.journal]) {
      take(position, entry);
    }
  };
  for (std::size_t i = 0; i < recovered.segments.size(); ++i) {
    const std::shared_ptr<Segment>& segment = recovered.segments[i];
    const bool newest = segment == recovered.newest;
    const std::vector<JournalStart>& after = newest ? recovered.next : recovered.segments[i + 1]->starts();
    bool needed = newest;
    for (std::size_t journal = 0; journal < covered.size(); ++journal) {
      const bool holds = segment->starts()[journal].next < after[journal].next;
      needed = needed || (after[journal].next > covered[journal] && holds);
      if (segment->starts()[journal].next > covered[journal]) {
        return std::unexpected(damage(segment_name(segment->id() - 1), 0,
                                      fmt::format("entries {} to {} of journal {} are needed and missing",
                                                  covered[journal], segment->starts()[journal].next - 1, journal)));
      }
    }
    if (!needed || segment->sparse()) {
      continue;
    }
    auto& log = static_cast<LogSegment&>(*segment);
    Counting counting(segment->starts());
    log.start_index();
    if (newest) {
      Scanner scanner(log.file(), log.header(), recovered.end);
      while (scanner.next() == Scanner::Step::record) {
        if (counting.take(scanner.header(), scanner.payload(), wanted_only)) {
          log.add(scanner.header(), scanner.at(), scanner.payload());
        }
      }
      if (scanner.offset() != recovered.end) {
        return std::unexpected(
            damage(segment_name(log.id()), scanner.offset(), "what was read before cannot be read again"));
      }
    } else if (io::Outcome<void> walked = walk_sealed(log, counting, wanted_only, true); !walked) {
      return walked;
    }
    for (std::size_t journal = 0; journal < covered.size(); ++journal) {
      covered[journal] = std::max(covered[journal], counting.next()[journal].next);
    }
  }
  for (std::size_t journal = 0; journal < covered.size(); ++journal) {
    if (covered[journal] > recovered.next[journal].next) {
      const std::uint64_t id = recovered.newest ? recovered.newest->id() : 1;
      return std::unexpected(damage(segment_name(id), recovered.end,
                                    fmt::format("journal {} ends at entry {}, but a snapshot holds what came after it",
                                                journal, recovered.next[journal].next - 1)));
    }
  }
  return {};
}

io::Outcome<void> cut_tail(const Recovered& recovered) {
  if (!recovered.newest) {
    return {};
  }
  io::File& file = recovered.newest->file();
  if (recovered.zeros_from > recovered.end) {
    if (io::Outcome<void> cut = file.zero_fill(recovered.end, recovered.zeros_from - recovered.end); !cut) {
      return cut;
    }
  }
  return file.sync();
}

}  // namespace sluice::journal
