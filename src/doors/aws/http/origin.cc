#include "doors/aws/http/origin.h"

#include <algorithm>

namespace sluice::aws::http {
namespace {

constexpr std::size_t host_bytes_max = 260;

// It ends up in queue URLs, so nothing but a host and a port passes.
bool is_host(std::string_view text) {
  const auto good = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' ||
           c == '_' || c == ':' || c == '[' || c == ']';
  };
  return !text.empty() && text.size() <= host_bytes_max && std::all_of(text.begin(), text.end(), good);
}

std::string_view address_of(std::string_view peer) {
  std::string_view address = peer.substr(0, peer.rfind(':'));
  if (address.starts_with('[') && address.ends_with(']')) {
    address = address.substr(1, address.size() - 2);
  }
  return address;
}

bool is_trusted_address(const Origin& origin, std::string_view address) {
  return std::any_of(origin.trusted_proxies.begin(), origin.trusted_proxies.end(),
                     [&](const std::string& proxy) { return proxy == "*" || proxy == address; });
}

bool is_trusted(const Origin& origin, std::string_view peer) { return is_trusted_address(origin, address_of(peer)); }

// The last that no trusted proxy is; proxies append whom they serve.
std::string_view last_unknown(const Origin& origin, std::string_view list) {
  while (true) {
    const std::size_t comma = list.rfind(',');
    std::string_view last = comma == std::string_view::npos ? list : list.substr(comma + 1);
    last.remove_prefix(std::min(last.find_first_not_of(' '), last.size()));
    if (comma == std::string_view::npos || !is_trusted_address(origin, last)) {
      return last;
    }
    list = list.substr(0, comma);
  }
}

// Proxies append to these: the first entry is what the client said.
std::string_view first_of(std::string_view list) {
  std::string_view first = list.substr(0, list.find(','));
  while (!first.empty() && first.back() == ' ') {
    first.remove_suffix(1);
  }
  return first;
}

}  // namespace

Client client_of(const Origin& origin, const wire::HttpRequest& request, std::string_view peer, bool secure) {
  Client client{std::string(address_of(peer)), secure};
  if (!origin.trusted_proxies.empty() && is_trusted(origin, peer)) {
    const std::string_view proto = first_of(request.header("X-Forwarded-Proto"));
    client.secure = proto.empty() ? secure : proto == "https";
    if (const std::string_view last = last_unknown(origin, request.header("X-Forwarded-For")); !last.empty()) {
      client.address = last;
    }
  }
  return client;
}

std::string endpoint_of(const Origin& origin, const wire::HttpRequest& request, std::string_view peer, bool secure,
                        std::string_view local) {
  if (!origin.public_url.empty()) {
    return origin.public_url;
  }
  std::string_view scheme = secure ? "https" : "http";
  std::string host(is_host(request.header("Host")) ? request.header("Host") : local);
  if (!origin.trusted_proxies.empty() && is_trusted(origin, peer)) {
    const std::string_view proto = first_of(request.header("X-Forwarded-Proto"));
    scheme = proto == "https" || proto == "http" ? proto : scheme;
    const std::string_view forwarded = first_of(request.header("X-Forwarded-Host"));
    if (is_host(forwarded)) {
      host = forwarded;
    }
    const std::string_view port = first_of(request.header("X-Forwarded-Port"));
    const bool usual = (scheme == "http" && port == "80") || (scheme == "https" && port == "443");
    if (!port.empty() && port.size() <= 5 && !usual && host.rfind(':') == std::string::npos &&
        std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; })) {
      host.append(":").append(port);
    }
  }
  return std::string(scheme).append("://").append(host);
}

}  // namespace sluice::aws::http
