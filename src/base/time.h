#pragma once

#include <chrono>
#include <cstdint>

namespace sluice {

using Milliseconds = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;

/// Journal time: milliseconds since the Unix epoch by the owner's journal clock (design.md: it never stands still and
/// never goes back). Handed in; machines never ask a clock.
using Time = std::chrono::sys_time<Milliseconds>;

inline constexpr Time never = Time::max();

inline std::int64_t to_milliseconds(Time time) { return time.time_since_epoch().count(); }
inline Time from_milliseconds(std::int64_t milliseconds) { return Time(Milliseconds(milliseconds)); }

}  // namespace sluice
