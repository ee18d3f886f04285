#include "doors/aws/http/cors.h"

#include <algorithm>

#include "io/socket.h"

namespace sluice::aws::http {
namespace {

constexpr std::string_view any_origin = "*";
constexpr std::string_view loopback_origins = "loopback";
// What SDKs in browsers look at in replies.
constexpr std::string_view exposed =
    "x-amzn-RequestId, x-amzn-query-error, x-amzn-ErrorType, x-amzn-trace-id, x-amz-crc32, smithy-protocol, Date, "
    "Retry-After";
constexpr std::string_view preflight_seconds = "86400";

std::string_view host_of(std::string_view origin) {
  const std::size_t scheme = origin.find("://");
  std::string_view host = scheme == std::string_view::npos ? std::string_view() : origin.substr(scheme + 3);
  if (host.starts_with('[')) {
    return host.substr(1, std::min(host.find(']'), host.size()) - 1);
  }
  return host.substr(0, host.find(':'));
}

bool is_loopback(std::string_view origin) {
  const std::string_view host = host_of(origin);
  return host == "localhost" || host.ends_with(".localhost") ||
         (!host.empty() && io::Endpoint{std::string(host), 0}.is_loopback());
}

}  // namespace

bool allows(const Cors& cors, std::string_view origin) {
  return std::ranges::any_of(cors.origins, [&](const std::string& allowed) {
    return allowed == any_origin || allowed == origin || (allowed == loopback_origins && is_loopback(origin));
  });
}

void allow_reading(wire::HttpResponse& response, std::string_view origin) {
  response.add_header("Access-Control-Allow-Origin", origin);
  response.add_header("Access-Control-Expose-Headers", exposed);
  response.add_header("Vary", "Origin");
}

void allow_sending(wire::HttpResponse& response, const wire::HttpRequest& preflight, std::string_view methods) {
  response.add_header("Access-Control-Allow-Methods", methods);
  if (const wire::HttpHeader* wanted = preflight.find("Access-Control-Request-Headers")) {
    response.add_header("Access-Control-Allow-Headers", wanted->value);
  }
  if (preflight.find("Access-Control-Request-Private-Network") != nullptr) {
    response.add_header("Access-Control-Allow-Private-Network", "true");
  }
  response.add_header("Access-Control-Max-Age", preflight_seconds);
}

}  // namespace sluice::aws::http
