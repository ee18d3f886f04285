#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "machines/queue/commands.h"

namespace sluice::census {

enum class Kind : std::uint8_t {
  counter,  ///< rises while the process lives; CloudWatch shows what came in each minute
  gauge,    ///< as it is now
  sizes,    ///< of messages sent: how many and how much in all, smallest and largest of a minute
};

/// One metric of a queue, as both worlds know it.
struct Metric {
  std::string_view name;     ///< CloudWatch's
  std::string_view exposed;  ///< Prometheus', without suffix
  Kind kind;
  std::string_view unit;  ///< CloudWatch's
  std::string_view help;
  /// Nullopt where it does not apply to this queue. Of `sizes` the sum.
  std::optional<std::uint64_t> (*value)(const queue::Measurement& measured);
};

/// All that Amazon SQS has ("Available CloudWatch metrics for Amazon SQS"), in the order of that page.
std::span<const Metric> metrics();

}  // namespace sluice::census
