#include "journal/segment.h"

#include <algorithm>

#include "journal/counting.h"
#include "journal/scan.h"

namespace sluice::journal {
namespace {

constexpr std::size_t chunk_read_bytes = 32U
                                         << 10;  // read at once: a point's reach, and as much again for what follows

}  // namespace

Segment::Segment(std::shared_ptr<io::File> file, const SegmentHeader& header, std::vector<JournalStart> starts)
    : header_(header), starts_(std::move(starts)), file_(std::move(file)) {
  info_.id = header.id;
  for (const JournalStart& start : starts_) {
    info_.of_journal.push_back({start.next, start.next - 1});
  }
}

std::uint64_t Segment::info_bytes() const {
  const std::lock_guard lock(mutex_);
  return info_.bytes;
}

SegmentInfo Segment::info() const {
  const std::lock_guard lock(mutex_);
  return info_;
}

void Segment::seal(const std::vector<JournalStart>& next, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  for (std::size_t journal = 0; journal < next.size(); ++journal) {
    info_.of_journal[journal].last = next[journal].next - 1;
  }
  info_.sealed = true;
  info_.bytes = bytes;
}

ReadResult Segment::direct(std::uint64_t offset, std::size_t bytes, bool may_wait, std::string& into) {
  if (!may_wait) {
    const io::Outcome<bool> got = file_->read_if_cached(offset, bytes, into);
    return !got ? ReadResult::missing : *got ? ReadResult::done : ReadResult::would_wait;
  }
  return file_->read(offset, bytes, into) ? ReadResult::done : ReadResult::missing;
}

ReadResult Segment::cached(std::uint64_t offset, bool may_wait, ReadCache& cache, std::string_view& view) {
  // Not past what is written: the cache would keep the zeros that records replace later.
  const std::uint64_t end = info_bytes();
  const std::uint64_t there = offset < end ? end - offset : 0;
  const std::uint64_t wanted = std::min<std::uint64_t>(there, index_step_bytes + sizeof(RecordHeader));
  const bool have = cache.segment.lock().get() == this && offset >= cache.offset &&
                    offset + wanted <= cache.offset + cache.bytes.size();
  if (!have) {
    cache.segment.reset();
    const std::size_t ahead = std::min<std::uint64_t>(there, chunk_read_bytes);
    if (const ReadResult got = direct(offset, ahead, may_wait, cache.bytes); got != ReadResult::done) {
      return got;
    }
    cache.segment = weak_from_this();
    cache.offset = offset;
  }
  view = std::string_view(cache.bytes).substr(offset - cache.offset);
  return ReadResult::done;
}

LogSegment::LogSegment(std::shared_ptr<io::File> file, const SegmentHeader& header, std::vector<JournalStart> starts,
                       bool indexed)
    : Segment(std::move(file), header, std::move(starts)), index_(this->starts()), indexed_(indexed) {}

void LogSegment::add(const RecordHeader& header, std::uint64_t offset, std::string_view payload) {
  const std::lock_guard lock(mutex_);
  index_.add(header, offset, payload);
  info_.bytes = offset + record_bytes(header.payload_bytes);
  if ((header.kind == RecordKind::entries || header.kind == RecordKind::chunk) &&
      header.journal < info_.of_journal.size()) {
    SegmentInfo::Range& range = info_.of_journal[header.journal];
    range.last = std::max(range.last, header.first + header.count - 1);
  }
}

bool LogSegment::indexed() const {
  const std::lock_guard lock(mutex_);
  return indexed_;
}

void LogSegment::start_index() {
  const std::lock_guard lock(mutex_);
  index_ = Index(starts());
  indexed_ = true;
}

bool LogSegment::make_index() {
  const io::Outcome<std::uint64_t> bytes = file().size();
  if (!bytes) {
    return false;
  }
  Index index(starts());
  Counting counting(starts());
  Scanner scanner(file(), header(), *bytes);
  Scanner::Step step{};
  while ((step = scanner.next()) == Scanner::Step::record) {
    if (counting.take(scanner.header(), scanner.payload(), nullptr)) {
      index.add(scanner.header(), scanner.at(), scanner.payload());
    }
  }
  const std::lock_guard lock(mutex_);
  index_ = std::move(index);
  indexed_ = true;  // of what can be read: an entry behind damage is missing, and only that
  return step != Scanner::Step::fault;
}

ReadResult LogSegment::find(std::uint16_t journal, std::uint64_t sequence, bool may_wait, ReadCache& cache,
                            Found& found) {
  std::optional<Index::Place> place;
  {
    const std::lock_guard lock(mutex_);
    place = index_.find(journal, sequence);
  }
  if (!place) {
    return ReadResult::missing;
  }
  std::string_view view;
  if (const ReadResult got = cached(place->offset, may_wait, cache, view); got != ReadResult::done) {
    return got;
  }
  std::size_t at = 0;
  std::uint64_t here = place->sequence;
  std::uint64_t left = place->inside ? sequence - here + 1 : 0;  // entries before the record ends, as far as it matters
  while (true) {
    if (left > 0) {
      if (view.size() < at + entry_prefix_bytes) {
        return ReadResult::missing;
      }
      const auto bytes = from_bytes<std::uint32_t>(view.substr(at));
      if (here == sequence) {
        found = {place->offset + at + entry_prefix_bytes, bytes, 0};
        return ReadResult::done;
      }
      at += entry_prefix_bytes + bytes;
      ++here;
      --left;
      continue;
    }
    if (view.size() < at + sizeof(RecordHeader)) {
      return ReadResult::missing;
    }
    const auto header = from_bytes<RecordHeader>(view.substr(at));
    if (!plausible(header, this->header().salt)) {
      return ReadResult::missing;
    }
    const bool inside = header.journal == journal && header.first <= sequence && sequence - header.first < header.count;
    if (inside && header.kind == RecordKind::entries) {
      at += sizeof(RecordHeader);
      here = header.first;
      left = sequence - here + 1;
    } else if (inside && header.kind == RecordKind::chunk) {
      if (view.size() < at + sizeof(RecordHeader) + sizeof(ChunkHeader) ||
          header.payload_bytes <= sizeof(ChunkHeader)) {
        return ReadResult::missing;
      }
      const auto chunk = from_bytes<ChunkHeader>(view.substr(at + sizeof(RecordHeader)));
      found = {place->offset + at, chunk.entry_bytes,
               static_cast<std::uint32_t>(header.payload_bytes - sizeof(ChunkHeader))};
      return ReadResult::done;
    } else {
      at += record_bytes(header.payload_bytes);
    }
  }
}

ReadResult LogSegment::read_chunks(const Found& found, const Reference& reference, bool may_wait, std::string& into) {
  // The chunks of one entry lie one behind the other, all but the last of one size.
  const std::uint64_t stride = record_bytes(sizeof(ChunkHeader) + found.part_bytes);
  std::string part;
  into.clear();
  for (std::uint64_t at = reference.offset; into.size() < reference.length;) {
    const std::uint64_t in_part = at % found.part_bytes;
    const std::size_t bytes = std::min<std::uint64_t>(found.part_bytes - in_part, reference.length - into.size());
    const std::uint64_t offset =
        found.offset + at / found.part_bytes * stride + sizeof(RecordHeader) + sizeof(ChunkHeader) + in_part;
    if (const ReadResult got = direct(offset, bytes, may_wait, part); got != ReadResult::done) {
      return got;
    }
    if (part.size() != bytes) {
      return ReadResult::missing;
    }
    into += part;
    at += bytes;
  }
  return ReadResult::done;
}

ReadResult LogSegment::read(std::uint16_t journal, const Reference& reference, bool may_wait, ReadCache& cache,
                            std::string& into) {
  if (!indexed()) {
    if (!may_wait) {
      return ReadResult::would_wait;
    }
    if (!make_index()) {
      return ReadResult::missing;
    }
  }
  Found found;
  if (const ReadResult got = find(journal, reference.sequence, may_wait, cache, found); got != ReadResult::done) {
    return got;
  }
  if (static_cast<std::uint64_t>(reference.offset) + reference.length > found.entry_bytes) {
    return ReadResult::missing;
  }
  if (found.part_bytes > 0) {
    return read_chunks(found, reference, may_wait, into);
  }
  const std::uint64_t offset = found.offset + reference.offset;
  const bool have = offset + reference.length <= cache.offset + cache.bytes.size();
  if (have && offset >= cache.offset) {
    into.assign(cache.bytes, offset - cache.offset, reference.length);
    return ReadResult::done;
  }
  if (const ReadResult got = direct(offset, reference.length, may_wait, into); got != ReadResult::done) {
    return got;
  }
  return into.size() == reference.length ? ReadResult::done : ReadResult::missing;
}

}  // namespace sluice::journal
