#include "doors/aws/sqs/text.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "base/plain.h"

namespace sluice::sqs {
namespace {

constexpr std::size_t token_length_max = 128;
constexpr std::size_t trace_header_bytes_max = 2048;  // no limit is documented: ours, so that what is stored is bounded
constexpr int number_digits_max = 38;
constexpr int positive_exponent_max = 126;  // of a number's leading digit
constexpr int negative_exponent_max = 128;

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text,
                             [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); });
}

std::string_view take_digits(std::string_view& text) {
  const std::size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

}  // namespace

bool allowed_characters(std::string_view text) {
  constexpr unsigned char before_ffff = 0xef;  // U+FFFE and U+FFFF are EF BF BE and EF BF BF
  for (;;) {
    text.remove_prefix(plain_length<before_ffff>(text));
    if (text.empty()) {
      return true;
    }
    const char byte = text[0];
    const bool allowed = static_cast<unsigned char>(byte) == before_ffff
                             ? !(text.starts_with("\xef\xbf\xbe") || text.starts_with("\xef\xbf\xbf"))
                             : byte == '\t' || byte == '\n' || byte == '\r';
    if (!allowed) {
      return false;
    }
    text.remove_prefix(1);
  }
}

bool is_sqs_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  const int exponent_max = negative ? negative_exponent_max : positive_exponent_max;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    text.remove_prefix(1);
  }
  const std::string_view whole = take_digits(text);
  std::string_view fraction;
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    fraction = take_digits(text);
  }
  if (whole.empty() && fraction.empty()) {
    return false;
  }
  std::int64_t exponent = 0;
  if (!text.empty() && (text[0] == 'e' || text[0] == 'E')) {
    const std::optional<std::int64_t> parsed = parse_integer(text.substr(1));
    if (!parsed || *parsed < -1000 || *parsed > 1000) {
      return false;
    }
    exponent = *parsed;
    text = {};
  }
  std::string digits = std::string(whole) + std::string(fraction);
  const std::size_t leading = std::min(digits.find_first_not_of('0'), digits.size());
  const std::size_t last = digits.find_last_not_of('0');
  const std::int64_t significant = last == std::string::npos ? 0 : static_cast<std::int64_t>(last - leading + 1);
  const std::int64_t magnitude = static_cast<std::int64_t>(whole.size() - leading) - 1 + exponent;
  return text.empty() && significant <= number_digits_max &&
         (significant == 0 || (magnitude <= exponent_max && magnitude >= -negative_exponent_max));
}

bool is_token(std::string_view text) {
  return !text.empty() && text.size() <= token_length_max &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) {
      return std::nullopt;
    }
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

bool is_trace_header(std::string_view text) {
  constexpr std::string_view root = "Root=1-";
  const std::size_t at = text.find(root);
  if (text.size() > trace_header_bytes_max || at == std::string_view::npos || (at != 0 && text[at - 1] != ';')) {
    return false;
  }
  const std::string_view id = text.substr(at + root.size());
  return id.size() >= 33 && is_hex(id.substr(0, 8)) && id[8] == '-' && is_hex(id.substr(9, 24)) &&
         (id.size() == 33 || id[33] == ';');
}

}  // namespace sluice::sqs
