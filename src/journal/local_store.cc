#include "journal/local_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/log.h"
#include "base/random.h"
#include "io/memory_disk.h"
#include "journal/birth.h"
#include "journal/layout.h"
#include "journal/scan.h"

namespace sluice::journal {
namespace {

constexpr std::uint64_t recent_bytes_in_memory = 1U << 20;
constexpr Milliseconds full_retry_interval{500};  // how often a full disk is tried again

Birth make_birth(const Options& options) {
  Birth birth;
  birth.journals = std::max<std::uint16_t>(options.journals, 1);
  Random seeded(options.birth_seed.value_or(0));
  for (std::size_t at = 0; at < birth.secret.size(); at += sizeof(std::uint64_t)) {
    const std::uint64_t word = options.birth_seed ? seeded.next() : random_seed();
    __builtin_memcpy(birth.secret.data() + at, &word, sizeof word);
  }
  return birth;
}

bool has(const std::vector<std::string>& names, std::string_view wanted) {
  return std::ranges::find(names, wanted) != names.end();
}

/// Removes what a process that ended early was just making.
io::Outcome<std::vector<std::string>> list_finished(io::Disk& disk) {
  io::Outcome<std::vector<std::string>> names = disk.list("");
  if (!names) {
    return names;
  }
  for (const std::string& name : *names) {
    if (name.ends_with(unfinished_suffix)) {
      if (io::Outcome<void> removed = disk.remove(name); !removed) {
        return std::unexpected(removed.error());
      }
    }
  }
  return names;
}

/// Is there a record in the file, or the beginning of one?
io::Outcome<bool> holds_records(io::Disk& disk, const std::string& name) {
  io::Outcome<std::unique_ptr<io::File>> file = disk.open(name, io::Disk::Mode::read_only);
  if (!file) {
    return std::unexpected(file.error());
  }
  std::string bytes;
  if (io::Outcome<void> read = (*file)->read(records_at, sizeof(RecordHeader), bytes); !read) {
    return std::unexpected(read.error());
  }
  return std::ranges::any_of(bytes, [](char byte) { return byte != 0; });
}

/// The first segment, then the birth: with a birth there is always a segment, so that a lost one is noticed. A start
/// that ended between the two left a segment without records.
io::Outcome<void> be_born(const Options& options, io::Disk& disk, const io::Clock& clock,
                          const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const io::Outcome<bool> used = segment_id(name) == 1 ? holds_records(disk, name) : io::Outcome<bool>(false);
    if (!used) {
      return std::unexpected(used.error());
    }
    if (*used || segment_id(name) > 1 || name.ends_with(".snapshot")) {
      return std::unexpected(damage(birth_name, 0, "the file is missing; put it back from a copy, the log needs it"));
    }
  }
  const Birth birth = make_birth(options);
  Supply supply(disk, clock, Layout(options.segment_bytes, birth.journals), birth);
  if (io::Outcome<Blank> blank = supply.take(); !blank) {
    return std::unexpected(blank.error());
  }
  return write_birth(disk, birth);
}

}  // namespace

LocalCore::LocalCore(const Options& options, io::Disk& disk, std::unique_ptr<io::Disk> owned, const io::Clock& clock,
                     io::Worker& flusher, io::Worker& reader, Recovered recovered)
    : options_(options),
      owned_disk_(std::move(owned)),
      disk_(disk),
      flusher_(flusher),
      reader_(reader),
      recovered_(std::move(recovered)),
      supply_(disk, clock, Layout(options.segment_bytes, recovered_.birth.journals), recovered_.birth),
      snapshots_(disk, recovered_.birth.journals),
      stream_(Layout(options.segment_bytes, recovered_.birth.journals), supply_, catalog_,
              options.durability == Durability::disk),
      replayed_bytes_(recovered_.birth.journals) {
  for (const std::shared_ptr<Segment>& segment : recovered_.segments) {
    catalog_.add(segment);
  }
  for (const Blank& spare : recovered_.spares) {
    supply_.adopt(spare);
  }
  supply_.set_next_id(recovered_.next_id);
}

