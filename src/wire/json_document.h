#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>

// The only header that brings simdjson; include it from .cc files alone.
namespace sluice::wire {

/// Objects and arrays inside each other; deeper is malformed.
inline constexpr std::size_t json_depth_max = 64;
/// A parser that read more than this gives its buffers back afterwards.
inline constexpr std::size_t json_buffer_bytes_kept_max = 512 * 1024;

/// Reads one whole JSON document, all of it checked (syntax, UTF-8, depth). Keeps its buffers for the next: make one
/// per thread and use it through JsonDocument.
class JsonReader {
 public:
  /// The root; valid until the next `read` or `release`.
  simdjson::simdjson_result<simdjson::dom::element> read(std::string_view text);
  /// Drops buffers that a large document left behind.
  void release();
  /// This thread's.
  static JsonReader& local();

 private:
  simdjson::dom::parser parser_;
  std::string padded_;  ///< the text, and the bytes behind it that simdjson may look at
};

}  // namespace sluice::wire
