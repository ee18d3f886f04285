#include "doors/aws/http/reply.h"

#include <charconv>

namespace sluice::aws::http {
namespace {

void append_number(std::string& out, std::size_t number) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

}  // namespace

void write_reply(std::string& out, const wire::HttpResponse& response, const ReplyManner& manner) {
  if (response.status == 200) {
    out.append("HTTP/1.1 200 OK\r\n");
  } else {
    out.append("HTTP/1.1 ");
    append_number(out, response.status);
    out.append(" ").append(wire::reason_phrase(response.status)).append("\r\n");
  }
  out.append(manner.date_line);
  out.append("x-amzn-RequestId: ").append(manner.request_id).append("\r\n").append(response.header_lines);
  if (response.status != 204) {
    out.append("Content-Length: ");
    append_number(out, response.body.size());
    out.append("\r\n");
  }
  out.append(manner.close        ? "Connection: close\r\n\r\n"
             : manner.keep_alive ? "Connection: keep-alive\r\n\r\n"
                                 : "\r\n");
  if (!manner.head_only) {
    out.append(response.body);
  }
}

wire::HttpResponse response_of(const Fault& fault) {
  wire::HttpResponse response{.status = fault.status, .body = body_of(fault), .header_lines = {}};
  response.add_header("Content-Type", "application/json");
  if (fault.retry) {
    response.add_header("Retry-After", "1");
  }
  return response;
}

void write_fault(std::string& out, const Fault& fault, std::string_view request_id, std::string_view date_line) {
  write_reply(out, response_of(fault), {.request_id = request_id, .date_line = date_line, .close = true});
}

}  // namespace sluice::aws::http
