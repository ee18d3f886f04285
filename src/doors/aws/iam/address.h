#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice::iam {

/// A block of IP addresses: "192.0.2.0/24", "2001:db8::/32", or one address.
class AddressRange {
 public:
  /// Nullopt when malformed.
  static std::optional<AddressRange> parse(std::string_view text);
  /// False too when `address` is none, or of the other family. IPv4 inside IPv6 ("::ffff:192.0.2.1") is IPv4.
  bool contains(std::string_view address) const;

 private:
  struct Address {
    std::array<std::uint8_t, 16> bytes{};
    std::size_t size = 0;  ///< 4 or 16
  };
  static std::optional<Address> parse_address(std::string_view text);

  Address first_;
  std::size_t prefix_bits_ = 0;
};

}  // namespace sluice::iam
