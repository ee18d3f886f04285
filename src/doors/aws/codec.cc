#include "doors/aws/codec.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "base/check.h"
#include "wire/json.h"

namespace sluice::aws {

const Codec& codec_of(Encoding encoding) {
  switch (encoding) {
    case Encoding::aws_json:
      return aws_json_codec;
    case Encoding::query_xml:
      return query_xml_codec;
    case Encoding::query_json:
      return query_json_codec;
    case Encoding::rest_json:
      return rest_json_codec;
    case Encoding::aws_cbor:
      return aws_cbor_codec;
    case Encoding::rpc_cbor:
      return rpc_cbor_codec;
  }
  std::unreachable();
}

std::string_view message_of(const ServiceError& error, bool query) {
  if (!error.message.empty()) {
    return error.message;
  }
  return query && !error.shape->query_message.empty() ? error.shape->query_message : error.shape->message;
}

std::string type_name_of(const Call& call, const ErrorShape& shape) {
  std::string_view name_space = shape.name_space;
  if (name_space.empty() && call.service != nullptr) {
    name_space = call.service->error_namespace;
  }
  return name_space.empty() ? std::string(shape.shape) : fmt::format("{}#{}", name_space, shape.shape);
}

const Member* find_body_member(const Shape& shape, std::string_view wire_name) {
  for (const Member& member : shape.members) {
    if (member.wire_name == wire_name && member.place == Place::body) {
      return &member;
    }
  }
  return nullptr;
}

const void* find_in_body(const Member& member, const void* value, bool omit_empty) {
  const Shape& shape = *member.shape;
  const void* field = shape.access->get(static_cast<const char*>(value) + member.offset);
  if (field == nullptr || member.place != Place::body) {
    return nullptr;
  }
  const bool empty = (shape.type == Type::list && shape.list->size(field) == 0) ||
                     (shape.type == Type::map && shape.map->size(field) == 0);
  return omit_empty && empty ? nullptr : field;
}

void append_scalar(std::string& out, const Shape& shape, const void* value) {
  switch (shape.type) {
    case Type::boolean:
      out.append(*static_cast<const bool*>(value) ? "true" : "false");
      return;
    case Type::integer:
      return wire::append_json_number(out, std::int64_t{*static_cast<const std::int32_t*>(value)});
    case Type::long_integer:
      return wire::append_json_number(out, *static_cast<const std::int64_t*>(value));
    case Type::floating:
      return wire::append_json_number(out, *static_cast<const double*>(value));
    default:
      check(false, "only booleans and numbers are scalars");
  }
}

void append_iso8601(std::string& out, Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                 clock.minutes().count(), clock.seconds().count());
  if (clock.subseconds().count() != 0) {
    fmt::format_to(std::back_inserter(out), ".{:03}", clock.subseconds().count());
  }
  out.push_back('Z');
}

namespace {

/// Reads exactly `count` digits at `at`, then steps over them and the separator behind.
bool digits(std::string_view text, std::size_t& at, std::size_t count, int& value) {
  if (text.size() < at + count) {
    return false;
  }
  const char* end = text.data() + at + count;
  const auto read = std::from_chars(text.data() + at, end, value);
  at += count + 1;
  return read.ec == std::errc() && read.ptr == end && value >= 0;
}

/// ".123456" to milliseconds; further digits are dropped. False when it is no fraction.
bool milliseconds(std::string_view fraction, int& value) {
  value = 0;
  int unit = 100;
  for (const char digit : fraction.substr(1)) {
    if (digit < '0' || digit > '9') {
      return false;
    }
    value += (digit - '0') * unit;
    unit /= 10;
  }
  return fraction.size() > 1;
}

}  // namespace

std::optional<Time> read_iso8601(std::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, fraction = 0;
  std::size_t at = 0;
  const bool fields = digits(text, at, 4, year) && digits(text, at, 2, month) && digits(text, at, 2, day) &&
                      digits(text, at, 2, hour) && digits(text, at, 2, minute) && digits(text, at, 2, second);
  constexpr std::string_view pattern = "0000-00-00T00:00:00";
  if (!fields || text.back() != 'Z' || text.size() <= pattern.size() || text[4] != '-' || text[7] != '-' ||
      text[10] != 'T' || text[13] != ':' || text[16] != ':') {
    return std::nullopt;
  }
  const std::string_view rest = text.substr(pattern.size(), text.size() - pattern.size() - 1);
  if (!rest.empty() && (rest[0] != '.' || !milliseconds(rest, fraction))) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) {
    return std::nullopt;
  }
  return Time(std::chrono::sys_days(date)) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second) + Milliseconds(fraction);
}

}  // namespace sluice::aws
