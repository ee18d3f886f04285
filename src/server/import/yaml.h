#pragma once

#include <string_view>

#include "server/import/tree.h"

namespace sluice::server {

/// Reads the first document of a YAML file: mappings, sequences and scalars. Aliases are refused: files of settings do
/// without, and a few of them can stand for gigabytes.
TreeReading read_yaml(std::string_view text);

}  // namespace sluice::server
