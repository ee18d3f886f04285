#pragma once

#include <memory>

#include "io/disk.h"

namespace sluice::io {

/// Files in the memory of this process, for --durability=memory: nothing survives it. From any thread.
std::unique_ptr<Disk> make_memory_disk();

}  // namespace sluice::io
