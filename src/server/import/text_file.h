#pragma once

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include "server/settings_file.h"

namespace sluice::server {

/// What `read` makes of the file's text, or why there is none.
template <class Read>
FileReading with_text(const std::string& path, Read read) {
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.is_open() || file.bad()) {
    return std::unexpected(path + ": " + std::strerror(errno));
  }
  return read(text);
}

}  // namespace sluice::server
