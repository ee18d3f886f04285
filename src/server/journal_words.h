#pragma once

#include <span>
#include <string>

namespace sluice::server {

/// `sluice journal inspect|verify|dump DIRECTORY [--contents]`: looks at a data directory and changes nothing. 0; 1
/// when something is damaged or cannot be read; 2 for words it does not know.
int journal_word(std::span<const std::string> arguments);

}  // namespace sluice::server
