#include "bench/floor/segment_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/digest.h"

namespace sluice::bench {
namespace {

constexpr std::uint64_t segment_bytes = 64 << 20;
constexpr std::size_t segment_count = 4;
constexpr std::size_t header_bytes = 8;  // length and CRC-32C

void must(bool done, const char* what) {
  if (!done) {
    std::fprintf(stderr, "floor: %s: %s\n", what, std::strerror(errno));
    std::exit(1);
  }
}

}  // namespace

SegmentLog::SegmentLog(std::string directory, OnDurable on_durable)
    : directory_(std::move(directory)), on_durable_(std::move(on_durable)) {
  mkdir(directory_.c_str(), 0700);
  const std::string zeros(1 << 20, '\0');
  for (std::size_t i = 0; i < segment_count; ++i) {
    const std::string name = directory_ + "/" + std::to_string(i) + ".segment";
    const int file = open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    must(file >= 0, "open");
    for (std::uint64_t at = 0; at < segment_bytes; at += zeros.size()) {
      must(pwrite(file, zeros.data(), zeros.size(), static_cast<off_t>(at)) > 0, "fill");
    }
    must(fsync(file) == 0, "fsync");
    segments_.push_back(file);
  }
  flusher_ = std::thread([this] { flush_loop(); });
}

SegmentLog::~SegmentLog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wakened_.notify_one();
  flusher_.join();
  for (const int file : segments_) {
    close(file);
  }
}

std::uint64_t SegmentLog::append(std::string_view record) {
  const auto bytes = static_cast<std::uint32_t>(record.size());
  const std::uint32_t sum = crc32c(record);
  char header[header_bytes];
  std::memcpy(header, &bytes, sizeof bytes);
  std::memcpy(header + sizeof bytes, &sum, sizeof sum);
  const std::lock_guard lock(mutex_);
  const bool first = gathering_.empty();
  gathering_.append(header, sizeof header).append(record);
  if (first) {
    wakened_.notify_one();
  }
  return ++appended_;
}

void SegmentLog::flush_loop() {
  std::string batch;
  for (;;) {
    std::uint64_t last = 0;
    {
      std::unique_lock lock(mutex_);
      wakened_.wait(lock, [this] { return stopping_ || !gathering_.empty(); });
      if (stopping_) {
        return;
      }
      batch.swap(gathering_);
      last = appended_;
    }
    write(batch);
    batch.clear();
    on_durable_(last);
  }
}

void SegmentLog::write(std::string& batch) {
  if (offset_ + batch.size() > segment_bytes) {
    current_ = (current_ + 1) % segments_.size();
    offset_ = 0;
  }
  const int file = segments_[current_];
  must(pwrite(file, batch.data(), batch.size(), static_cast<off_t>(offset_)) == static_cast<ssize_t>(batch.size()),
       "write");
  must(fdatasync(file) == 0, "fdatasync");
  offset_ += batch.size();
}

}  // namespace sluice::bench