io::Outcome<void> LocalCore::replay(const std::vector<std::uint64_t>& from, const Counting::Take& take) {
  io::Outcome<void> replayed = replay_segments(recovered_, from, [&](Position position, std::string_view entry) {
    replayed_bytes_[position.journal] += entry.size();
    take(position, entry);
  });
  return replayed ? cut_tail(recovered_) : replayed;
}

io::Outcome<void> LocalCore::claim(const std::vector<io::Loop*>& loops) {
  check(loops.size() == recovered_.birth.journals, "every journal has its owner's loop");
  const std::lock_guard lock(round_mutex_);
  io::Outcome<void> done;
  if (recovered_.newest) {
    stream_.resume(recovered_.newest, recovered_.newest_bytes, recovered_.end, recovered_.chain, recovered_.next);
    done = recovered_.sealed ? stream_.go_on() : done;
  } else {
    done = stream_.begin(recovered_.next);
  }
  if (done) {
    done = stream_.claim();
  }
  if (!done) {
    return done;
  }
  supply_.start();
  // Ready means that the first commands find room: what an earlier process had filled may be used up.
  while (!supply_.admits(Need::shrinks) && supply_.prepare()) {
  }
  level_told_ = supply_.level();
  const Layout layout(options_.segment_bytes, recovered_.birth.journals);
  const std::uint64_t recent = options_.durability == Durability::memory
                                   ? std::min(options_.recent_bytes_max, recent_bytes_in_memory)  // all is in memory
                                   : options_.recent_bytes_max;
  for (std::uint16_t number = 0; number < recovered_.birth.journals; ++number) {
    const JournalStart& at = stream_.next()[number];
    journals_.push_back(std::make_shared<LocalJournal>(LocalJournal::Place{number, at.epoch, at.next},
                                                       shared_from_this(), *loops[number], layout.record_payload_bytes,
                                                       recent));
  }
  recovered_.segments.clear();  // the catalog has them: a dropped one must not be held here
  recovered_.spares.clear();
  recovered_.newest = nullptr;
  prepare_soon();
  return {};
}

void LocalCore::want_flush() {
  if (!flush_wanted_.exchange(true)) {
    flusher_.submit([self = shared_from_this()] { self->flush_round(); });
  }
}

void LocalCore::flush_round() {
  flush_wanted_ = false;
  const std::lock_guard lock(round_mutex_);
  if (closed_ || failed_) {
    return;
  }
  std::vector<Batch> batches;
  std::int64_t bytes = 0;
  for (const std::shared_ptr<LocalJournal>& journal : journals_) {
    Batch batch = journal->gather();
    if (!batch.buffers.empty()) {
      bytes += static_cast<std::int64_t>(entry_file_bytes(batch));
      batches.push_back(std::move(batch));
    }
  }
  if (batches.empty()) {
    return;
  }
  if (io::Outcome<void> written = stream_.write(batches); !written) {
    return fail(written.error());
  }
  supply_.add_unwritten(-bytes);
  for (const Batch& batch : batches) {
    const std::shared_ptr<LocalJournal>& journal = journals_[batch.journal];
    journal->loop().post([journal, last = batch.buffers.back()->last()] { journal->flushed(last); });
  }
  tell_room();
  if (supply_.wants_filling()) {
    prepare_soon();
  }
}

void LocalCore::fail(const io::Fault& fault) {
  // Final (design: a failed flush is never tried again, the kernel may have dropped what it held).
  failed_ = true;
  log(LogLevel::error, fmt::format("journal: {}; nothing more is accepted until a restart", io::words_of(fault)));
  for (const std::shared_ptr<LocalJournal>& journal : journals_) {
    journal->loop().post([journal] { journal->fail(); });
  }
}

void LocalCore::prepare_soon() {
  if (!prepare_wanted_.exchange(true)) {
    reader_.submit([self = shared_from_this()] { self->prepare_round(); });
  }
}

void LocalCore::prepare_round() {
  prepare_wanted_ = false;
  if (failed_) {
    return;
  }
  const bool more = supply_.prepare();
  tell_room();
  if (more) {
    prepare_soon();
  } else if (supply_.full()) {
    retry_later();
  }
}

