#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cli/word.h"

/// What is made of the table of words: help, completion and the man page.
namespace sluice::cli {

using Words = std::span<const Word>;

/// `sluice --help`.
std::string help_text(Words words);

/// `sluice WORD --help`.
std::string help_text(const Word& word);

/// The script that a shell (bash, zsh, fish) completes with; nullopt when it is another shell.
std::optional<std::string> completion_script(Words words, std::string_view shell);

/// The man page sluice(1), in roff.
std::string man_page(Words words, std::string_view version);

}  // namespace sluice::cli
