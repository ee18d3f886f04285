#include "wire/form.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "wire/json.h"

namespace sluice::wire {
namespace {

constexpr std::array<std::int8_t, 256> digit_values = [] {
  std::array<std::int8_t, 256> table{};
  table.fill(-1);
  for (int digit = 0; digit < 10; ++digit) {
    table['0' + digit] = static_cast<std::int8_t>(digit);
  }
  for (int digit = 0; digit < 6; ++digit) {
    table['a' + digit] = table['A' + digit] = static_cast<std::int8_t>(10 + digit);
  }
  return table;
}();

int digit(char character) { return digit_values[static_cast<unsigned char>(character)]; }

}  // namespace

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  const char space_mark = plus_is_space ? '+' : '%';
  std::string decoded;
  decoded.reserve(text.size());
  for (;;) {
    std::size_t plain = 0;
    while (plain < text.size() && text[plain] != '%' && text[plain] != space_mark) {
      ++plain;
    }
    decoded.append(text.data(), plain);
    text.remove_prefix(plain);
    if (text.empty()) {
      return decoded;
    }
    if (text[0] == '+') {
      decoded.push_back(' ');
      text.remove_prefix(1);
      continue;
    }
    if (text.size() < 3 || digit(text[1]) < 0 || digit(text[2]) < 0) {
      return std::nullopt;
    }
    decoded.push_back(static_cast<char>(digit(text[1]) * 16 + digit(text[2])));
    text.remove_prefix(3);
  }
}

std::expected<void, FormFault> read_form(std::string_view text, std::vector<FormField>& fields) {
  while (!text.empty()) {
    const std::string_view field = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(field.size() + 1, text.size()));
    if (field.empty()) {
      continue;
    }
    if (fields.size() == form_fields_max) {
      return std::unexpected(FormFault::too_many_fields);
    }
    const std::string_view raw_name = field.substr(0, field.find('='));
    const std::string_view raw_value = field.substr(std::min(raw_name.size() + 1, field.size()));
    auto name = percent_decode(raw_name, true);
    auto value = percent_decode(raw_value, true);
    if (!name || !value) {
      return std::unexpected(FormFault::malformed_escape);
    }
    if (!is_utf8(*name) || !is_utf8(*value)) {
      return std::unexpected(FormFault::not_utf8);
    }
    fields.push_back({std::move(*name), std::move(*value)});
  }
  return {};
}

}  // namespace sluice::wire
