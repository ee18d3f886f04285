#include <algorithm>
#include <string>

#include "journal/layout.h"
#include "journal/local_store.h"
#include "journal/snapshot.h"
#include "journal/snapshot_file.h"

namespace sluice::journal {
namespace {

constexpr std::size_t write_bytes = 1U << 20;  // handed to the background at once

/// The background's side: its jobs run one after another on the reader's thread.
class SnapshotFile : public std::enable_shared_from_this<SnapshotFile> {
 public:
  SnapshotFile(std::shared_ptr<LocalCore> core, std::uint16_t journal, std::uint64_t number)
      : core_(std::move(core)), journal_(journal), number_(number), name_(snapshot_name(journal, number)) {}

  void append(const std::string& bytes) {
    if (failed_) {
      return;
    }
    if (!file_) {
      io::Outcome<std::unique_ptr<io::File>> file = core_->disk().open(unfinished(), io::Disk::Mode::create);
      if (!file) {
        failed_ = true;
        return;
      }
      file_ = std::move(*file);
    }
    const std::string_view piece = bytes;
    io::Outcome<void> written = file_->write(bytes_, {&piece, 1});
    if (!written && written.error().code == std::errc::no_space_on_device) {
      core_->release_reserve();  // kept for this
      written = file_->write(bytes_, {&piece, 1});
    }
    failed_ = !written;
    bytes_ += bytes.size();
  }

  void drop() {
    file_ = nullptr;
    core_->disk().remove(unfinished());
  }

  /// The file is whole: it counts once it is durable, and the log before it.
  void finish(std::uint64_t appended_before, io::Loop& loop, std::function<void(bool)> done) {
    if (failed_ || !file_->sync()) {
      return end(false, loop, std::move(done));
    }
    core_->sync_log([self = shared_from_this(), appended_before, &loop, done = std::move(done)](bool synced) mutable {
      io::Worker& reader = self->core_->reader();
      reader.submit([self = std::move(self), synced, appended_before, &loop, done = std::move(done)]() mutable {
        self->count(synced, appended_before, loop, std::move(done));
      });
    });
  }

 private:
  std::string unfinished() const { return name_ + unfinished_suffix; }

  void count(bool synced, std::uint64_t appended_before, io::Loop& loop, std::function<void(bool)> done) {
    const bool counted = synced && core_->disk().rename(unfinished(), name_) && core_->disk().sync_directory("");
    if (counted) {
      core_->snapshots().count(journal_, number_, appended_before);
    }
    end(counted, loop, std::move(done));
  }

  void end(bool counted, io::Loop& loop, std::function<void(bool)> done) {
    if (!counted) {
      drop();
    }
    core_->refill();
    loop.post([counted, done = std::move(done)] { done(counted); });
  }

  std::shared_ptr<LocalCore> core_;
  std::uint16_t journal_;
  std::uint64_t number_;
  std::string name_;
  std::unique_ptr<io::File> file_;
  std::uint64_t bytes_ = 0;
  bool failed_ = false;
};

/// The owner's side.
class SnapshotWriter final : public Store::Snapshot {
 public:
  SnapshotWriter(std::shared_ptr<LocalCore> core, std::uint16_t journal)
      : core_(std::move(core)), journal_(journal), appended_before_(core_->appended_bytes(journal)) {
    SnapshotHeader header;
    header.number = core_->snapshots().take_number(journal);
    header.journal = journal;
    header.checksum = frame_checksum(header);
    chain_ = header.checksum;
    buffer_.append(bytes_of(header));
    file_ = std::make_shared<SnapshotFile>(core_, journal, header.number);
  }
  ~SnapshotWriter() override {
    if (!finished_) {
      core_->reader().submit([file = file_] { file->drop(); });
    }
  }

  void put(SnapshotItem item) override {
    SnapshotFrame frame;
    frame.state_bytes = static_cast<std::uint32_t>(item.state.size());
    frame.key = item.key;
    frame.sequence = item.position.sequence;
    frame.epoch = item.position.epoch;
    ++items_;
    add(frame, item.state);
  }

  void finish(std::function<void(bool counted)> done) override {
    SnapshotFrame frame;
    frame.key = items_;
    frame.last = 1;
    add(frame, {});
    hand_over();
    finished_ = true;
    io::Loop& loop = core_->journal(journal_).loop();
    core_->reader().submit([file = file_, before = appended_before_, &loop, done = std::move(done)]() mutable {
      file->finish(before, loop, std::move(done));
    });
  }

 private:
  void add(SnapshotFrame frame, std::string_view state) {
    frame.previous = chain_;
    frame.checksum = crc32c(state, frame_checksum(frame));
    chain_ = frame.checksum;
    buffer_.append(bytes_of(frame));
    buffer_.append(state);
    if (buffer_.size() >= write_bytes) {
      hand_over();
    }
  }
  void hand_over() {
    core_->reader().submit([file = file_, bytes = std::exchange(buffer_, {})] { file->append(bytes); });
  }

  std::shared_ptr<LocalCore> core_;
  std::uint16_t journal_;
  std::uint64_t appended_before_;
  std::shared_ptr<SnapshotFile> file_;
  std::string buffer_;
  std::uint64_t items_ = 0;
  std::uint32_t chain_ = 0;
  bool finished_ = false;
};

}  // namespace

std::unique_ptr<Store::Snapshot> make_snapshot_writer(std::shared_ptr<LocalCore> core, std::uint16_t journal) {
  return std::make_unique<SnapshotWriter>(std::move(core), journal);
}

}  // namespace sluice::journal
