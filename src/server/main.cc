// The words of the command line. What each does lies beside; nothing is decided here.
#include <fmt/format.h>

#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include "doors/aws/door.h"
#include "doors/aws/sqs/sqs.h"
#include "server/config.h"
#include "server/environment.h"
#include "server/health.h"
#include "server/journal_words.h"
#include "server/serve.h"
#include "server/version.h"

namespace sluice::server {
namespace {

using Arguments = std::span<const std::string>;

constexpr int bad_usage = 2;

struct Word {
  std::string_view name;
  std::string_view takes;
  std::string_view help;
  int (*run)(Arguments);
};
extern const std::span<const Word> all_words;

int run_serve(Arguments arguments) {
  const auto config = read_config(arguments, environment);
  if (!config) {
    std::fprintf(stderr, "sluice: %s\n", config.error().c_str());
    return bad_usage;
  }
  return serve(*config);
}

int run_coverage(Arguments) {
  aws::Door door(nullptr);
  int nobody = 0;  // the rows count; none is run
  door.serve(nobody, sqs::handlers());
  for (const std::string& line : door.coverage()) {
    std::printf("%s\n", line.c_str());
  }
  return 0;
}

int run_version(Arguments) {
  fmt::print("sluice {}\n", version);
  return 0;
}

int run_help(Arguments) {
  fmt::print("sluice: AWS messaging that anyone can run\n\nusage: sluice [WORD] [SETTINGS]\n\n");
  for (const Word& word : all_words) {
    fmt::print("  {:<40} {}\n", fmt::format("{} {}", word.name, word.takes), word.help);
  }
  fmt::print("\nSettings: flags as here, SLUICE_NAME in the environment, or name in the TOML file.\n\n{}",
             settings_help());
  return 0;
}

constexpr Word words[] = {
    {"serve", "[SETTINGS]", "serve until SIGTERM; also without any word", run_serve},
    {"coverage", "", "operations served, per service", run_coverage},
    {"health", "[URL | SETTINGS]", "ask a running server; 0 when it is well", health},
    {"journal", "inspect|verify|dump DIRECTORY", "look at a data directory; dump --contents shows bytes", journal_word},
    {"--version", "", "say the version", run_version},
    {"--help", "", "say this", run_help},
};
const std::span<const Word> all_words = words;

int run(const std::vector<std::string>& arguments) {
  if (arguments.empty() ||
      (arguments[0].starts_with("--") && arguments[0] != "--version" && arguments[0] != "--help")) {
    return run_serve(arguments);
  }
  const std::string first = arguments[0] == "-h" || arguments[0] == "help" ? "--help" : arguments[0];
  for (const Word& word : words) {
    if (word.name == first) {
      return word.run(Arguments(arguments).subspan(1));
    }
  }
  std::fprintf(stderr, "sluice: there is no word '%s'; see sluice --help\n", first.c_str());
  return bad_usage;
}

}  // namespace
}  // namespace sluice::server

int main(int count, char** values) { return sluice::server::run(std::vector<std::string>(values + 1, values + count)); }
