#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/word.h"

namespace sluice::cli {

/// What stands behind a word, told apart: flags by their names, and the rest in its order.
class Arguments {
 public:
  const std::vector<std::string>& rest() const { return rest_; }
  bool has(std::string_view flag) const { return value(flag).has_value(); }
  /// The last one counts.
  std::optional<std::string> value(std::string_view flag) const;
  std::vector<std::string> values(std::string_view flag) const;

 private:
  friend std::expected<Arguments, std::string> read_arguments(std::span<const std::string>, const Word&);
  std::vector<std::pair<std::string, std::string>> flags_;
  std::vector<std::string> rest_;
};

/// The flags of that word: `--name value`, `--name=value`, `--switch`; after `--` nothing is a flag. The error is a
/// sentence for the user.
std::expected<Arguments, std::string> read_arguments(std::span<const std::string> arguments, const Word& word);

/// A whole number within bounds; the error is a sentence for the user.
std::expected<std::int64_t, std::string> read_number(std::string_view flag, std::string_view text, std::int64_t minimum,
                                                     std::int64_t maximum);

}  // namespace sluice::cli
