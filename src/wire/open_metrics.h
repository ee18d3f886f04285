#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

// OpenMetrics text 1.0, by appending: families, each with its samples behind it. For every program that scrapes.
namespace sluice::wire {

inline constexpr std::string_view open_metrics_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";

using MetricLabel = std::pair<std::string_view, std::string_view>;

/// `name="value",…` escaped: made once for the samples that share them.
std::string metric_labels(std::initializer_list<MetricLabel> labels);

class OpenMetrics {
 public:
  /// `type`: counter, gauge, summary, histogram, info. `unit` is empty, or what `name` ends in after a '_'.
  void family(std::string_view name, std::string_view type, std::string_view unit, std::string_view help);
  /// Of the last family: its name and the suffix (`_total`, `_bucket` …). `labels` as metric_labels makes them.
  void sample(std::string_view suffix, std::string_view labels, double value);
  /// The whole text; nothing can be added any more.
  std::string finish();

 private:
  std::string out_;
  std::string name_;
};

}  // namespace sluice::wire
