#pragma once

#include "server/config.h"
#include "server/import/tree.h"

namespace sluice::server {

/// Puts into `root` what its references and joined texts (Tree::Kind) stand for: the file's own value of that name,
/// wherever it is given, else the environment's variable. One that is found nowhere gives way to the value it replaces;
/// where it replaces none, its member vanishes if it is optional, else that is the error. No references are left.
TreeReading resolve(Tree root, const Environment& environment);

}  // namespace sluice::server
