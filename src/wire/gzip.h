#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::wire {

enum class GzipFault : std::uint8_t {
  none,
  malformed,  ///< not gzip, damaged, or cut short
  too_large,  ///< more than `bytes_max`, or swollen more than any real text is
};

/// Inflates a whole gzip text (RFC 1952, one or more members) into `out`, which is cleared first.
GzipFault gunzip(std::string_view bytes, std::size_t bytes_max, std::string& out);

/// Past `gzip_ratio_free_bytes` no text may be larger than this many times its compressed form.
inline constexpr std::size_t gzip_ratio_max = 200;
inline constexpr std::size_t gzip_ratio_free_bytes = 1U << 20;

}  // namespace sluice::wire
