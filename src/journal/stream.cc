#include "journal/stream.h"

#include <algorithm>

#include "base/check.h"
#include "base/digest.h"

namespace sluice::journal {
namespace {

constexpr std::string_view padding("\0\0\0\0\0\0\0\0", record_alignment_bytes);

}  // namespace

Stream::Stream(const Layout& layout, Supply& supply, Catalog& catalog, bool syncs)
    : layout_(layout), supply_(supply), catalog_(catalog), syncs_(syncs) {}

void Stream::resume(std::shared_ptr<LogSegment> segment, std::uint64_t filled, std::uint64_t end, std::uint32_t chain,
                    std::vector<JournalStart> next) {
  current_ = std::move(segment);
  end_ = end;
  chain_ = chain;
  next_ = std::move(next);
  flushed_ = {current_->id(), end};
  supply_.set_current(current_->id(), std::max(filled, end), end);
}

io::Outcome<void> Stream::begin(std::vector<JournalStart> next) {
  next_ = std::move(next);
  io::Outcome<Blank> blank = supply_.take();
  if (!blank) {
    return std::unexpected(blank.error());
  }
  open_segment(std::move(*blank));
  return {};
}

void Stream::open_segment(Blank blank) {
  Opening opening;
  opening.journals = static_cast<std::uint32_t>(next_.size());
  if (current_) {
    opening.previous_id = current_->id();
    opening.previous_end = end_;
    opening.previous_checksum = chain_;
  }
  std::string payload(bytes_of(opening));
  for (const JournalStart& start : next_) {
    payload.append(bytes_of(start));
  }
  current_ = std::make_shared<LogSegment>(std::move(blank.file), blank.header, next_, true);
  end_ = records_at;
  chain_ = blank.header.checksum;
  supply_.set_current(current_->id(), blank.filled, end_);
  place_marker(RecordKind::opening, 0, 0, 0, payload);
  catalog_.add(current_);
}

void Stream::place_marker(RecordKind kind, std::uint16_t journal, std::uint32_t epoch, std::uint64_t first,
                          std::string_view payload) {
  auto marker = std::make_shared<Buffer>();
  marker->kind = kind;
  marker->first = first;
  marker->bytes.resize(sizeof(RecordHeader));
  marker->bytes.append(payload);
  place(std::move(marker), journal, epoch);
}

void Stream::place(std::shared_ptr<Buffer> buffer, std::uint16_t journal, std::uint32_t epoch) {
  RecordHeader header;
  header.previous = chain_;
  header.payload_bytes = static_cast<std::uint32_t>(buffer->payload_bytes());
  header.salt = current_->header().salt;
  header.first = buffer->first;
  header.count = buffer->count;
  header.epoch = epoch;
  header.journal = journal;
  header.kind = buffer->kind;
  header.flushed_segment = flushed_.segment;
  header.flushed_offset = flushed_.offset;
  const std::size_t pad = padded(header.payload_bytes) - header.payload_bytes;
  header.checksum = crc32c(padding.substr(0, pad), crc32c(std::string_view(buffer->bytes).substr(sizeof header),
                                                          crc32c(bytes_of(header).substr(record_checksummed_from))));
  __builtin_memcpy(buffer->bytes.data(), &header, sizeof header);
  chain_ = header.checksum;
  pieces_.push_back(buffer->bytes);
  pieces_.push_back(padding.substr(0, pad));
  placed_.push_back({std::move(buffer), end_});
  end_ += record_bytes(header.payload_bytes);
}

io::Outcome<void> Stream::write_placed() {
  if (placed_.empty()) {
    return {};
  }
  io::Outcome<void> done = supply_.ensure(end_);
  if (done) {
    done = current_->file().write(placed_.front().offset, pieces_);
  }
  if (done) {
    for (const Placed& one : placed_) {
      const std::string_view bytes = one.buffer->bytes;
      current_->add(from_bytes<RecordHeader>(bytes), one.offset, bytes.substr(sizeof(RecordHeader)));
    }
    supply_.used(end_);
  }
  placed_.clear();
  pieces_.clear();
  return done;
}

io::Outcome<void> Stream::sync_current() {
  if (io::Outcome<void> synced = current_->file().sync(); !synced) {
    return synced;
  }
  flushed_ = {current_->id(), end_};
  return {};
}

io::Outcome<void> Stream::make_room(std::uint64_t bytes) {
  // A seal always finds its place behind what is written.
  if (end_ + bytes + record_bytes(0) <= layout_.segment_bytes) {
    return {};
  }
  return next_segment();
}

io::Outcome<void> Stream::next_segment() {
  // First the next one, then the seal: behind a sealed segment there is always another, so that a lost one is noticed.
  io::Outcome<Blank> blank = supply_.take();
  if (!blank) {
    return std::unexpected(blank.error());
  }
  place_marker(RecordKind::seal, 0, 0, 0, {});
  io::Outcome<void> done = write_placed();
  if (done) {
    done = sync_current();  // in every durability mode: an older segment never has a torn tail
  }
  if (!done) {
    return done;
  }
  return go_over(std::move(*blank));
}

io::Outcome<void> Stream::go_on() {
  io::Outcome<Blank> blank = supply_.take();
  if (!blank) {
    return std::unexpected(blank.error());
  }
  return go_over(std::move(*blank));
}

io::Outcome<void> Stream::go_over(Blank blank) {
  const std::shared_ptr<LogSegment> sealed = current_;
  const std::uint64_t sealed_end = end_;
  open_segment(std::move(blank));
  // Where the journals stand is durable in the new segment before the old one may be dropped or rewritten.
  io::Outcome<void> done = write_placed();
  if (done) {
    done = sync_current();
  }
  if (done) {
    sealed->seal(next_, sealed_end);
  }
  return done;
}

io::Outcome<void> Stream::write_batch(const Batch& batch) {
  const std::vector<std::shared_ptr<Buffer>>& buffers = batch.buffers;
  for (std::size_t at = 0; at < buffers.size();) {
    // The chunks of one entry stay together in one segment.
    std::size_t end = at + 1;
    std::uint64_t bytes = record_bytes(buffers[at]->payload_bytes());
    while (end < buffers.size() && buffers[end]->kind == RecordKind::chunk && buffers[end]->part_offset > 0) {
      bytes += record_bytes(buffers[end++]->payload_bytes());
    }
    check(records_at + bytes + 2 * record_bytes(4096) <= layout_.segment_bytes, "an entry fits into a segment");
    if (io::Outcome<void> room = make_room(bytes); !room) {
      return room;
    }
    for (; at < end; ++at) {
      check(buffers[at]->first == next_[batch.journal].next || buffers[at]->part_offset > 0,
            "sequences are contiguous");
      place(buffers[at], batch.journal, batch.epoch);
    }
    next_[batch.journal].next = buffers[end - 1]->last() + 1;
  }
  return {};
}

io::Outcome<void> Stream::write(std::span<const Batch> batches) {
  for (const Batch& batch : batches) {
    if (io::Outcome<void> written = write_batch(batch); !written) {
      return written;
    }
  }
  if (io::Outcome<void> written = write_placed(); !written) {
    return written;
  }
  return syncs_ ? sync_current() : io::Outcome<void>{};
}

io::Outcome<void> Stream::claim() {
  for (std::size_t journal = 0; journal < next_.size(); ++journal) {
    if (io::Outcome<void> room = make_room(record_bytes(0)); !room) {
      return room;
    }
    ++next_[journal].epoch;
    place_marker(RecordKind::claim, static_cast<std::uint16_t>(journal), next_[journal].epoch, next_[journal].next, {});
  }
  io::Outcome<void> written = write_placed();
  return written ? sync_current() : written;
}

io::Outcome<void> Stream::close() {
  if (io::Outcome<void> synced = sync_current(); !synced) {
    return synced;
  }
  if (io::Outcome<void> room = make_room(record_bytes(0)); !room) {
    return room;
  }
  place_marker(RecordKind::closing, 0, 0, 0, {});
  io::Outcome<void> written = write_placed();
  return written ? sync_current() : written;
}

io::Outcome<void> Stream::sync() { return sync_current(); }

}  // namespace sluice::journal
