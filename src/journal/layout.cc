#include "journal/layout.h"

#include <fmt/format.h>

#include <charconv>
#include <string_view>

namespace sluice::journal {
namespace {

/// Takes a number off the front of `text`; false when there is none.
bool take_number(std::string_view& text, std::uint64_t& number, int base) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc()) {
    return false;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

}  // namespace

std::string segment_name(std::uint64_t id) { return fmt::format("q-{:016x}.segment", id); }

std::string snapshot_name(std::uint16_t journal, std::uint64_t number) {
  return fmt::format("q-{}-{:08}.snapshot", journal, number);
}

std::uint64_t segment_id(const std::string& name) {
  std::string_view text = name;
  std::uint64_t id = 0;
  if (!text.starts_with("q-") || !text.ends_with(".segment")) {
    return 0;
  }
  text.remove_prefix(2);
  return take_number(text, id, 16) && text == ".segment" ? id : 0;
}

bool snapshot_place(const std::string& name, std::uint16_t& journal, std::uint64_t& number) {
  std::string_view text = name;
  std::uint64_t wide = 0;
  if (!text.starts_with("q-") || !text.ends_with(".snapshot")) {
    return false;
  }
  text.remove_prefix(2);
  if (!take_number(text, wide, 10) || !text.starts_with("-") || wide > 0xffff) {
    return false;
  }
  journal = static_cast<std::uint16_t>(wide);
  text.remove_prefix(1);
  return take_number(text, number, 10) && text == ".snapshot";
}

}  // namespace sluice::journal
