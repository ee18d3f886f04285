#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "wire/gzip.h"
#include "wire/http1_reader.h"

namespace sluice::aws::http {

/// What goes wrong before a service is known: our own table, the same for every service.
struct Fault {
  std::uint16_t status;
  std::string_view message;
  bool retry = false;  ///< Retry-After: 1
};

extern const Fault malformed_request;
extern const Fault request_timeout;
extern const Fault body_too_large;
extern const Fault unknown_content_encoding;
extern const Fault malformed_gzip;
extern const Fault method_not_allowed;
extern const Fault foreign_origin;
extern const Fault too_many_connections;
extern const Fault buffers_full;

const Fault& fault_of(wire::HttpFault fault);
const Fault& fault_of(wire::GzipFault fault);

/// {"message": "…"}
std::string body_of(const Fault& fault);

}  // namespace sluice::aws::http
