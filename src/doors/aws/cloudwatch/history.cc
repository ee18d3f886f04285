#include "doors/aws/cloudwatch/history.h"

#include <algorithm>

#include "base/check.h"

namespace sluice::cloudwatch {
namespace {

using census::Kind;
using census::Metric;

std::uint32_t fitting(std::uint64_t value) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(value, UINT32_MAX - 1));
}

Time time_of(std::int64_t minute) { return Time(std::chrono::minutes(minute)); }

std::int64_t minute_of(Time time) { return std::chrono::floor<std::chrono::minutes>(time).time_since_epoch().count(); }

std::uint32_t smaller(std::uint32_t a, std::uint32_t b) { return a == 0 ? b : b == 0 ? a : std::min(a, b); }

}  // namespace

void History::record(const census::Census& census, std::chrono::sys_time<std::chrono::minutes> minute) {
  check(census::metrics().size() <= metrics_max, "every metric finds its place in a point");
  const std::lock_guard lock(mutex_);
  forget(minute.time_since_epoch().count());
  for (const census::Counted& queue : census.queues) {
    auto at = series_.find(queue.arn);
    if (at == series_.end()) {
      if (series_.size() >= queues_max_) {
        continue;
      }
      at = series_.emplace(queue.arn, Series{}).first;
    }
    record(at->second, *queue.measured, minute.time_since_epoch().count());
  }
}

void History::record(Series& series, const queue::Measurement& measured, std::int64_t minute) {
  if (series.machine != measured.machine) {
    series.machine = measured.machine;  // made anew: it counts from 0
    series.counted = {};
    series.size_sum = series.size_count = 0;
  }
  if (!series.points.empty() && series.points.back().minute > minute) {
    return;  // two at once, the later one first: nothing is lost, the next census has it
  }
  if (series.points.empty() || series.points.back().minute < minute) {
    series.points.emplace_back().minute = minute;
    series.points.back().values.fill(0);
    if (series.points.size() > points_max) {
      series.points.pop_front();
    }
  }
  Point& point = series.points.back();
  const auto metrics = census::metrics();
  for (std::size_t at = 0; at < metrics.size(); ++at) {
    const auto value = metrics[at].value(measured);
    if (!value) {
      point.values[at] = absent;
    } else if (metrics[at].kind == Kind::gauge) {
      point.values[at] = fitting(*value);
    } else if (metrics[at].kind == Kind::counter) {
      const std::uint64_t more = *value - std::min(*value, series.counted[at]);
      point.values[at] = fitting(point.values[at] + more);
      series.counted[at] = std::max(*value, series.counted[at]);
    }
  }
  const queue::Traffic& traffic = measured.traffic;
  point.size_sum += traffic.sent_bytes - std::min(traffic.sent_bytes, series.size_sum);
  point.size_count = fitting(point.size_count + (traffic.sent - std::min(traffic.sent, series.size_count)));
  series.size_sum = std::max(traffic.sent_bytes, series.size_sum);
  series.size_count = std::max(traffic.sent, series.size_count);
  const queue::SizeRange& sizes = minute_of(measured.measured_at) > minute ? measured.sizes_before : measured.sizes;
  point.size_min = smaller(point.size_min, sizes.min);
  point.size_max = std::max(point.size_max, sizes.max);
}

/// Queues of which nothing was heard for as long as points are kept.
void History::forget(std::int64_t minute) {
  std::erase_if(series_, [&](const auto& entry) {
    return entry.second.points.empty() ||
           entry.second.points.back().minute + static_cast<std::int64_t>(points_max) < minute;
  });
}

bool History::wants_refresh(Time now, Milliseconds pause) {
  const std::lock_guard lock(mutex_);
  if (now < refreshed_ + pause) {
    return false;
  }
  refreshed_ = now;
  return true;
}

void History::clear() {
  const std::lock_guard lock(mutex_);
  series_.clear();
  refreshed_ = Time{};
}

std::vector<Sample> History::samples(std::string_view arn, std::size_t metric, Time from, Time to) const {
  std::vector<Sample> samples;
  const std::lock_guard lock(mutex_);
  const auto found = series_.find(arn);
  if (found == series_.end()) {
    return samples;
  }
  const bool sizes = census::metrics()[metric].kind == Kind::sizes;
  for (const Point& point : found->second.points) {
    const Time minute = time_of(point.minute);
    const bool there = sizes ? point.size_count > 0 : point.values[metric] != absent;
    if (minute < from || minute >= to || !there) {
      continue;
    }
    const double value = point.values[metric];
    samples.push_back(sizes ? Sample{minute, static_cast<double>(point.size_count), static_cast<double>(point.size_sum),
                                     static_cast<double>(point.size_min), static_cast<double>(point.size_max)}
                            : Sample{minute, 1, value, value, value});
  }
  return samples;
}

bool History::has(std::string_view arn, std::size_t metric) const {
  return !samples(arn, metric, Time::min(), Time::max()).empty();
}

std::vector<std::string> History::queues(std::string_view prefix, std::string_view after, std::size_t count_max) const {
  std::vector<std::string> names;
  const std::lock_guard lock(mutex_);
  auto at = after < prefix ? series_.lower_bound(prefix) : series_.upper_bound(after);
  for (; at != series_.end() && names.size() < count_max && at->first.starts_with(prefix); ++at) {
    names.push_back(at->first);
  }
  return names;
}

}  // namespace sluice::cloudwatch
