#include "wire/cbor.h"

#include <bit>
#include <cmath>
#include <limits>

#include "wire/json.h"

namespace sluice::wire {
namespace {

using Kind = CborItem::Kind;

// Major types (RFC 8949 §3.1) and the words of the additional information.
enum Major : std::uint8_t { positive, negative, byte_string, text_string, array, map, tag, simple_or_float };
constexpr std::uint8_t info_one_byte = 24;
constexpr std::uint8_t info_eight_bytes = 27;
constexpr std::uint8_t info_indefinite = 31;
constexpr std::uint8_t simple_false = 20, simple_true = 21, simple_null = 22, simple_undefined = 23;
constexpr std::uint8_t float_half = 25, float_single = 26, float_double = 27;
constexpr std::uint8_t break_byte = 0xff;

// RFC 8949, appendix D.
double half_to_double(std::uint64_t half) {
  const auto exponent = static_cast<int>(half >> 10 & 0x1f);
  const auto mantissa = static_cast<double>(half & 0x3ff);
  const double value = exponent == 0    ? std::ldexp(mantissa, -24)
                       : exponent != 31 ? std::ldexp(mantissa + 1024, exponent - 25)
                       : mantissa == 0  ? std::numeric_limits<double>::infinity()
                                        : std::numeric_limits<double>::quiet_NaN();
  return (half & 0x8000) != 0 ? -value : value;
}

void append_head(std::string& out, Major major, std::uint64_t value) {
  const auto first = static_cast<std::uint8_t>(major << 5);
  if (value < info_one_byte) {
    out.push_back(static_cast<char>(first | value));
    return;
  }
  const unsigned size_log = value <= 0xff ? 0 : value <= 0xffff ? 1 : value <= 0xffff'ffff ? 2 : 3;
  out.push_back(static_cast<char>(first | (info_one_byte + size_log)));
  for (int shift = (8 << size_log) - 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(value >> shift & 0xff));
  }
}

}  // namespace

CborItem CborReader::fail() {
  in_ = {};
  at_ = 0;
  return {};
}

std::optional<CborReader::Head> CborReader::head() {
  if (at_ >= in_.size()) {
    return std::nullopt;
  }
  const auto first = static_cast<std::uint8_t>(in_[at_++]);
  Head head{static_cast<std::uint8_t>(first >> 5), static_cast<std::uint8_t>(first & 0x1f), 0, false};
  if (head.info < info_one_byte) {
    head.value = head.info;
    return head;
  }
  if (head.info > info_eight_bytes) {
    head.indefinite = head.info == info_indefinite;
    return head.indefinite ? std::optional(head) : std::nullopt;
  }
  const std::size_t bytes = std::size_t{1} << (head.info - info_one_byte);
  if (remaining() < bytes) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < bytes; ++i) {
    head.value = head.value << 8 | static_cast<std::uint8_t>(in_[at_++]);
  }
  return head;
}

// A string without a length: pieces of the same kind, each with one, until the end.
bool CborReader::pieces(std::uint8_t major) {
  joined_.clear();
  while (true) {
    if (at_ < in_.size() && static_cast<std::uint8_t>(in_[at_]) == break_byte) {
      ++at_;
      return true;
    }
    const auto piece = head();
    if (!piece || piece->major != major || piece->indefinite || piece->value > remaining()) {
      return false;
    }
    joined_.append(in_.substr(at_, piece->value));
    at_ += piece->value;
  }
}

bool CborReader::string(const Head& head, CborItem& item) {
  if (head.indefinite) {
    if (!pieces(head.major)) {
      return false;
    }
    item.view = joined_;
  } else {
    if (head.value > remaining()) {
      return false;
    }
    item.view = in_.substr(at_, head.value);
    at_ += head.value;
  }
  return head.major == byte_string || is_utf8(item.view);
}

