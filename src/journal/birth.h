#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "io/disk.h"

namespace sluice::journal {

/// What is decided once, when a directory is born.
struct Birth {
  std::uint16_t journals = 1;
  std::array<char, 32> secret{};

  std::string_view secret_bytes() const { return {secret.data(), secret.size()}; }
};

io::Outcome<Birth> read_birth(io::Disk& disk);
/// Atomically: after a crash it is there whole or not at all.
io::Outcome<void> write_birth(io::Disk& disk, const Birth& birth);

}  // namespace sluice::journal
