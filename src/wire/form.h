#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// application/x-www-form-urlencoded: query strings and form bodies.
namespace sluice::wire {

/// Parameters of one request; a full SQS batch has some 400.
inline constexpr std::size_t form_fields_max = 10'000;

struct FormField {
  std::string name;
  std::string value;
};

enum class FormFault {
  malformed_escape,  ///< '%' without two hexadecimal digits
  not_utf8,          ///< the decoded name or value
  too_many_fields,   ///< more than form_fields_max
};

/// "%41+b" → "A b" ('+' is a space only in forms, not in paths); nullopt when malformed.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

/// Appends the fields of `text` in their order. A field without '=' has an empty value; empty ones are skipped.
std::expected<void, FormFault> read_form(std::string_view text, std::vector<FormField>& fields);

}  // namespace sluice::wire
