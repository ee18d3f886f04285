#pragma once

#include "io/loop.h"

namespace sluice::io {

/// The operating system's clocks.
class SystemClock final : public Clock {
 public:
  std::chrono::nanoseconds monotonic() const override {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch());
  }
  Time wall() const override { return std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::now()); }
};

}  // namespace sluice::io
