#include "doors/aws/sqs/message_attributes.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <functional>

#include "base/digest.h"
#include "doors/aws/sqs/text.h"

namespace sluice::sqs {
namespace {

// SQS Developer Guide, "Amazon SQS message metadata".
constexpr std::size_t attributes_max = 10;
constexpr std::size_t name_bytes_max = 256;
constexpr std::size_t type_bytes_max = 256;

enum class Transport : char { text = 1, binary = 2 };

bool name_byte(unsigned char byte) {
  // Accented letters pass on AWS too, U+00C0 to U+017F: in UTF-8 these begin with C3, C4 or C5, and nothing else does.
  const bool follows = byte >= 0x80 && byte < 0xc0;
  return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
         byte == '-' || byte == '.' || follows || (byte >= 0xc3 && byte <= 0xc5);
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

std::optional<ServiceError> check_name(std::string_view name) {
  if (name.size() > name_bytes_max) {
    return invalid_parameter_value("Message (user) attribute names must be shorter than 256 Bytes");
  }
  if (name.empty()) {
    return invalid_parameter_value("The request must contain non-empty message (user) attribute names.");
  }
  if (!std::ranges::all_of(name, name_byte)) {
    return invalid_parameter_value(
        "Message (user) attributes name can only contain upper and lower score characters, digits, periods, hyphens "
        "and underscores. ");
  }
  const std::string folded = lower(name);
  const bool reserved = folded.starts_with("aws.") || folded.starts_with("amazon.") || name.starts_with('.') ||
                        name.ends_with('.') || name.find("..") != std::string_view::npos;
  if (reserved) {
    return invalid_parameter_value(
        "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These strings are reserved for "
        "internal use. Additionally, they cannot start or end with '.'.");
  }
  return std::nullopt;
}

std::string_view base_type(std::string_view data_type) { return data_type.substr(0, data_type.find('.')); }

bool valid_type(std::string_view data_type) {
  const std::string_view base = base_type(data_type);
  return data_type.size() <= type_bytes_max && (base == "String" || base == "Number" || base == "Binary");
}

std::optional<ServiceError> check_value(const std::string& name, const api::MessageAttributeValue& value) {
  const std::string& type = *value.data_type;
  const bool binary = is_binary(type);
  const std::optional<std::string>& right = binary ? value.binary_value : value.string_value;
  const std::optional<std::string>& wrong = binary ? value.string_value : value.binary_value;
  if (!right && wrong) {
    return invalid_parameter_value(fmt::format("The message (user) attribute '{}' with type '{}' must use field '{}'.",
                                               name, base_type(type), binary ? "Binary" : "String"));
  }
  if (!right || right->empty()) {
    return invalid_parameter_value(fmt::format(
        "Message (user) attribute '{}' must contain a non-empty value of type '{}'.", name, base_type(type)));
  }
  if (!binary && !allowed_characters(*right)) {
    return invalid_parameter_value(
        fmt::format("Invalid binary character was found in the message (user) attribute "
                    "'{}' value, the set of allowed characters is #x9 | #xA | #xD | [#x20 "
                    "to #xD7FF] | [#xE000 to #xFFFD] | [#x10000 to #x10FFFF]",
                    name));
  }
  if (base_type(type) == "Number" && !is_sqs_number(*right)) {
    return invalid_parameter_value(
        fmt::format("Can't cast the value of message (user) attribute '{}' to a number.", name));
  }
  return std::nullopt;
}

std::optional<ServiceError> check_attribute(const std::string& name, const api::MessageAttributeValue& value) {
  if (std::optional<ServiceError> error = check_name(name)) {
    return error;
  }
  const bool lists = (value.string_list_values && !value.string_list_values->empty()) ||
                     (value.binary_list_values && !value.binary_list_values->empty());
  if (lists) {
    return unsupported_operation("Message attribute list values in SendMessage operation are not supported.");
  }
  if (!value.data_type || value.data_type->empty()) {
    return invalid_parameter_value(
        fmt::format("The message attribute '{}' must contain non-empty message attribute type.", name));
  }
  if (!valid_type(*value.data_type)) {
    return invalid_parameter_value(
        fmt::format("The type of message (user) attribute '{}' is invalid. You must use only the following supported "
                    "type prefixes: Binary, Number, String.",
                    name));
  }
  return check_value(name, value);
}

void append_length(std::string& out, std::size_t length) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>((length >> shift) & 0xff));
  }
}

void append_counted(std::string& out, std::string_view text) {
  append_length(out, text.size());
  out.append(text);
}

}  // namespace

bool is_binary(std::string_view data_type) { return base_type(data_type) == "Binary"; }

std::optional<ServiceError> check_attributes(const Attributes& attributes) {
  if (attributes.size() > attributes_max) {
    return invalid_parameter_value(fmt::format("Number of message attributes [{}] exceeds the allowed maximum [{}].",
                                               attributes.size(), attributes_max));
  }
  for (const auto& [name, value] : attributes) {
    if (std::optional<ServiceError> error = check_attribute(name, value)) {
      return error;
    }
  }
  return std::nullopt;
}

std::size_t size_of(const Attributes& attributes) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : attributes) {
    bytes += name.size() + value.data_type.value_or("").size();
    bytes += value.string_value ? value.string_value->size() : 0;
    bytes += value.binary_value ? value.binary_value->size() : 0;
  }
  return bytes;
}

std::vector<queue::Header> to_headers(Attributes&& attributes) {
  std::vector<queue::Header> headers;
  headers.reserve(attributes.size());
  for (auto& [name, value] : attributes) {
    const bool binary = is_binary(*value.data_type);
    headers.push_back(
        {name, std::move(*value.data_type), std::move(binary ? *value.binary_value : *value.string_value)});
  }
  return headers;
}

std::string md5_of(std::span<const queue::Header> headers) {
  std::string encoded;
  for (const queue::Header& header : headers) {
    append_counted(encoded, header.name);
    append_counted(encoded, header.type);
    encoded.push_back(static_cast<char>(is_binary(header.type) ? Transport::binary : Transport::text));
    append_counted(encoded, header.value);
  }
  return hex(md5(encoded));
}

AttributeFilter::AttributeFilter(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (name == "All" || name == ".*" || name == "*") {
      all_ = true;
    } else if (name.ends_with(".*")) {
      prefixes_.push_back(name.substr(0, name.size() - 2));
    } else {
      names_.push_back(name);
    }
  }
  for (std::vector<std::string>* list : {&prefixes_, &names_}) {
    std::ranges::sort(*list);
    list->erase(std::ranges::unique(*list).begin(), list->end());
  }
}

bool AttributeFilter::wants(std::string_view name) const {
  return all_ || std::ranges::binary_search(names_, name, std::less<>()) ||
         std::ranges::any_of(prefixes_, [&](const std::string& prefix) { return name.starts_with(prefix); });
}

}  // namespace sluice::sqs
