#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "wire/http1.h"

namespace sluice::aws::http {

/// How clients reach us, as far as it is not what they say themselves.
struct Origin {
  std::string public_url;                    ///< "https://sqs.example.com"; empty: the request tells
  std::vector<std::string> trusted_proxies;  ///< addresses whose X-Forwarded-* count; "*": all
};

/// Scheme, host and port by which this client reached us: "http://localhost:4566". `local` is used when the request
/// names no usable host.
std::string endpoint_of(const Origin& origin, const wire::HttpRequest& request, std::string_view peer, bool secure,
                        std::string_view local);

/// Who is at the other end, with trusted proxies looked through.
struct Client {
  std::string address;  ///< "192.0.2.7"
  bool secure = false;  ///< came over TLS
};
Client client_of(const Origin& origin, const wire::HttpRequest& request, std::string_view peer, bool secure);

}  // namespace sluice::aws::http
