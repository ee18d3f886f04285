#pragma once

#include <span>
#include <string>

namespace sluice::cli {

/// `sluice send QUEUE [BODY]`: one message, or one a line. Exit code.
int send(std::span<const std::string> arguments);

/// `sluice receive QUEUE`: takes messages as a consumer would. Exit code.
int receive(std::span<const std::string> arguments);

}  // namespace sluice::cli
