#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace sluice::server {

/// A file of this text, gone at its end; each has its own name.
class File {
 public:
  explicit File(const std::string& text, const std::string& ending = "")
      : path_(testing::TempDir() + "sluice_test_" + std::to_string(getpid()) + "_" + std::to_string(++made) + ending) {
    std::ofstream(path_) << text;
  }
  ~File() { std::filesystem::remove(path_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  const std::string& path() const { return path_; }

 private:
  static inline int made = 0;
  std::string path_;
};

}  // namespace sluice::server
