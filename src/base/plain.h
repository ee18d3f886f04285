#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace sluice {

/// How many bytes from the start are neither control characters (below 0x20) nor one of `Special`. Looks at eight bytes
/// at once: what is sent is nearly always plain, and is looked through several times on its way.
template <unsigned char... Special>
std::size_t plain_length(std::string_view text) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t highs = 0x8080808080808080;
  const auto has_zero = [](std::uint64_t x) { return (x - ones) & ~x & highs; };
  std::size_t at = 0;
  for (; at + sizeof(std::uint64_t) <= text.size(); at += sizeof(std::uint64_t)) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + at, sizeof word);
    // May also say yes for a byte above one that is; the slow loop looks again.
    const std::uint64_t control = (word - ones * 0x20) & ~word & highs;
    if ((control | ... | has_zero(word ^ (ones * Special))) != 0) {
      break;
    }
  }
  const auto plain = [](unsigned char byte) { return byte >= 0x20 && ((byte != Special) && ...); };
  while (at < text.size() && plain(static_cast<unsigned char>(text[at]))) {
    ++at;
  }
  return at;
}

}  // namespace sluice
