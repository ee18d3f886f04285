#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

namespace sluice::aws::http {

/// What one core counts. Written by its own thread only, read by any.
struct alignas(64) CoreGauges {
  std::atomic<std::uint64_t> connections{0};
  std::atomic<std::uint64_t> buffered_bytes{0};
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> refusals{0};  ///< answers of 4xx, 501 and 505
  std::atomic<std::uint64_t> failures{0};  ///< answers of 5xx, but for 501 and 505

  /// One writer: no locked instruction.
  static void add(std::atomic<std::uint64_t>& gauge, std::int64_t change) {
    gauge.store(gauge.load(std::memory_order_relaxed) + static_cast<std::uint64_t>(change), std::memory_order_relaxed);
  }
};

/// Those of all cores of the process.
class Gauges {
 public:
  explicit Gauges(std::size_t cores) : cores_(cores), of_(std::make_unique<CoreGauges[]>(cores)) {}

  CoreGauges& core(std::size_t number) { return of_[number]; }
  std::uint64_t sum(std::atomic<std::uint64_t> CoreGauges::* gauge) const {
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < cores_; ++i) {
      total += (of_[i].*gauge).load(std::memory_order_relaxed);
    }
    return total;
  }

 private:
  std::size_t cores_;
  std::unique_ptr<CoreGauges[]> of_;
};

}  // namespace sluice::aws::http
