#include "cli/help.h"

#include <fmt/format.h>

namespace sluice::cli {
namespace {

void append_flags(std::string& text, std::span<const Flag> flags) {
  for (const Flag& flag : flags) {
    text += fmt::format("  {:<40} {}\n", fmt::format("{} {}", flag.name, flag.value), flag.help);
  }
}

}  // namespace

std::string help_text(Words words) {
  std::string text = "sluice: AWS messaging that anyone can run\n\nusage: sluice [WORD] [FLAGS]\n\n";
  for (const Word& word : words) {
    text += fmt::format("  {:<40} {}\n", fmt::format("{} {}", word.name, word.takes), word.help);
  }
  return text + "\nsluice WORD --help tells its flags; sluice serve --help all settings.\n";
}

std::string help_text(const Word& word) {
  std::string text = fmt::format("sluice {}: {}\n\nusage: sluice {} {}\n", word.name, word.help, word.name, word.takes);
  text += word.flags.empty() && word.shared.empty() ? "" : "\n";
  append_flags(text, word.flags);
  append_flags(text, word.shared);
  return text;
}

}  // namespace sluice::cli
