#pragma once

#include <span>
#include <string>

namespace sluice::cli {

/// `sluice redrive QUEUE`: moves a dead-letter queue's messages back (or elsewhere), says how far that is, ends it.
/// Exit code.
int redrive(std::span<const std::string> arguments);

}  // namespace sluice::cli
