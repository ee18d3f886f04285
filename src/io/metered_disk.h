#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "io/disk.h"
#include "io/loop.h"

namespace sluice::io {

/// How long flushes took: how many at most so long. Written by those who flush, read by any thread.
struct FlushMeter {
  static constexpr std::array<std::chrono::microseconds, 12> bounds{
      std::chrono::microseconds(50),      std::chrono::microseconds(100),     std::chrono::microseconds(200),
      std::chrono::microseconds(500),     std::chrono::microseconds(1'000),   std::chrono::microseconds(2'000),
      std::chrono::microseconds(5'000),   std::chrono::microseconds(10'000),  std::chrono::microseconds(50'000),
      std::chrono::microseconds(200'000), std::chrono::microseconds(500'000), std::chrono::microseconds(1'000'000)};

  std::array<std::atomic<std::uint64_t>, bounds.size() + 1> within{};  ///< by bound, each alone; last: longer
  std::atomic<std::uint64_t> nanoseconds{0};                           ///< of all
  std::atomic<std::uint64_t> failed{0};
  std::atomic<std::uint64_t> written_bytes{0};
  std::atomic<std::uint64_t> read_bytes{0};

  void add(std::chrono::nanoseconds took);
};

/// The disk behind it, metered. Meter, clock and disk outlive it.
std::unique_ptr<Disk> make_metered_disk(std::unique_ptr<Disk> disk, FlushMeter& meter, const Clock& clock);

}  // namespace sluice::io
