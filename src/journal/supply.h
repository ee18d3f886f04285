#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>

#include "base/need.h"
#include "io/disk.h"
#include "io/loop.h"
#include "journal/birth.h"
#include "journal/layout.h"
#include "journal/record.h"

namespace sluice::journal {

/// A segment file that holds no record yet, its first `filled` bytes really written.
struct Blank {
  std::shared_ptr<io::File> file;
  SegmentHeader header;
  std::uint64_t filled = 0;
};

/// The room in which the log grows: filled with zeros ahead of the writer, so that what was accepted always finds its
/// place, and a reserve for reclaiming. Says which needs a (nearly) full disk still admits.
class Supply {
 public:
  Supply(io::Disk& disk, const io::Clock& clock, const Layout& layout, const Birth& birth);

  // At the start, one thread.
  void adopt(Blank spare);
  void set_next_id(std::uint64_t id) { next_id_ = id; }
  void start();

  // The writer.
  /// The next segment: a spare, or one made now.
  io::Outcome<Blank> take();
  /// The writer's segment from now on, and how far it has written.
  void set_current(std::uint64_t id, std::uint64_t filled, std::uint64_t end);
  void used(std::uint64_t end);
  /// The current segment is filled up to `end` when it returns.
  io::Outcome<void> ensure(std::uint64_t end);

  /// Is there something for `prepare` to do? Not while the disk is known to be full: then it is tried by the clock.
  bool wants_filling() const;

  // A background thread.
  /// One step of filling ahead. True: there is more to do now. False: done, or the disk is full (`full`).
  bool prepare();
  bool full() const { return full_.load(); }
  /// The disk is full: gives up the reserve, as space for what reclaims. Not while what was admitted ahead of the
  /// filling counts on it: then the next try finds it. Filled again by `prepare`, before all else.
  void release_reserve();

  // Any thread.
  bool admits(Need need) const;
  void add_unwritten(std::int64_t bytes) { unwritten_.fetch_add(bytes, std::memory_order_relaxed); }
  /// How many needs are admitted while nothing waits to be written: it changes seldom, and then owners are told.
  int level() const;
  std::uint64_t room() const { return static_cast<std::uint64_t>(room_.load(std::memory_order_relaxed)); }

 private:
  struct Current {
    std::uint64_t id = 0, filled = 0, end = 0;
  };

  io::Outcome<Blank> make_blank();
  io::Outcome<void> fill_current(std::uint64_t upto);
  io::Outcome<void> fill_spare();
  io::Outcome<void> fill_reserve();
  void drop_reserve();
  io::Outcome<bool> prepare_step();
  bool enough() const;
  /// Before room is filled the writer makes its own, if need be out of the reserve.
  bool runs_ahead() const;
  void count_room();

  io::Disk& disk_;
  const io::Clock& clock_;
  const Layout layout_;
  const Birth birth_;

  std::mutex fill_mutex_;                   // one filling at a time; taken before state_mutex_
  std::shared_ptr<io::File> current_file_;  // a handle of its own, of current_'s file
  std::uint64_t current_file_id_ = 0;
  std::atomic<std::uint64_t> reserve_filled_{0};
  std::shared_ptr<io::File> reserve_;

  mutable std::mutex state_mutex_;
  Current current_;
  std::deque<Blank> spares_;
  std::uint64_t next_id_ = 1;

  std::atomic<std::int64_t> room_{0};
  std::atomic<std::int64_t> unwritten_{0};
  std::atomic<bool> full_{false};
};

}  // namespace sluice::journal
