#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/time.h"
#include "doors/aws/http/gauges.h"

namespace sluice::admin {

/// What the pages of all cores share: what the server says of itself, and what it lets be done. Outlives them.
struct Desk {
  std::string version;
  std::size_t cores = 0;
  const aws::http::Gauges* gauges = nullptr;
  std::function<Seconds()> uptime;
  std::function<std::vector<std::string>()> set_aside;  ///< machines that replay set aside; from any core

  std::string account;  ///< of queues named without one
  std::string region;   ///< the same

  bool keys = false;          ///< access keys are configured: whoever uses a page signs
  bool admin_open = false;    ///< everything below /_sluice for anybody, from anywhere
  bool metrics_open = false;  ///< what only tells numbers likewise
};

}  // namespace sluice::admin