void LocalCore::retry_later() {
  if (retry_waits_.exchange(true)) {
    return;
  }
  io::Loop& loop = journals_.front()->loop();
  loop.post([weak = weak_from_this(), &loop] {
    loop.after(full_retry_interval, [weak] {
      if (const std::shared_ptr<LocalCore> self = weak.lock()) {
        self->retry_waits_ = false;
        self->prepare_soon();
      }
    });
  });
}

void LocalCore::tell_room() {
  const int level = supply_.level();
  const int before = level_told_.exchange(level);
  if (level == before) {
    return;
  }
  if (supply_.full() || level > before) {
    log(supply_.full() ? LogLevel::warning : LogLevel::debug,
        fmt::format("journal: the disk is {}: {} of 4 kinds of command are taken (sends go first, reclaiming last)",
                    supply_.full() ? "full" : "not full", level));
  }
  for (const std::shared_ptr<LocalJournal>& journal : journals_) {
    journal->loop().post([journal] { journal->room_changed(); });
  }
}

void LocalCore::sync_log(std::function<void(bool)> done) {
  flusher_.submit([self = shared_from_this(), done = std::move(done)] {
    self->flush_round();
    const std::lock_guard lock(self->round_mutex_);
    if (self->closed_ || self->failed_) {
      return done(false);
    }
    const io::Outcome<void> synced = self->stream_.sync();
    if (!synced) {
      self->fail(synced.error());
    }
    done(synced.has_value());
  });
}

bool LocalCore::drop_segment(std::uint64_t id) {
  const std::shared_ptr<Segment> segment = catalog_.find(id);
  if (failed_ || !segment || !segment->info().sealed || !disk_.remove(segment_name(id))) {
    return false;
  }
  catalog_.remove(id);
  return disk_.sync_directory("").has_value();
}

void LocalCore::drop(std::uint64_t segment, io::Loop& loop, std::function<void(bool)> done) {
  // In order with rewrites: the reader's thread.
  reader_.submit([self = shared_from_this(), segment, &loop, done = std::move(done)]() mutable {
    const bool dropped = self->drop_segment(segment);
    if (dropped) {
      self->prepare_soon();  // a full disk may have room again
    }
    loop.post([dropped, done = std::move(done)] { done(dropped); });
  });
}

io::Outcome<void> LocalCore::rewrite_segment(std::uint64_t id, const Live& live) {
  const std::shared_ptr<Segment> source = catalog_.find(id);
  if (failed_ || !source || !source->info().sealed) {
    return std::unexpected(io::Fault{std::make_error_code(std::errc::invalid_argument), "rewrite " + segment_name(id)});
  }
  const std::string name = segment_name(id);
  const std::string unfinished = name + unfinished_suffix;
  io::Outcome<std::unique_ptr<io::File>> file = disk_.open(unfinished, io::Disk::Mode::create);
  if (!file) {
    return std::unexpected(file.error());
  }
  io::Outcome<void> done = write_sparse(*source, live, **file);
  if (!done && done.error().code == std::errc::no_space_on_device) {
    supply_.release_reserve();  // kept for this
    done = write_sparse(*source, live, **file);
  }
  if (!done) {
    disk_.remove(unfinished);
    return done;
  }
  const std::shared_ptr<io::File> shared = std::move(*file);
  const io::Outcome<SegmentHeader> header = read_segment_header(*shared, name);
  io::Outcome<std::shared_ptr<Segment>> sparse =
      header ? open_sparse(shared, *header, name) : std::unexpected(header.error());
  if (!sparse) {
    return std::unexpected(sparse.error());
  }
  if (done = disk_.rename(unfinished, name); !done) {
    return done;
  }
  // Both files hold what lives: which of them a crash leaves makes no difference, so readers may go over now.
  catalog_.replace(std::move(*sparse));
  return disk_.sync_directory("");
}

void LocalCore::rewrite(std::uint64_t segment, Live live, io::Loop& loop, std::function<void(bool)> done) {
  reader_.submit([self = shared_from_this(), segment, live = std::move(live), &loop, done = std::move(done)]() mutable {
    const io::Outcome<void> rewritten = self->rewrite_segment(segment, live);
    if (!rewritten) {
      log(LogLevel::warning, fmt::format("journal: segment {} is not rewritten: {}", segment, rewritten.error().what));
    }
    self->prepare_soon();
    loop.post([ok = rewritten.has_value(), done = std::move(done)] { done(ok); });
  });
}

