#pragma once

#include <span>
#include <string>
#include <string_view>

/// The words that talk to a running server.
namespace sluice::cli {

/// What every word ends with.
inline constexpr int exit_well = 0;
inline constexpr int exit_refused = 1;      ///< the server said no, or it cannot be done
inline constexpr int exit_bad_usage = 2;    ///< the command line makes no sense
inline constexpr int exit_unreachable = 3;  ///< nobody answers

struct Flag {
  std::string_view name;   ///< "--limit"
  std::string_view value;  ///< what it takes: "NUMBER"; empty: a switch
  std::string_view help;
};

/// One word of the command line: a row from which it is found, explained, completed and run.
struct Word {
  std::string_view name;
  std::string_view takes;  ///< "QUEUE [BODY…]"
  std::string_view help;
  int (*run)(std::span<const std::string>);  ///< with what stands behind the word; gives the exit code
  std::span<const Flag> flags{};             ///< its own
  std::span<const Flag> shared{};            ///< those that it has like others
};

/// The words of this room, all clients of a running server.
std::span<const Word> words();

}  // namespace sluice::cli
