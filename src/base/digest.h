#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

using Md5 = std::array<unsigned char, 16>;
using Sha256 = std::array<unsigned char, 32>;

Md5 md5(std::string_view bytes);
Sha256 sha256(std::string_view bytes);
Sha256 hmac_sha256(std::string_view key, std::string_view bytes);

/// CRC-32C (Castagnoli) continued from `seed`: crc32c(a+b) == crc32c(b, crc32c(a)).
std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed = 0);

/// A stable 64-bit hash for placement on disk and between nodes: never changes between versions.
std::uint64_t stable_hash(std::string_view bytes);

/// Lower-case hexadecimal.
std::string hex(std::string_view bytes);
template <std::size_t N>
std::string hex(const std::array<unsigned char, N>& digest) {
  return hex(std::string_view(reinterpret_cast<const char*>(digest.data()), N));
}

template <std::size_t N>
std::string_view as_bytes(const std::array<unsigned char, N>& digest) {
  return {reinterpret_cast<const char*>(digest.data()), N};
}

std::string base64_encode(std::string_view bytes);
/// Padding required, no white space; nullopt when malformed.
std::optional<std::string> base64_decode(std::string_view text);
/// The URL-safe alphabet without padding (RFC 4648 §5).
std::string base64url_encode(std::string_view bytes);
std::optional<std::string> base64url_decode(std::string_view text);

/// Equal bytes, in a time that depends on the length only.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace sluice
