#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace sluice::bench {

/// The least a durable log can do: records gathered from all threads, written in one piece into segments that were
/// filled with zeros beforehand, and flushed by one thread, one flush under way while the next batch gathers.
/// `append` may be called from any thread.
class SegmentLog {
 public:
  /// Told, in the flushing thread, that every record numbered up to and including this one is on disk.
  using OnDurable = std::function<void(std::uint64_t)>;

  /// Makes `directory` and the first segments; ends the program when the disk fails.
  SegmentLog(std::string directory, OnDurable on_durable);
  ~SegmentLog();

  /// Copies the record and returns its number, from 1 on.
  std::uint64_t append(std::string_view record);

 private:
  void flush_loop();
  void write(std::string& batch);

  std::string directory_;
  OnDurable on_durable_;
  std::mutex mutex_;
  std::condition_variable wakened_;
  std::string gathering_;
  std::uint64_t appended_ = 0;
  bool stopping_ = false;
  std::vector<int> segments_;  // recycled in a ring: this log is never read
  std::size_t current_ = 0;
  std::uint64_t offset_ = 0;
  std::thread flusher_;
};

}  // namespace sluice::bench
