#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "wire/http1.h"

namespace sluice::aws::http {

/// Which web pages may use us through their visitor's browser (the Fetch standard's CORS).
struct Cors {
  /// "https://example.com:8080", "loopback" (any page served from the visitor's own machine) or "*"; empty: none.
  std::vector<std::string> origins;
  /// Requests from other pages are refused, instead of answered so that the page cannot read it: where a request needs
  /// no credentials, its arrival alone would do harm.
  bool refuses_others = false;
};

bool allows(const Cors& cors, std::string_view origin);

/// What the browser must read to give the reply to the page of that origin, which must be allowed.
void allow_reading(wire::HttpResponse& response, std::string_view origin);
/// What it must read before it sends the request that this preflight announces.
void allow_sending(wire::HttpResponse& response, const wire::HttpRequest& preflight, std::string_view methods);

}  // namespace sluice::aws::http
