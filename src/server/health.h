#pragma once

#include <span>
#include <string>

namespace sluice::server {

/// `sluice health [http://HOST:PORT | --listen HOST:PORT …]`: asks a running server for /health. 0 when it answers 200.
int health(std::span<const std::string> arguments);

}  // namespace sluice::server
