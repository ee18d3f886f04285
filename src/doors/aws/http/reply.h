#pragma once

#include <string>
#include <string_view>

#include "doors/aws/http/faults.h"
#include "wire/http1.h"

namespace sluice::aws::http {

/// How a reply is put on the wire.
struct ReplyManner {
  std::string_view request_id;
  std::string_view date_line;  ///< "Date: …\r\n"
  bool head_only = false;      ///< the request was a HEAD
  bool close = false;          ///< "Connection: close"
  bool keep_alive = false;     ///< HTTP/1.0 needs to be told
};

/// Appends the whole reply.
void write_reply(std::string& out, const wire::HttpResponse& response, const ReplyManner& manner);

/// Appends the reply to a fault after which the connection closes.
void write_fault(std::string& out, const Fault& fault, std::string_view request_id, std::string_view date_line);

/// The reply to a fault after which it may go on.
wire::HttpResponse response_of(const Fault& fault);

}  // namespace sluice::aws::http