CborItem CborReader::simple(const Head& head) {
  CborItem item;
  if (head.indefinite) {
    item.kind = Kind::end;
    return item;
  }
  switch (head.info) {
    case simple_false:
    case simple_true:
      item.kind = Kind::boolean;
      item.boolean = head.info == simple_true;
      return item;
    case simple_null:
    case simple_undefined:
      item.kind = Kind::null;
      return item;
    case float_half:
      item.number = half_to_double(head.value);
      break;
    case float_single:
      item.number = static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(head.value)));
      break;
    case float_double:
      item.number = std::bit_cast<double>(head.value);
      break;
    default:
      return fail();
  }
  item.kind = Kind::number;
  return item;
}

CborItem CborReader::next() {
  CborItem item;
  auto found = head();
  while (found && found->major == tag && !found->indefinite) {
    item.tag = found->value;
    found = head();
  }
  if (!found) {
    return fail();
  }
  const bool has_end = found->major == byte_string || found->major == text_string || found->major == array ||
                       found->major == map || found->major == simple_or_float;
  if (found->indefinite && !has_end) {
    return fail();
  }
  switch (found->major) {
    case positive:
    case negative: {
      const bool fits = found->value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
      const double size = static_cast<double>(found->value);
      item.kind = fits ? Kind::integer : Kind::number;
      item.number = found->major == positive ? size : -1 - size;
      item.integer = !fits                      ? 0
                     : found->major == positive ? static_cast<std::int64_t>(found->value)
                                                : -1 - static_cast<std::int64_t>(found->value);
      return item;
    }
    case byte_string:
    case text_string:
      item.kind = found->major == text_string ? Kind::text : Kind::bytes;
      return string(*found, item) ? item : fail();
    case array:
    case map:
      item.kind = found->major == array ? Kind::array : Kind::map;
      if (!found->indefinite) {
        item.count = found->value;
      }
      return item;
    default: {
      CborItem last = simple(*found);
      last.tag = item.tag;
      return last;
    }
  }
}

bool CborReader::skip(const CborItem& item, std::size_t depth) {
  if (item.kind == Kind::malformed || item.kind == Kind::end || depth > cbor_depth_max) {
    return false;
  }
  if (item.kind != Kind::array && item.kind != Kind::map) {
    return true;
  }
  const std::uint64_t per_place = item.kind == Kind::map ? 2 : 1;
  if (item.count && *item.count > remaining()) {
    return false;  // each takes a byte at least
  }
  for (std::uint64_t left = item.count ? *item.count * per_place : 0; !item.count || left > 0; --left) {
    const CborItem inner = next();
    if (!item.count && inner.kind == Kind::end) {
      return true;
    }
    if (!skip(inner, depth + 1)) {
      return false;
    }
  }
  return true;
}

void append_cbor_integer(std::string& out, std::int64_t value) {
  if (value < 0) {
    append_head(out, negative, static_cast<std::uint64_t>(-1 - value));
  } else {
    append_head(out, positive, static_cast<std::uint64_t>(value));
  }
}

void append_cbor_number(std::string& out, double value) {
  out.push_back(static_cast<char>(simple_or_float << 5 | float_double));
  const auto bits = std::bit_cast<std::uint64_t>(value);
  for (int shift = 56; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(bits >> shift & 0xff));
  }
}

void append_cbor_text(std::string& out, std::string_view text) {
  append_head(out, text_string, text.size());
  out.append(text);
}

void append_cbor_bytes(std::string& out, std::string_view bytes) {
  append_head(out, byte_string, bytes.size());
  out.append(bytes);
}

void append_cbor_boolean(std::string& out, bool value) {
  out.push_back(static_cast<char>(simple_or_float << 5 | (value ? simple_true : simple_false)));
}

void append_cbor_tag(std::string& out, std::uint64_t number) { append_head(out, tag, number); }
void append_cbor_array(std::string& out, std::uint64_t count) { append_head(out, array, count); }
void append_cbor_map(std::string& out, std::uint64_t count) { append_head(out, map, count); }

}  // namespace sluice::wire
