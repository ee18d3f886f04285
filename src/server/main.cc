// The words of the command line. What each does lies beside; nothing is decided here.
#include <fmt/format.h>

#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include "base/log.h"
#include "cli/help.h"
#include "doors/aws/cloudwatch/cloudwatch.h"
#include "doors/aws/door.h"
#include "doors/aws/sqs/sqs.h"
#include "doors/aws/sts/sts.h"
#include "server/config.h"
#include "server/environment.h"
#include "server/health.h"
#include "server/import/import.h"
#include "server/journal_words.h"
#include "server/serve.h"
#include "server/version.h"

namespace sluice::server {
namespace {

using Arguments = std::span<const std::string>;

constexpr int bad_usage = 2;

std::span<const cli::Word> all_words();

int run_serve(Arguments arguments) {
  const auto config = read_config(arguments, environment);
  if (!config) {
    std::fprintf(stderr, "sluice: %s\n", config.error().c_str());
    return bad_usage;
  }
  for (const std::string& name : unknown_variables(variables())) {
    log(LogLevel::warning, fmt::format("there is no setting {}: the variable means nothing", name));
  }
  return serve(*config);
}

int run_coverage(Arguments) {
  aws::Door door(nullptr);
  int nobody = 0;  // the rows count; none is run
  door.serve(nobody, sqs::handlers());
  door.serve(nobody, sts::handlers());
  door.serve(nobody, cloudwatch::handlers());
  for (const std::string& line : door.coverage()) {
    std::printf("%s\n", line.c_str());
  }
  return 0;
}

int run_version(Arguments) {
  fmt::print("sluice {}\n", version);
  return 0;
}

int show(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

int run_import(Arguments arguments) {
  if (arguments.size() != 1) {
    std::fprintf(stderr, "usage: sluice import FILE > sluice.toml\n");
    return bad_usage;
  }
  const auto file = read_foreign_file(arguments[0]);
  if (!file) {
    std::fprintf(stderr, "sluice: %s\n", file.error().c_str());
    return bad_usage;
  }
  return show(to_toml(*file));
}

int run_completion(Arguments arguments) {
  const auto script = cli::completion_script(all_words(), arguments.empty() ? "" : arguments[0]);
  if (!script) {
    std::fprintf(stderr, "usage: sluice completion bash|zsh|fish\n");
    return bad_usage;
  }
  return show(*script);
}

int run_manual(Arguments) { return show(cli::man_page(all_words(), version)); }

int run_help(Arguments) { return show(cli::help_text(all_words())); }

std::span<const cli::Word> all_words() {
  static const std::vector<cli::Word> words = [] {
    std::vector<cli::Word> all{
        {"serve", "[SETTINGS]", "serve until SIGTERM; also without any word", run_serve, settings_flags()}};
    all.insert(all.end(), cli::words().begin(), cli::words().end());
    const cli::Word others[] = {
        {"health", "[URL | SETTINGS]", "ask a running server; 0 when it is well", health},
        {"journal", "inspect|verify|dump DIRECTORY", "look at a data directory; dump --contents shows bytes",
         journal_word},
        {"import", "FILE", "print as our settings what an ElasticMQ (.conf) or GoAWS (.yaml) file says", run_import},
        {"coverage", "", "operations served, per service", run_coverage},
        {"completion", "bash|zsh|fish", "a script that completes this command line", run_completion},
        {"manual", "", "the man page, in roff", run_manual},
        {"--version", "", "say the version", run_version},
        {"--help", "", "say this", run_help},
    };
    all.insert(all.end(), std::begin(others), std::end(others));
    return all;
  }();
  return words;
}

int run(const std::vector<std::string>& arguments) {
  if (arguments.empty() ||
      (arguments[0].starts_with("--") && arguments[0] != "--version" && arguments[0] != "--help")) {
    return run_serve(arguments);
  }
  const std::string first = arguments[0] == "-h" || arguments[0] == "help" ? "--help" : arguments[0];
  for (const cli::Word& word : all_words()) {
    if (word.name == first) {
      const bool asks_help = arguments.size() == 2 && (arguments[1] == "--help" || arguments[1] == "-h");
      return asks_help ? show(cli::help_text(word)) : word.run(Arguments(arguments).subspan(1));
    }
  }
  std::fprintf(stderr, "sluice: there is no word '%s'; see sluice --help\n", first.c_str());
  return bad_usage;
}

}  // namespace
}  // namespace sluice::server

int main(int count, char** values) { return sluice::server::run(std::vector<std::string>(values + 1, values + count)); }