void LocalCore::close() {
  flush_round();
  const std::lock_guard lock(round_mutex_);
  if (!std::exchange(closed_, true) && !failed_ && !journals_.empty()) {
    if (io::Outcome<void> done = stream_.close(); !done) {
      log(LogLevel::error, fmt::format("journal: {}", io::words_of(done.error())));
    }
  }
}

std::uint64_t LocalCore::appended_bytes(std::uint16_t journal) const {
  return replayed_bytes_[journal] + (journals_.empty() ? 0 : journals_[journal]->appended_bytes());
}

std::uint64_t LocalCore::bytes_since_snapshot(std::uint16_t journal) const {
  return appended_bytes(journal) - snapshots_.appended_before(journal);
}

namespace {

/// The face of the store: what lives on when it ends is the core, held by jobs that still run.
class LocalStore final : public Store {
 public:
  explicit LocalStore(std::shared_ptr<LocalCore> core) : core_(std::move(core)) {}

  std::uint16_t journals() const override { return core_->recovered().birth.journals; }
  io::Outcome<void> read_snapshots(const std::function<void(std::uint16_t journal, SnapshotItem&&)>& take) override {
    return core_->snapshots().read(core_->recovered().next, take);
  }
  io::Outcome<void> replay(const std::vector<std::uint64_t>& from,
                           const std::function<void(Position, std::string_view entry)>& take) override {
    return core_->replay(from, take);
  }
  io::Outcome<void> claim(const std::vector<io::Loop*>& loops) override { return core_->claim(loops); }
  Journal& journal(std::uint16_t number) override { return core_->journal(number); }
  std::unique_ptr<Snapshot> start_snapshot(std::uint16_t journal) override {
    return make_snapshot_writer(core_, journal);
  }
  std::uint64_t bytes_since_snapshot(std::uint16_t journal) const override {
    return core_->bytes_since_snapshot(journal);
  }
  std::vector<SegmentInfo> segments() const override {
    std::vector<SegmentInfo> infos;
    for (const std::shared_ptr<Segment>& segment : core_->catalog().all()) {
      infos.push_back(segment->info());
    }
    return infos;
  }
  void drop(std::uint64_t segment, io::Loop& loop, std::function<void(bool)> done) override {
    core_->drop(segment, loop, std::move(done));
  }
  void rewrite(std::uint64_t segment, std::vector<std::pair<std::uint16_t, Reference>> live, io::Loop& loop,
               std::function<void(bool)> done) override {
    core_->rewrite(segment, std::move(live), loop, std::move(done));
  }
  std::string_view secret() const override { return core_->recovered().birth.secret_bytes(); }
  void close() override { core_->close(); }

 private:
  std::shared_ptr<LocalCore> core_;
};

}  // namespace

io::Outcome<std::unique_ptr<Store>> Store::open(const Options& options, io::Disk& given, const io::Clock& clock,
                                                io::Worker& flusher, io::Worker& reader) {
  std::unique_ptr<io::Disk> owned = options.durability == Durability::memory ? io::make_memory_disk() : nullptr;
  io::Disk& disk = owned ? *owned : given;
  if (io::Outcome<void> locked = disk.lock(); !locked) {
    return std::unexpected(locked.error());
  }
  const io::Outcome<std::vector<std::string>> names = list_finished(disk);
  if (!names) {
    return std::unexpected(names.error());
  }
  if (!has(*names, birth_name)) {
    if (io::Outcome<void> born = be_born(options, disk, clock, *names); !born) {
      return std::unexpected(born.error());
    }
  }
  io::Outcome<Recovered> recovered = recover(disk, io::Disk::Mode::read_write);
  if (!recovered) {
    return std::unexpected(recovered.error());
  }
  return std::make_unique<LocalStore>(
      std::make_shared<LocalCore>(options, disk, std::move(owned), clock, flusher, reader, std::move(*recovered)));
}

}  // namespace sluice::journal
