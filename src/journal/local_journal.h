#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "io/loop.h"
#include "journal/buffer.h"
#include "journal/journal.h"
#include "journal/segment.h"

namespace sluice::journal {

/// What a journal needs of the store it belongs to.
class Backing {
 public:
  virtual ~Backing() = default;
  /// A flush is wanted soon. From any thread.
  virtual void want_flush() = 0;
  /// Room for what is appended and not written yet. From any thread.
  virtual bool admits(Need need) const = 0;
  virtual bool disk_full() const = 0;
  virtual void add_unwritten(std::size_t bytes) = 0;
  virtual std::shared_ptr<Segment> holding(std::uint16_t journal, std::uint64_t sequence) const = 0;
  virtual void read_later(io::Work job) = 0;
};

/// A journal of the local store. Its owner's thread calls everything but `gather`.
class LocalJournal final : public Journal, public std::enable_shared_from_this<LocalJournal> {
 public:
  struct Place {
    std::uint16_t number = 0;
    std::uint32_t epoch = 0;
    std::uint64_t next = 1;
  };
  LocalJournal(Place place, const std::shared_ptr<Backing>& backing, io::Loop& loop, std::size_t record_payload_bytes,
               std::uint64_t recent_bytes_max);

  std::uint16_t number() const override { return place_.number; }
  std::uint32_t epoch() const override { return place_.epoch; }
  Position next() const override { return {place_.next, place_.epoch, place_.number}; }
  Position append(std::string_view entry) override;
  std::uint64_t durable() const override { return durable_; }
  bool failed() const override { return failed_; }
  void on_progress(std::function<void()> told) override { told_ = std::move(told); }
  bool admits(Need need) const override;
  bool disk_full() const override { return backing_.disk_full(); }
  std::size_t unflushed_bytes() const override { return unflushed_bytes_; }
  bool read_now(const Reference& reference, std::string& into) override;
  void read(const Reference& reference, std::function<void(std::optional<std::string>)> done) override;

  /// Takes what is to be written. The flusher's thread.
  Batch gather();
  /// All up to `last` is durable. On the owner's loop, as are the next two.
  void flushed(std::uint64_t last);
  void fail();
  void room_changed();

  io::Loop& loop() { return loop_; }
  /// Bytes of entries appended since the start. From any thread.
  std::uint64_t appended_bytes() const { return appended_bytes_.load(std::memory_order_relaxed); }

 private:
  void put_whole(std::string_view entry);
  void put_chunks(std::string_view entry);
  Buffer& start_buffer(RecordKind kind, std::size_t bytes);
  bool read_recent(const Reference& reference, std::string& into) const;
  void forget_old();

  Place place_;
  Backing& backing_;  // lives while the journal is used; what was posted may come later
  std::weak_ptr<Backing> posted_backing_;
  io::Loop& loop_;
  std::size_t record_payload_bytes_;
  std::uint64_t recent_bytes_max_;

  // Shared with `gather`.
  std::mutex mutex_;
  std::shared_ptr<Buffer> open_;
  std::vector<std::shared_ptr<Buffer>> full_;
  bool asked_ = false;

  std::deque<std::shared_ptr<Buffer>> recent_;  // not yet durable, and durable ones kept for reads; by sequence
  std::deque<std::shared_ptr<Buffer>>::size_type durable_buffers_ = 0;  // how many of recent_ are durable
  std::uint64_t recent_bytes_ = 0;                                      // memory of those
  std::size_t unflushed_bytes_ = 0;
  std::size_t buffer_bytes_expected_ = 0;
  std::uint64_t durable_ = 0;
  bool failed_ = false;
  std::function<void()> told_;
  std::atomic<std::uint64_t> appended_bytes_{0};
  ReadCache cache_;
};

}  // namespace sluice::journal
