#pragma once

#include <span>
#include <string>

namespace sluice::cli {

/// `sluice peek QUEUE`: shows messages, in flight and delayed ones too, and leaves them as they are. Exit code.
int peek(std::span<const std::string> arguments);

}  // namespace sluice::cli
