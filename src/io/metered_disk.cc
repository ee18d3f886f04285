#include "io/metered_disk.h"

#include <algorithm>

namespace sluice::io {
namespace {

class MeteredFile final : public File {
 public:
  MeteredFile(std::unique_ptr<File> file, FlushMeter& meter, const Clock& clock)
      : file_(std::move(file)), meter_(meter), clock_(clock) {}

  Outcome<void> write(std::uint64_t offset, std::span<const std::string_view> pieces) override {
    std::uint64_t bytes = 0;
    for (const std::string_view piece : pieces) {
      bytes += piece.size();
    }
    meter_.written_bytes.fetch_add(bytes, std::memory_order_relaxed);
    return file_->write(offset, pieces);
  }
  Outcome<void> read(std::uint64_t offset, std::size_t bytes, std::string& into) override {
    meter_.read_bytes.fetch_add(bytes, std::memory_order_relaxed);
    return file_->read(offset, bytes, into);
  }
  Outcome<bool> read_if_cached(std::uint64_t offset, std::size_t bytes, std::string& into) override {
    return file_->read_if_cached(offset, bytes, into);
  }
  Outcome<void> sync() override {
    const auto began = clock_.monotonic();
    Outcome<void> done = file_->sync();
    meter_.add(clock_.monotonic() - began);
    meter_.failed.fetch_add(done ? 0 : 1, std::memory_order_relaxed);
    return done;
  }
  Outcome<std::uint64_t> size() override { return file_->size(); }
  Outcome<void> truncate(std::uint64_t bytes) override { return file_->truncate(bytes); }
  Outcome<void> zero_fill(std::uint64_t offset, std::uint64_t bytes) override {
    return file_->zero_fill(offset, bytes);
  }

 private:
  std::unique_ptr<File> file_;
  FlushMeter& meter_;
  const Clock& clock_;
};

class MeteredDisk final : public Disk {
 public:
  MeteredDisk(std::unique_ptr<Disk> disk, FlushMeter& meter, const Clock& clock)
      : disk_(std::move(disk)), meter_(meter), clock_(clock) {}

  Outcome<std::unique_ptr<File>> open(const std::string& name, Mode mode) override {
    auto file = disk_->open(name, mode);
    if (!file) {
      return file;
    }
    return std::make_unique<MeteredFile>(std::move(*file), meter_, clock_);
  }
  Outcome<void> rename(const std::string& from, const std::string& to) override { return disk_->rename(from, to); }
  Outcome<void> remove(const std::string& name) override { return disk_->remove(name); }
  Outcome<void> make_directory(const std::string& name) override { return disk_->make_directory(name); }
  Outcome<std::vector<std::string>> list(const std::string& directory) override { return disk_->list(directory); }
  Outcome<void> sync_directory(const std::string& directory) override { return disk_->sync_directory(directory); }
  Outcome<std::uint64_t> free_bytes() override { return disk_->free_bytes(); }
  Outcome<void> lock() override { return disk_->lock(); }

 private:
  std::unique_ptr<Disk> disk_;
  FlushMeter& meter_;
  const Clock& clock_;
};

}  // namespace

void FlushMeter::add(std::chrono::nanoseconds took) {
  const auto bound = std::ranges::find_if(bounds, [&](std::chrono::microseconds limit) { return took <= limit; });
  within[static_cast<std::size_t>(bound - bounds.begin())].fetch_add(1, std::memory_order_relaxed);
  nanoseconds.fetch_add(static_cast<std::uint64_t>(took.count()), std::memory_order_relaxed);
}

std::unique_ptr<Disk> make_metered_disk(std::unique_ptr<Disk> disk, FlushMeter& meter, const Clock& clock) {
  return std::make_unique<MeteredDisk>(std::move(disk), meter, clock);
}

}  // namespace sluice::io
