#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/time.h"
#include "doors/aws/http/gauges.h"
#include "io/metered_disk.h"

namespace sluice::sqs {
class Faults;
}

namespace sluice::admin {

/// What the process and its disk are like now.
struct Numbers {
  double started_seconds = 0;  ///< since 1970
  double cpu_seconds = 0;
  std::uint64_t resident_bytes = 0;
  std::uint64_t open_files = 0, open_files_max = 0;
  std::uint64_t log_bytes = 0, log_segments = 0;
  std::uint64_t disk_free_bytes = 0;
};

/// What the pages of all cores share: what the server says of itself, and what it lets be done. Outlives them.
struct Desk {
  std::string version;
  std::size_t cores = 0;
  const aws::http::Gauges* gauges = nullptr;
  std::function<Seconds()> uptime;
  std::function<std::vector<std::string>()> set_aside;  ///< machines that replay set aside; from any core

  std::function<Numbers()> numbers;  ///< from any core
  const io::FlushMeter* flushes = nullptr;
  std::size_t metrics_queues_max = 1'000;  ///< in /metrics; each has some 20 lines

  std::string account;  ///< of queues named without one
  std::string region;   ///< the same

  bool keys = false;          ///< access keys are configured: whoever uses a page signs
  bool admin_open = false;    ///< everything below /_sluice for anybody, from anywhere
  bool metrics_open = false;  ///< what only tells numbers likewise
  bool reset = false;         ///< POST /_sluice/reset is taken
  sqs::Faults* faults = nullptr;
  std::function<void()> forget_history;  ///< after a reset
  /// Moves the queues' clock ahead; empty: it cannot be moved. From any core.
  std::function<void(Milliseconds)> advance_clock;
};

}  // namespace sluice::admin
