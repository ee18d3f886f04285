// simulate SEED [--message N]            one life, told as it goes; and the story of message N
// simulate --seeds A..B                  many; the last line counts them
// simulate --mutation NAME --seeds A..B  with a defect planted: succeeds when a life notices it
// simulate --mutations                   their names
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "life.h"

namespace sluice::simulation {
namespace {

struct Order {
  std::uint64_t first = 1, last = 0;
  Mutation mutation = Mutation::none;
  bool verbose = false;
  std::optional<std::uint64_t> message;
};

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

bool play_one(std::uint64_t seed, const Order& order) {
  const Outcome outcome = play(seed, order.mutation, order.verbose, order.message);
  if (order.verbose || !outcome.violations.empty()) {
    fmt::print("{}\n", outcome.story);
  }
  for (const std::string& violation : outcome.violations) {
    fmt::print("  seed {}: {}\n", seed, violation);
  }
  std::fflush(stdout);
  return outcome.violations.empty();
}

// Lives are played in a child, so that one that ends in a failed check counts as failed and the next goes on. The child
// writes a byte for each life it has ended: 'y' or 'n'.
std::vector<std::uint64_t> play_many(const Order& order) {
  std::vector<std::uint64_t> failed;
  std::uint64_t next = order.first;
  while (next <= order.last) {
    int ends[2];
    if (pipe(ends) != 0) {
      std::perror("pipe");
      std::exit(2);
    }
    std::fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
      close(ends[0]);
      for (std::uint64_t seed = next; seed <= order.last; ++seed) {
        const char ended = play_one(seed, order) ? 'y' : 'n';
        if (write(ends[1], &ended, 1) != 1) {
          std::_Exit(2);
        }
      }
      std::_Exit(0);
    }
    close(ends[1]);
    char ended = 0;
    while (read(ends[0], &ended, 1) == 1) {
      if (ended == 'n') {
        failed.push_back(next);
      }
      ++next;
    }
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    if (next <= order.last) {
      fmt::print("  seed {}: the process ended in the middle of it\n", next);
      failed.push_back(next++);
    }
  }
  return failed;
}

int usage() {
  fmt::print(
      stderr,
      "simulate SEED [--message N] | simulate [--verbose] [--mutation NAME] --seeds A..B | simulate --mutations\n");
  return 2;
}

int run(const std::vector<std::string_view>& words) {
  Order order;
  for (std::size_t at = 0; at < words.size(); ++at) {
    const std::string_view word = words[at];
    const std::string_view following = at + 1 < words.size() ? words[at + 1] : std::string_view();
    if (word == "--verbose") {
      order.verbose = true;
    } else if (word == "--mutations") {
      for (const MutationRow& row : mutations()) {
        fmt::print("{}\n", row.name);
      }
      return 0;
    } else if (word == "--mutation" && mutation_of(following)) {
      order.mutation = *mutation_of(following);
      ++at;
    } else if (word == "--message" && number(following)) {
      order.message = number(following);
      ++at;
    } else if (word == "--seeds" && following.find("..") != std::string_view::npos) {
      const auto first = number(following.substr(0, following.find("..")));
      const auto last = number(following.substr(following.find("..") + 2));
      if (!first || !last) {
        return usage();
      }
      order.first = *first;
      order.last = *last;
      ++at;
    } else if (const auto seed = number(word)) {
      order.first = order.last = *seed;
      order.verbose = true;
    } else {
      return usage();
    }
  }
  if (order.last < order.first) {
    return usage();
  }
  if (!order.verbose) {
    set_log_level(LogLevel::off);
  }
  const std::vector<std::uint64_t> failed = play_many(order);
  const std::uint64_t passed = order.last - order.first + 1 - failed.size();
  if (order.mutation != Mutation::none) {
    fmt::print("{}: {}\n", failed.empty() ? "NOT caught" : "caught",
               fmt::format("{} of {} lives noticed it", failed.size(), passed + failed.size()));
    return failed.empty() ? 1 : 0;
  }
  fmt::print("{} passed, {} failed\n", passed, failed.size());
  return failed.empty() ? 0 : 1;
}

}  // namespace
}  // namespace sluice::simulation

int main(int count, char** words) {
  return sluice::simulation::run(std::vector<std::string_view>(words + 1, words + count));
}
