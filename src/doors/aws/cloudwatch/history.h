#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "doors/census/census.h"
#include "doors/census/metric.h"

namespace sluice::cloudwatch {

/// Minutes that a queue's history holds; what is older is forgotten.
inline constexpr std::size_t points_max = 180;
inline constexpr std::size_t metrics_max = 24;

/// What a minute's values say of one metric, as CloudWatch's statistics.
struct Sample {
  Time minute;
  double count = 0, sum = 0, minimum = 0, maximum = 0;
};

/// One point a minute of every queue's metrics, in memory: gone with the process. Any thread.
class History {
 public:
  /// Of no more than so many queues, vanished ones of the last hours included.
  explicit History(std::size_t queues_max) : queues_max_(queues_max) {}

  /// Takes what was measured as that minute's: what came since the last census counts there.
  void record(const census::Census& census, std::chrono::sys_time<std::chrono::minutes> minute);
  /// True once in `pause` (by `now`): whoever gets it brings the present minute up to date.
  bool wants_refresh(Time now, Milliseconds pause);
  void clear();

  /// The minutes in [from, to) that have a value, oldest first. `metric` is a place in census::metrics().
  std::vector<Sample> samples(std::string_view arn, std::size_t metric, Time from, Time to) const;
  /// Whether there ever was a value of the metric, among the points that are kept.
  bool has(std::string_view arn, std::size_t metric) const;
  /// ARNs that begin with `prefix` and come after `after`, in order.
  std::vector<std::string> queues(std::string_view prefix, std::string_view after, std::size_t count_max) const;

 private:
  static constexpr std::uint32_t absent = UINT32_MAX;
  /// Bounded in number by points_max a queue: kept small.
  struct Point {
    std::int64_t minute = 0;  ///< since 1970
    std::array<std::uint32_t, metrics_max> values{};
    std::uint64_t size_sum = 0;
    std::uint32_t size_count = 0, size_min = 0, size_max = 0;
  };
  struct Series {
    machines::MachineId machine;
    std::array<std::uint64_t, metrics_max> counted{};  ///< of counters: at the last census
    std::uint64_t size_sum = 0, size_count = 0;        ///< likewise
    std::deque<Point> points;
  };

  void record(Series& series, const queue::Measurement& measured, std::int64_t minute);
  void forget(std::int64_t minute);

  const std::size_t queues_max_;
  mutable std::mutex mutex_;
  std::map<std::string, Series, std::less<>> series_;
  Time refreshed_;
};

}  // namespace sluice::cloudwatch
