#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.h"

namespace sluice {

/// So many takes a second, and at most one second's worth at once after a rest. Time is handed in; one that goes back a
/// little (two cores' clocks) counts as standing still. One owner.
class TokenBucket {
 public:
  /// Full at first.
  TokenBucket(std::uint32_t per_second, Time now)
      : per_second_(per_second), thousandths_(capacity()), filled_at_(now) {}

  /// False: there is none to take now.
  bool take(Time now) {
    thousandths_ = filled(now);
    filled_at_ = std::max(filled_at_, now);
    if (thousandths_ < whole) {
      return false;
    }
    thousandths_ -= whole;
    return true;
  }
  /// Nothing would be lost by forgetting it.
  bool full(Time now) const { return filled(now) == capacity(); }

 private:
  static constexpr std::int64_t whole = 1'000;  // a millisecond at n a second brings n thousandths

  std::int64_t capacity() const { return whole * per_second_; }
  std::int64_t filled(Time now) const {
    const std::int64_t passed = std::clamp<std::int64_t>((now - filled_at_).count(), 0, whole);
    return std::min(capacity(), thousandths_ + passed * per_second_);
  }

  std::int64_t per_second_;
  std::int64_t thousandths_;
  Time filled_at_;
};

}  // namespace sluice
