#pragma once

#include "server/config.h"

namespace sluice::server {

/// Starts everything, says on stdout that it is ready, serves until SIGTERM or SIGINT, and ends in order. The exit
/// code: 0; 1 when it cannot start (the reason is on stderr); 2 when the settings make no sense together.
int serve(const Config& config);

}  // namespace sluice::server
