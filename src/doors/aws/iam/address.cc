#include "doors/aws/iam/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace sluice::iam {
namespace {

constexpr std::size_t v4_bytes = 4;
constexpr std::size_t v6_bytes = 16;
constexpr std::array<std::uint8_t, 12> v4_in_v6 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

std::optional<AddressRange::Address> AddressRange::parse_address(std::string_view text) {
  Address address;
  const std::string ended(text);
  if (inet_pton(AF_INET, ended.c_str(), address.bytes.data()) == 1) {
    address.size = v4_bytes;
    return address;
  }
  if (inet_pton(AF_INET6, ended.c_str(), address.bytes.data()) != 1) {
    return std::nullopt;
  }
  address.size = v6_bytes;
  if (std::equal(v4_in_v6.begin(), v4_in_v6.end(), address.bytes.begin())) {
    std::copy(address.bytes.begin() + v4_in_v6.size(), address.bytes.end(), address.bytes.begin());
    address.size = v4_bytes;
  }
  return address;
}

std::optional<AddressRange> AddressRange::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::optional<Address> first = parse_address(text.substr(0, slash));
  if (!first) {
    return std::nullopt;
  }
  AddressRange range;
  range.first_ = *first;
  range.prefix_bits_ = first->size * 8;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    std::size_t bits = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error != std::errc() || end != digits.data() + digits.size() || bits > range.prefix_bits_) {
      return std::nullopt;
    }
    range.prefix_bits_ = bits;
  }
  return range;
}

bool AddressRange::contains(std::string_view address) const {
  const std::optional<Address> other = parse_address(address);
  if (!other || other->size != first_.size) {
    return false;
  }
  for (std::size_t bit = 0; bit < prefix_bits_; bit += 8) {
    const std::size_t bits = std::min<std::size_t>(8, prefix_bits_ - bit);
    const unsigned mask = 0xffU << (8 - bits) & 0xffU;
    if (((first_.bytes[bit / 8] ^ other->bytes[bit / 8]) & mask) != 0) {
      return false;
    }
  }
  return true;
}

}  // namespace sluice::iam
