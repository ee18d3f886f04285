#include "doors/aws/http/faults.h"

#include "base/check.h"

namespace sluice::aws::http {

constexpr Fault malformed_request{400, "The request is not well-formed HTTP."};
constexpr Fault request_timeout{408, "The request took too long to arrive."};
constexpr Fault body_too_large{413, "The request body is too large."};
constexpr Fault unknown_content_encoding{415, "The Content-Encoding is not supported; use gzip or none."};
constexpr Fault malformed_gzip{400, "The request body is not well-formed gzip."};
constexpr Fault method_not_allowed{405, "The method is not supported."};
constexpr Fault foreign_origin{403, "Web pages of this origin may not use this server; see the setting cors_origins."};
constexpr Fault too_many_connections{503, "Too many connections. Retry later.", true};
constexpr Fault buffers_full{503, "The server's request buffers are full. Retry later.", true};

namespace {
constexpr Fault target_too_long{414, "The request target is too long."};
constexpr Fault head_too_large{431, "The request headers are too large."};
constexpr Fault unknown_expectation{417, "The only expectation supported is 100-continue."};
constexpr Fault unknown_transfer_coding{501, "The only Transfer-Encoding supported is chunked."};
constexpr Fault unknown_version{505, "The HTTP version is not supported; use HTTP/1.1."};
}  // namespace

const Fault& fault_of(wire::HttpFault fault) {
  switch (fault) {
    case wire::HttpFault::none:
      break;
    case wire::HttpFault::malformed:
      return malformed_request;
    case wire::HttpFault::target_too_long:
      return target_too_long;
    case wire::HttpFault::head_too_large:
      return head_too_large;
    case wire::HttpFault::body_too_large:
      return body_too_large;
    case wire::HttpFault::unknown_expectation:
      return unknown_expectation;
    case wire::HttpFault::unknown_transfer_coding:
      return unknown_transfer_coding;
    case wire::HttpFault::unknown_version:
      return unknown_version;
  }
  check(false, "a fault has a row");
  return malformed_request;
}

const Fault& fault_of(wire::GzipFault fault) {
  return fault == wire::GzipFault::too_large ? body_too_large : malformed_gzip;
}

std::string body_of(const Fault& fault) { return std::string("{\"message\": \"").append(fault.message).append("\"}"); }

}  // namespace sluice::aws::http
