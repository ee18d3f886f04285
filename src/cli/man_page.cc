#include <fmt/format.h>

#include "cli/help.h"

namespace sluice::cli {
namespace {

// What roff would read as its own: backslashes, and a '.' or '\'' that begins a line. A '-' that is to be typed stays
// one; the ellipsis, which alone is not ASCII here, becomes three dots.
std::string roff(std::string_view text) {
  constexpr std::string_view ellipsis = "…";
  std::string out = !text.empty() && (text[0] == '.' || text[0] == '\'') ? "\\&" : "";
  while (!text.empty()) {
    const bool dots = text.starts_with(ellipsis);
    out += dots ? "..." : text[0] == '\\' ? "\\e" : text[0] == '-' ? "\\-" : std::string(1, text[0]);
    text.remove_prefix(dots ? ellipsis.size() : 1);
  }
  return out;
}

void append_flags(std::string& page, std::span<const Flag> flags) {
  for (const Flag& flag : flags) {
    page += fmt::format(".TP\n\\fB{}\\fR \\fI{}\\fR\n{}\n", roff(flag.name), roff(flag.value), roff(flag.help));
  }
}

constexpr std::string_view files_and_codes = R"(.SH ENVIRONMENT
Each setting of
.B serve
is a variable too: SLUICE_ and its name in capitals, with _ for \-. SLUICE_ENDPOINT, AWS_ENDPOINT_URL, AWS_REGION,
AWS_DEFAULT_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and AWS_CA_BUNDLE tell the other words
which server to ask, and as whom.
.SH EXIT STATUS
0 when all went well, 1 when the server refused or cannot start, 2 when the command line makes no sense, 3 when nobody
answers.
)";

}  // namespace

std::string man_page(Words words, std::string_view version) {
  std::string page = fmt::format(
      ".TH SLUICE 1 \"\" \"sluice {}\"\n.SH NAME\nsluice \\- AWS messaging that anyone can run\n.SH SYNOPSIS\n"
      ".B sluice\n[\\fIWORD\\fR] [\\fIFLAGS\\fR]\n.SH WORDS\nWithout a word, it serves.\n",
      roff(version));
  for (const Word& word : words) {
    page += fmt::format(".SS {} {}\n{}.\n", roff(word.name), roff(word.takes), roff(word.help));
    append_flags(page, word.flags);
  }
  for (const Word& word : words) {
    if (!word.shared.empty()) {
      page += ".SH FLAGS OF EVERY CLIENT\nThe words that ask a running server take these as well.\n";
      append_flags(page, word.shared);
      break;
    }
  }
  return page.append(files_and_codes);
}

}  // namespace sluice::cli
