#include "journal/supply.h"

#include <algorithm>
#include <string>

#include "base/digest.h"

namespace sluice::journal {
namespace {

io::Outcome<bool> more_after(const io::Outcome<void>& step) {
  if (!step) {
    return std::unexpected(step.error());
  }
  return true;
}

}  // namespace

Supply::Supply(io::Disk& disk, const io::Clock& clock, const Layout& layout, const Birth& birth)
    : disk_(disk), clock_(clock), layout_(layout), birth_(birth) {}

void Supply::adopt(Blank spare) {
  spares_.push_back(std::move(spare));
  count_room();
}

void Supply::start() {
  if (io::Outcome<std::unique_ptr<io::File>> file = disk_.open(reserve_name, io::Disk::Mode::read_write)) {
    reserve_ = std::move(*file);
    reserve_filled_ = std::min(reserve_->size().value_or(0), layout_.reserve_bytes);
  }
  const std::uint64_t missing = layout_.reserve_bytes - reserve_filled_ + layout_.ahead_bytes;
  const std::uint64_t free = disk_.free_bytes().value_or(missing);
  full_ = room() < layout_.ahead_bytes && free < missing;
}

void Supply::count_room() {
  // state_mutex_ is held, or there is one thread yet.
  std::uint64_t room = current_.filled - current_.end;
  for (const Blank& spare : spares_) {
    room += spare.filled - records_at;
  }
  if (!spares_.empty()) {
    room -= std::min(room, layout_.record_payload_bytes);  // what a segment's end is too short for goes to the next
  }
  room_.store(static_cast<std::int64_t>(room), std::memory_order_relaxed);
}

io::Outcome<Blank> Supply::make_blank() {
  Blank blank;
  blank.header.id = next_id_;
  blank.header.capacity = layout_.segment_bytes;
  blank.header.journals = birth_.journals;
  // Another at each making: neither this file's earlier bytes nor another file's ever look valid in it.
  std::string seed(birth_.secret_bytes());
  seed.append(bytes_of(blank.header.id));
  seed.append(bytes_of(clock_.monotonic().count()));
  seed.append(bytes_of(to_milliseconds(clock_.wall())));
  blank.header.salt = stable_hash(seed);
  blank.header.checksum = segment_checksum(blank.header);

  const std::string name = segment_name(blank.header.id);
  io::Outcome<std::unique_ptr<io::File>> file = disk_.open(name + unfinished_suffix, io::Disk::Mode::create);
  if (!file) {
    return std::unexpected(file.error());
  }
  blank.file = std::move(*file);
  blank.filled = std::min(layout_.fill_step_bytes + layout_.entries_bytes, layout_.segment_bytes);
  const std::string_view header = bytes_of(blank.header);
  io::Outcome<void> done = blank.file->write(0, {&header, 1});
  if (done) {
    done = blank.file->zero_fill(header.size(), blank.filled - header.size());
  }
  if (done) {
    done = blank.file->sync();
  }
  if (done) {
    done = disk_.rename(name + unfinished_suffix, name);
  }
  if (done) {
    done = disk_.sync_directory("");
  }
  if (!done) {
    disk_.remove(name + unfinished_suffix);  // gives back what it took of a full disk
    return std::unexpected(done.error());
  }
  ++next_id_;
  return blank;
}

io::Outcome<Blank> Supply::take() {
  const std::lock_guard filling(fill_mutex_);
  const std::lock_guard lock(state_mutex_);
  if (spares_.empty()) {
    io::Outcome<Blank> made = make_blank();
    if (!made && made.error().code == std::errc::no_space_on_device && reserve_filled_ > 0) {
      drop_reserve();
      made = make_blank();
    }
    return made;
  }
  Blank blank = std::move(spares_.front());
  spares_.pop_front();
  count_room();
  return blank;
}

void Supply::set_current(std::uint64_t id, std::uint64_t filled, std::uint64_t end) {
  const std::lock_guard lock(state_mutex_);
  current_ = {id, filled, end};
  count_room();
}

void Supply::used(std::uint64_t end) {
  const std::lock_guard lock(state_mutex_);
  current_.end = end;
  count_room();
}

io::Outcome<void> Supply::ensure(std::uint64_t end) {
  while (true) {
    {
      const std::lock_guard lock(state_mutex_);
      if (current_.filled >= end) {
        return {};
      }
    }
    const std::lock_guard filling(fill_mutex_);
    io::Outcome<void> filled = fill_current(end);
    if (!filled && filled.error().code == std::errc::no_space_on_device && reserve_filled_ > 0) {
      drop_reserve();
      filled = fill_current(end);
    }
    if (!filled) {
      return filled;
    }
  }
}

io::Outcome<void> Supply::fill_current(std::uint64_t upto) {
  Current current;
  {
    const std::lock_guard lock(state_mutex_);
    current = current_;
  }
  if (current_file_id_ != current.id) {
    io::Outcome<std::unique_ptr<io::File>> file = disk_.open(segment_name(current.id), io::Disk::Mode::read_write);
    if (!file) {
      return std::unexpected(file.error());
    }
    current_file_ = std::move(*file);
    current_file_id_ = current.id;
  }
  const std::uint64_t end = std::max(upto, std::min(current.filled + layout_.fill_step_bytes, layout_.segment_bytes));
  if (end <= current.filled) {
    return {};
  }
  io::Outcome<void> done = current_file_->zero_fill(current.filled, end - current.filled);
  if (done) {
    done = current_file_->sync();
  }
  if (!done) {
    return done;
  }
  const std::lock_guard lock(state_mutex_);
  if (current_.id == current.id) {
    current_.filled = end;
    count_room();
  }
  return {};
}

io::Outcome<void> Supply::fill_spare() {
  Blank spare;
  {
    const std::lock_guard lock(state_mutex_);
    if (!spares_.empty() && spares_.back().filled < layout_.segment_bytes) {
      spare = spares_.back();
    }
  }
  if (!spare.file) {
    io::Outcome<Blank> made = make_blank();
    if (!made) {
      return std::unexpected(made.error());
    }
    const std::lock_guard lock(state_mutex_);
    spares_.push_back(std::move(*made));
    count_room();
    return {};
  }
  const std::uint64_t bytes = std::min(layout_.fill_step_bytes, layout_.segment_bytes - spare.filled);
  io::Outcome<void> done = spare.file->zero_fill(spare.filled, bytes);
  if (done) {
    done = spare.file->sync();
  }
  if (!done) {
    return done;
  }
  const std::lock_guard lock(state_mutex_);
  if (!spares_.empty() && spares_.back().header.id == spare.header.id) {
    spares_.back().filled += bytes;
    count_room();
  }
  return {};
}

io::Outcome<void> Supply::fill_reserve() {
  if (!reserve_) {
    io::Outcome<std::unique_ptr<io::File>> file = disk_.open(reserve_name, io::Disk::Mode::create);
    if (!file) {
      return std::unexpected(file.error());
    }
    reserve_ = std::move(*file);
    reserve_filled_ = 0;
  }
  const std::uint64_t bytes = std::min(layout_.fill_step_bytes, layout_.reserve_bytes - reserve_filled_);
  io::Outcome<void> done = reserve_->zero_fill(reserve_filled_, bytes);
  if (done) {
    done = reserve_->sync();
  }
  if (done) {
    reserve_filled_ += bytes;
  }
  return done;
}

void Supply::release_reserve() {
  const std::lock_guard filling(fill_mutex_);
  // From now on only what finds room is admitted. What was admitted just before may still come in, an entry of each
  // core; on a disk that was full already nothing does, and the reserve must not be kept for ever.
  const bool was_full = full_.exchange(true);
  const std::uint64_t margin = was_full ? 0 : layout_.entries_bytes;
  if (unwritten_.load() + static_cast<std::int64_t>(margin) <= room_.load()) {
    drop_reserve();
  }
}

void Supply::drop_reserve() {
  if (reserve_ && reserve_->truncate(0)) {
    reserve_filled_ = 0;
  }
}

bool Supply::enough() const {
  // state_mutex_ is held.
  const bool spare_whole = !spares_.empty() && spares_.back().filled >= layout_.segment_bytes;
  const bool busy = current_.end > layout_.segment_bytes / 4;  // the next segment will be wanted: have it whole
  return room() >= layout_.ahead_bytes && (!busy || spare_whole);
}

bool Supply::wants_filling() const {
  const std::lock_guard lock(state_mutex_);
  return !full() && !enough();
}

io::Outcome<bool> Supply::prepare_step() {
  const std::lock_guard filling(fill_mutex_);
  if (reserve_filled_ < layout_.reserve_bytes) {
    return more_after(fill_reserve());
  }
  bool current_grows = false;
  {
    const std::lock_guard lock(state_mutex_);
    if (enough()) {
      return false;
    }
    current_grows = current_.id != 0 && current_.filled < layout_.segment_bytes;
  }
  return more_after(current_grows ? fill_current(0) : fill_spare());
}

bool Supply::prepare() {
  const io::Outcome<bool> more = prepare_step();
  if (!more) {
    full_ = full_ || room() < layout_.ahead_bytes;
    return false;
  }
  if (!*more || room() >= layout_.ahead_bytes) {
    full_ = false;
  }
  return *more;
}

bool Supply::runs_ahead() const {
  return !full_.load(std::memory_order_relaxed) &&
         reserve_filled_.load(std::memory_order_relaxed) >= layout_.reserve_bytes;
}

bool Supply::admits(Need need) const {
  const std::int64_t unwritten = unwritten_.load(std::memory_order_relaxed);
  if (runs_ahead() && unwritten < static_cast<std::int64_t>(layout_.unwritten_bytes)) {
    return true;
  }
  // While the disk is not known to be full the room that is kept for the later needs may be used: it is being filled.
  const auto row =
      static_cast<std::size_t>(full_.load(std::memory_order_relaxed) ? need : std::max(need, Need::shrinks));
  const auto left = static_cast<std::int64_t>(layout_.left_for[row]);
  return room_.load(std::memory_order_relaxed) - unwritten >= left;
}

int Supply::level() const {
  constexpr std::array needs = {Need::grows, Need::changes, Need::shrinks, Need::reclaims};
  return static_cast<int>(std::ranges::count_if(needs, [this](Need need) {
    if (runs_ahead() && layout_.unwritten_bytes > 0) {
      return true;
    }
    const auto row = static_cast<std::size_t>(full() ? need : std::max(need, Need::shrinks));
    return room() >= layout_.left_for[row];
  }));
}

}  // namespace sluice::journal
