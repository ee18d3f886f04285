#pragma once

#include <atomic>
#include <cstdint>

#include "io/loop.h"

namespace sluice::io {

/// Another clock, moved ahead of it on request: how tests of a running server let time pass. Any thread.
class MovableClock final : public Clock {
 public:
  /// `real` outlives it.
  explicit MovableClock(const Clock& real) : real_(real) {}

  std::chrono::nanoseconds monotonic() const override { return real_.monotonic() + ahead(); }
  Time wall() const override { return real_.wall() + ahead(); }

  Milliseconds ahead() const { return Milliseconds(ahead_milliseconds_.load(std::memory_order_relaxed)); }
  void advance(Milliseconds by) { ahead_milliseconds_.fetch_add(by.count(), std::memory_order_relaxed); }

 private:
  const Clock& real_;
  std::atomic<std::int64_t> ahead_milliseconds_{0};
};

}  // namespace sluice::io
