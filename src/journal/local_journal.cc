#include "journal/local_journal.h"

#include <algorithm>

#include "base/check.h"

namespace sluice::journal {
namespace {

constexpr std::size_t buffer_bytes_least = 512;

}  // namespace

LocalJournal::LocalJournal(Place place, const std::shared_ptr<Backing>& backing, io::Loop& loop,
                           std::size_t record_payload_bytes, std::uint64_t recent_bytes_max)
    : place_(place),
      backing_(*backing),
      posted_backing_(backing),
      loop_(loop),
      record_payload_bytes_(record_payload_bytes),
      recent_bytes_max_(recent_bytes_max),
      durable_(place.next - 1) {}

Position LocalJournal::append(std::string_view entry) {
  check(entry.size() <= entry_bytes_max, "an entry is within its bound");
  const Position position = next();
  ++place_.next;
  if (failed_) {
    return position;  // counts no more; the node has been told, or will be with the next progress
  }
  bool ask = false;
  {
    const std::lock_guard lock(mutex_);
    if (entry_prefix_bytes + entry.size() <= record_payload_bytes_) {
      put_whole(entry);
    } else {
      put_chunks(entry);
    }
    ask = !std::exchange(asked_, true);
  }
  unflushed_bytes_ += entry.size();
  appended_bytes_.store(appended_bytes() + entry.size(), std::memory_order_relaxed);
  backing_.add_unwritten(entry.size() + entry_frame_bytes);
  if (ask) {
    // Posted, not asked at once: what this turn of the loop appends still goes into the same flush.
    loop_.post([weak = posted_backing_] {
      if (const std::shared_ptr<Backing> still = weak.lock()) {
        still->want_flush();
      }
    });
  }
  return position;
}

Buffer& LocalJournal::start_buffer(RecordKind kind, std::size_t bytes) {
  if (open_) {
    full_.push_back(std::move(open_));
  }
  open_ = std::make_shared<Buffer>();
  open_->kind = kind;
  open_->first = place_.next - 1;
  open_->bytes.reserve(sizeof(RecordHeader) + std::max(bytes, buffer_bytes_least));
  open_->bytes.resize(sizeof(RecordHeader));
  recent_.push_back(open_);
  return *open_;
}

void LocalJournal::put_whole(std::string_view entry) {
  const std::size_t bytes = entry_prefix_bytes + entry.size();
  if (!open_ || open_->kind != RecordKind::entries || open_->payload_bytes() + bytes > record_payload_bytes_) {
    start_buffer(RecordKind::entries, std::max(bytes, buffer_bytes_expected_));
  }
  const auto length = static_cast<std::uint32_t>(entry.size());
  open_->bytes.append(bytes_of(length));
  open_->starts.push_back(static_cast<std::uint32_t>(open_->bytes.size()));
  open_->bytes.append(entry);
  ++open_->count;
}

void LocalJournal::put_chunks(std::string_view entry) {
  const std::size_t part_bytes_max = record_payload_bytes_ - sizeof(ChunkHeader);
  for (std::size_t at = 0; at < entry.size(); at += part_bytes_max) {
    const std::string_view part = entry.substr(at, part_bytes_max);
    Buffer& buffer = start_buffer(RecordKind::chunk, sizeof(ChunkHeader) + part.size());
    buffer.count = 1;
    buffer.entry_bytes = static_cast<std::uint32_t>(entry.size());
    buffer.part_offset = static_cast<std::uint32_t>(at);
    buffer.bytes.append(bytes_of(ChunkHeader{buffer.entry_bytes, buffer.part_offset}));
    buffer.starts.push_back(static_cast<std::uint32_t>(buffer.bytes.size()));
    buffer.bytes.append(part);
  }
}

Batch LocalJournal::gather() {
  const std::lock_guard lock(mutex_);
  asked_ = false;
  if (open_) {
    buffer_bytes_expected_ = std::min(open_->bytes.size() + open_->bytes.size() / 4, record_payload_bytes_);
    full_.push_back(std::move(open_));
    open_ = nullptr;
  }
  return {place_.number, place_.epoch, std::exchange(full_, {})};
}

bool LocalJournal::admits(Need need) const { return !failed_ && backing_.admits(need); }

void LocalJournal::flushed(std::uint64_t last) {
  durable_ = std::max(durable_, last);
  while (durable_buffers_ < recent_.size() && recent_[durable_buffers_]->last() <= durable_ &&
         recent_[durable_buffers_]->count > 0) {
    const Buffer& buffer = *recent_[durable_buffers_];
    unflushed_bytes_ -= buffer.entry_part_bytes();
    recent_bytes_ += buffer.memory_bytes();
    ++durable_buffers_;
  }
  forget_old();
  if (told_) {
    told_();
  }
}

void LocalJournal::forget_old() {
  while (durable_buffers_ > 0 && recent_bytes_ > recent_bytes_max_) {
    recent_bytes_ -= recent_.front()->memory_bytes();
    recent_.pop_front();
    --durable_buffers_;
  }
}

void LocalJournal::fail() {
  failed_ = true;
  if (told_) {
    told_();
  }
}

void LocalJournal::room_changed() {
  if (told_) {
    told_();
  }
}

bool LocalJournal::read_recent(const Reference& reference, std::string& into) const {
  auto buffer = std::ranges::lower_bound(recent_, reference.sequence, {},
                                         [](const std::shared_ptr<Buffer>& one) { return one->last(); });
  if (buffer == recent_.end() || (*buffer)->first > reference.sequence) {
    return false;
  }
  const std::uint64_t end = static_cast<std::uint64_t>(reference.offset) + reference.length;
  if ((*buffer)->kind == RecordKind::entries) {
    const Buffer& one = **buffer;
    const std::size_t nth = reference.sequence - one.first;
    const std::size_t begins = one.starts[nth];
    const std::size_t ends = nth + 1 < one.starts.size() ? one.starts[nth + 1] - entry_prefix_bytes : one.bytes.size();
    if (end > ends - begins) {
      return false;
    }
    into.assign(one.bytes, begins + reference.offset, reference.length);
    return true;
  }
  // The first chunks may have been forgotten already: then the file has them all.
  if ((*buffer)->part_offset != 0 || end > (*buffer)->entry_bytes) {
    return false;
  }
  into.clear();
  for (std::uint64_t at = reference.offset; at < end; ++buffer) {
    const Buffer& one = **buffer;
    const std::size_t part_bytes = one.bytes.size() - one.starts[0];
    if (at < one.part_offset + part_bytes) {
      const std::size_t in_part = at - one.part_offset;
      const std::size_t bytes = std::min<std::uint64_t>(part_bytes - in_part, end - at);
      into.append(one.bytes, one.starts[0] + in_part, bytes);
      at += bytes;
    }
  }
  return true;
}

bool LocalJournal::read_now(const Reference& reference, std::string& into) {
  if (read_recent(reference, into)) {
    return true;
  }
  const std::shared_ptr<Segment> segment = backing_.holding(place_.number, reference.sequence);
  return segment && segment->read(place_.number, reference, false, cache_, into) == ReadResult::done;
}

void LocalJournal::read(const Reference& reference, std::function<void(std::optional<std::string>)> done) {
  std::string here;
  if (read_recent(reference, here)) {
    loop_.post([done = std::move(done), here = std::move(here)]() mutable { done(std::move(here)); });
    return;
  }
  backing_.read_later([self = shared_from_this(), reference, done = std::move(done)]() mutable {
    const std::shared_ptr<Backing> still = self->posted_backing_.lock();
    const std::shared_ptr<Segment> segment = still ? still->holding(self->place_.number, reference.sequence) : nullptr;
    ReadCache cache;
    std::string into;
    std::optional<std::string> result;
    if (segment && segment->read(self->place_.number, reference, true, cache, into) == ReadResult::done) {
      result = std::move(into);
    }
    // What was read ahead serves the reads that follow on the owner's thread.
    self->loop_.post([self, done = std::move(done), result = std::move(result), cache = std::move(cache)]() mutable {
      if (cache.segment.lock()) {
        self->cache_ = std::move(cache);
      }
      done(std::move(result));
    });
  });
}

}  // namespace sluice::journal
