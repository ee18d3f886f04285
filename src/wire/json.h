#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// JSON (RFC 8259) out of values, by appending; reading is simdjson's (json_document.h).
namespace sluice::wire {

/// The text in quotes, escaped where JSON demands it. `text` is UTF-8; other bytes pass as they are.
void append_json_string(std::string& out, std::string_view text);

void append_json_number(std::string& out, std::int64_t value);
/// The shortest text that reads back as the same number; what JSON cannot say ("NaN", "Infinity") as a string.
void append_json_number(std::string& out, double value);

/// Ends an object or array whose every member was followed by a comma.
inline void close_json(std::string& out, char bracket) {
  if (out.back() == ',') {
    out.back() = bracket;
  } else {
    out.push_back(bracket);
  }
}

/// Strict UTF-8 (RFC 3629): no surrogates, nothing overlong, nothing above U+10FFFF.
bool is_utf8(std::string_view bytes);

}  // namespace sluice::wire
