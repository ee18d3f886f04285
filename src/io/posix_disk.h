#pragma once

#include <memory>
#include <string>

#include "io/disk.h"

namespace sluice::io {

/// The files below `directory` of this machine; makes the directory (and those above it) when it is not there.
Outcome<std::unique_ptr<Disk>> open_posix_disk(const std::string& directory);

}  // namespace sluice::io
