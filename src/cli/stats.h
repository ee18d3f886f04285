#pragma once

#include <span>
#include <string>

namespace sluice::cli {

/// `sluice stats [QUEUE…]`: numbers of the server, or all attributes of queues. Exit code.
int stats(std::span<const std::string> arguments);

}  // namespace sluice::cli
