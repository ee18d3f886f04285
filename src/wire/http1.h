#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// HTTP/1.0 and 1.1 (RFC 9112): requests out of bytes, responses into bytes. No sockets, no clock.
namespace sluice::wire {

struct HttpHeader {
  std::string_view name;   ///< as sent
  std::string_view value;  ///< without white space around it
};

/// One whole request. All views point into the reader's buffer (the body perhaps into another one) and stay valid until
/// the reply is given.
struct HttpRequest {
  std::string_view method;
  std::string_view path;            ///< of the target, still percent-encoded, without scheme and authority; never empty
  std::string_view query;           ///< what follows the first '?', raw; empty when there is none
  std::vector<HttpHeader> headers;  ///< in the order sent
  std::string_view body;            ///< unchunked and inflated
  std::string_view sent_body;       ///< unchunked, as it came: what a signature is over
  int minor_version = 1;            ///< of HTTP/1

  /// The first header of that name (any case), nullptr when there is none.
  const HttpHeader* find(std::string_view name) const;
  /// Its value, empty when there is none.
  std::string_view header(std::string_view name) const;
};

/// A reply as the door makes it. The connection adds Content-Length, Date, Connection, Retry-After and
/// x-amzn-RequestId by itself.
struct HttpResponse {
  std::uint16_t status = 200;
  std::string body;
  std::string header_lines;  ///< "Name: value\r\n", one after another

  /// Bytes in `value` that would end the line are left out.
  void add_header(std::string_view name, std::string_view value);
  /// The value of the first header of that name (any case), empty when there is none.
  std::string_view header(std::string_view name) const;
};

/// ASCII, any case.
bool equal_ignoring_case(std::string_view a, std::string_view b);

/// "Not Found" for 404; a general word for a status without a row.
std::string_view reason_phrase(std::uint16_t status);

}  // namespace sluice::wire
