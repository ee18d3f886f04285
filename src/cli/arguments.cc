#include "cli/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace sluice::cli {
namespace {

const Flag* find(std::span<const Flag> flags, std::string_view name) {
  const auto found = std::ranges::find(flags, name, &Flag::name);
  return found == flags.end() ? nullptr : &*found;
}

}  // namespace

std::optional<std::string> Arguments::value(std::string_view flag) const {
  const auto all = values(flag);
  return all.empty() ? std::nullopt : std::optional(all.back());
}

std::vector<std::string> Arguments::values(std::string_view flag) const {
  std::vector<std::string> found;
  for (const auto& [name, value] : flags_) {
    if (name == flag) {
      found.push_back(value);
    }
  }
  return found;
}

std::expected<Arguments, std::string> read_arguments(std::span<const std::string> arguments, const Word& word) {
  Arguments read;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--") {
      read.rest_.insert(read.rest_.end(), arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1, arguments.end());
      break;
    }
    if (!argument.starts_with("--")) {
      read.rest_.emplace_back(argument);
      continue;
    }
    const std::size_t equals = argument.find('=');
    const std::string_view name = argument.substr(0, equals);
    const Flag* own = find(word.flags, name);
    const Flag* flag = own != nullptr ? own : find(word.shared, name);
    if (flag == nullptr) {
      return std::unexpected(fmt::format("there is no {} here", name));
    }
    if (flag->value.empty() && equals != std::string_view::npos) {
      return std::unexpected(fmt::format("{} takes no value", name));
    }
    if (flag->value.empty()) {
      read.flags_.emplace_back(name, "");
    } else if (equals != std::string_view::npos) {
      read.flags_.emplace_back(name, argument.substr(equals + 1));
    } else if (i + 1 < arguments.size()) {
      read.flags_.emplace_back(name, arguments[++i]);
    } else {
      return std::unexpected(fmt::format("{} wants a value: {}", name, flag->value));
    }
  }
  return read;
}

std::expected<std::int64_t, std::string> read_number(std::string_view flag, std::string_view text, std::int64_t minimum,
                                                     std::int64_t maximum) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < minimum || number > maximum) {
    return std::unexpected(
        fmt::format("{} takes a whole number from {} to {}, not '{}'", flag, minimum, maximum, text));
  }
  return number;
}

}  // namespace sluice::cli
