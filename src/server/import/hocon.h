#pragma once

#include <string_view>

#include "server/config.h"
#include "server/import/tree.h"

namespace sluice::server {

/// Reads HOCON as files of settings use it: tables with or without the outer braces, paths ("a.b = c"), '=' and ':',
/// commas or new lines, comments (// and #), quoted, triple-quoted and bare texts, lists, substitutions (${x}, ${?x});
/// a later table is merged into an earlier one, any other later value replaces it. Refused with their line: '+=' and
/// includes, save for the classpath's own defaults, which are none here.
TreeReading read_hocon(std::string_view text, const Environment& environment);

}  // namespace sluice::server
