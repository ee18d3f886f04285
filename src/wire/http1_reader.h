#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "wire/http1.h"

namespace sluice::wire {

struct HttpLimits {
  std::size_t target_bytes_max = 32U << 10;  ///< past it 414
  std::size_t head_bytes_max = 64U << 10;    ///< request line and headers, and trailers again; past it 431
  std::size_t headers_max = 128;             ///< past it 431
  std::size_t body_bytes_max = 8U << 20;     ///< unchunked; past it 413
};

/// Why a request cannot be read. After any of these the place where the next one begins is unknown.
enum class HttpFault : std::uint8_t {
  none,
  malformed,                ///< 400
  target_too_long,          ///< 414
  head_too_large,           ///< 431
  body_too_large,           ///< 413
  unknown_expectation,      ///< 417
  unknown_transfer_coding,  ///< 501
  unknown_version,          ///< 505
};

/// Reads one request after another out of the bytes of a connection, as they come in.
///
/// Strict where two readers could disagree about where a request ends: lines end with CRLF (a bare LF or CR is
/// malformed), no folded lines, no white space before a colon, exactly one Host in HTTP/1.1, at most one
/// Content-Length and only digits in it, Transfer-Encoding "chunked" alone and never beside a Content-Length.
class HttpReader {
 public:
  explicit HttpReader(const HttpLimits& limits) : limits_(limits) {}

  enum class Progress : std::uint8_t { more, whole, failed };

  /// Reads on. `bytes` begin where this request begins: the same bytes as at the last call, and more. Chunked bodies
  /// are put together in place, so bytes change and `size` may shrink; each byte is looked at once.
  Progress advance(char* bytes, std::size_t& size);

  HttpFault fault() const { return fault_; }
  /// The head was read whole: what is missing is body.
  bool has_head() const { return stage_ > Stage::headers; }
  /// The client waits for "100 Continue" before it sends the body. From the head until the request is whole.
  bool wants_continue() const { return expects_continue_ && has_head() && stage_ != Stage::whole; }
  /// Bytes of this request known to be still missing (0 while unknown): room worth having.
  std::size_t missing_bytes() const { return missing_; }

  /// After `whole`: the request, with views into `bytes`.
  void give(const char* bytes, HttpRequest& into) const;
  /// After `whole`: where the next request begins.
  std::size_t used() const { return at_; }
  /// After `whole`: the connection may carry another request.
  bool keeps_alive() const { return keeps_alive_; }

  /// Begins the next request.
  void reset();

 private:
  enum class Stage : std::uint8_t {
    request_line,
    headers,
    counted_body,
    chunk_size,
    chunk,
    chunk_end,
    trailers,
    whole
  };
  struct Span {
    std::uint32_t at = 0;
    std::uint32_t size = 0;
    std::string_view in(const char* bytes) const { return {bytes + at, size}; }
  };
  struct Field {
    Span name;
    Span value;
  };

  Progress fail(HttpFault fault);
  bool read_stage(char* bytes, std::size_t size);
  bool next_line(const char* bytes, std::size_t size, Span& line);
  bool line_of_head(const char* bytes, Span line);
  bool request_line(const char* bytes, Span line);
  bool target(const char* bytes, Span target);
  bool field(const char* bytes, Span line, Field& into);
  bool end_of_head(const char* bytes);
  bool understand(std::string_view name, std::string_view value);
  bool content_length(std::string_view value);
  bool connection(std::string_view value);
  bool chunk_size(std::string_view line);
  bool chunk_data(char* bytes, std::size_t size);
  void compact(char* bytes, std::size_t& size);

  HttpLimits limits_;
  Stage stage_ = Stage::request_line;
  HttpFault fault_ = HttpFault::none;
  bool expects_continue_ = false;
  bool keeps_alive_ = true;
  bool closes_ = false;  ///< "Connection: close" was seen
  bool chunked_ = false;
  bool has_length_ = false;
  std::uint8_t hosts_ = 0;
  int minor_version_ = 1;
  std::size_t at_ = 0;          ///< everything before is understood
  std::size_t searched_ = 0;    ///< no line end between at_ and here
  std::size_t line_bytes_ = 0;  ///< of the head so far, and later of the trailers
  std::size_t missing_ = 0;
  std::size_t chunk_left_ = 0;
  std::uint64_t length_ = 0;
  Span method_, path_, query_, body_;
  std::vector<Field> fields_;
};

}  // namespace sluice::wire
