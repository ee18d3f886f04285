#pragma once

#include <cstdlib>
#include <optional>
#include <string>

namespace sluice::server {

/// The process's own environment, as read_config asks for it.
inline std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

}  // namespace sluice::server
