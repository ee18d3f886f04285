#pragma once

#include <span>
#include <string>

namespace sluice::cli {

/// `sluice queues [PREFIX]`: names and counts. Exit code.
int queues(std::span<const std::string> arguments);

/// `sluice purge QUEUE…`: empties queues, after a question unless --yes. Exit code.
int purge(std::span<const std::string> arguments);

}  // namespace sluice::cli
