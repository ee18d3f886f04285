#pragma once

#include <chrono>
#include <cstddef>

#include "io/loop.h"

namespace sluice::node {

/// How much of a long job is done between two requests: about a millisecond, and at least one item.
class StepBudget {
 public:
  StepBudget(const io::Clock& clock, std::size_t items_max)
      : clock_(clock), end_(clock.monotonic() + step_time_max), items_left_(items_max) {}

  /// Asked before each item.
  bool allows() {
    const bool first = !begun_;
    begun_ = true;
    if (first) {
      return true;
    }
    return --items_left_ > 0 && clock_.monotonic() < end_;
  }

 private:
  static constexpr std::chrono::nanoseconds step_time_max = std::chrono::milliseconds(1);

  const io::Clock& clock_;
  std::chrono::nanoseconds end_;
  std::size_t items_left_;
  bool begun_ = false;
};

}  // namespace sluice::node
