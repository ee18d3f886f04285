#include "wire/open_metrics.h"

#include <gtest/gtest.h>

#include <limits>

namespace sluice::wire {
namespace {

TEST(OpenMetricsTest, families_and_samples_are_written_as_the_format_says) {
  OpenMetrics out;
  out.family("a_seconds", "gauge", "seconds", "What \"a\" is.");
  out.sample("", "", 1.5);
  out.family("b", "counter", "", "Lines\nand \\.");
  out.sample("_total", metric_labels({{"queue", "q\"\\\n"}, {"account", "1"}}), 12'345'678'901);
  EXPECT_EQ(out.finish(),
            "# TYPE a_seconds gauge\n# UNIT a_seconds seconds\n# HELP a_seconds What \\\"a\\\" is.\na_seconds 1.5\n"
            "# TYPE b counter\n# HELP b Lines\\nand \\\\.\n"
            "b_total{queue=\"q\\\"\\\\\\n\",account=\"1\"} 12345678901\n# EOF\n");
}

TEST(OpenMetricsTest, what_is_no_number_has_its_own_words) {
  OpenMetrics out;
  out.family("a", "histogram", "", "A.");
  out.sample("_bucket", metric_labels({{"le", "+Inf"}}), std::numeric_limits<double>::infinity());
  EXPECT_TRUE(out.finish().ends_with("a_bucket{le=\"+Inf\"} +Inf\n# EOF\n"));
}

}  // namespace
}  // namespace sluice::wire
