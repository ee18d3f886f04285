#pragma once

#include <cerrno>
#include <cstring>
#include <expected>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace sluice::server {

/// The file's bytes, or "PATH: why there are none": also of a directory, which opens as if it were a file.
inline std::expected<std::string, std::string> read_text_file(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    return std::unexpected(path + ": " + std::strerror(EISDIR));
  }
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) {
    return std::unexpected(path + ": " + std::strerror(errno));
  }
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (file.bad()) {
    return std::unexpected(path + ": " + std::strerror(EIO));
  }
  return text;
}

}  // namespace sluice::server
