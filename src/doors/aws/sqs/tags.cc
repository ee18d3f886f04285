#include "doors/aws/sqs/tags.h"

#include <fmt/core.h>

#include <algorithm>

#include "wire/http1.h"

namespace sluice::sqs {
namespace {

constexpr std::size_t key_characters_max = 128;
constexpr std::size_t value_characters_max = 256;
constexpr std::string_view reserved_prefix = "aws:";  // in any case ("Tag naming limits and requirements")

// Characters, not bytes: every byte of UTF-8 that does not continue one starts one.
std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

}  // namespace

ServiceError too_many_tags(std::string_view queue_name) {
  return invalid_parameter_value(fmt::format("Too many tags added for queue {}.", queue_name));
}

ServiceError bad_tag_key() {
  return invalid_parameter_value("Tag keys must be between 1 and 128 characters in length.");
}

std::optional<ServiceError> check_tags(const std::map<std::string, std::string>& tags, std::string_view queue_name) {
  if (tags.size() > tags_max) {
    return too_many_tags(queue_name);
  }
  for (const auto& [key, value] : tags) {
    if (key.empty() || characters(key) > key_characters_max) {
      return bad_tag_key();
    }
    if (wire::equal_ignoring_case(std::string_view(key).substr(0, reserved_prefix.size()), reserved_prefix)) {
      return invalid_parameter(key, "Tag.Key", "Tag keys that start with 'aws:' are reserved for system use.");
    }
    if (characters(value) > value_characters_max) {
      return invalid_parameter_value("Tag values must be between 0 and 256 characters in length.");
    }
  }
  return std::nullopt;
}

}  // namespace sluice::sqs
