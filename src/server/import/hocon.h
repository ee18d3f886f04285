#pragma once

#include <string_view>

#include "server/import/tree.h"

namespace sluice::server {

/// Reads HOCON as files of settings use it: tables with or without the outer braces, paths ("a.b = c"), '=' and ':',
/// commas or new lines, comments (// and #), quoted, triple-quoted and bare texts, lists; a later table is merged into
/// an earlier one, any other later value replaces it. Refused with their line: substitutions, '+=' and includes, save
/// for the classpath's own defaults, which are none here.
TreeReading read_hocon(std::string_view text);

}  // namespace sluice::server
