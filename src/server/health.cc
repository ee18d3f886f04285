#include "server/health.h"

#include <fmt/format.h>

#include <cstdio>

#include "cli/http_client.h"
#include "server/access.h"
#include "server/environment.h"

namespace sluice::server {
namespace {

constexpr int unhealthy = 1;
constexpr int bad_usage = 2;
constexpr Seconds patience{2};

std::expected<cli::Endpoint, std::string> endpoint_of(std::span<const std::string> arguments) {
  if (!arguments.empty() && !arguments[0].starts_with("--")) {
    const auto endpoint = cli::read_endpoint(arguments[0]);
    return endpoint ? std::expected<cli::Endpoint, std::string>(*endpoint)
                    : std::unexpected(fmt::format("'{}' is not http://HOST:PORT or https://HOST:PORT", arguments[0]));
  }
  const auto config = read_config(arguments, environment);
  if (!config) {
    return std::unexpected(config.error());
  }
  const auto endpoints = endpoints_of(config->listen);
  if (!endpoints) {
    return std::unexpected(endpoints.error());
  }
  const io::Endpoint& first = endpoints->front();
  const bool everywhere = first.host == "0.0.0.0" || first.host == "::";
  return cli::Endpoint{false, everywhere ? "127.0.0.1" : first.host, std::to_string(first.port), ""};
}

}  // namespace

int health(std::span<const std::string> arguments) {
  const auto endpoint = endpoint_of(arguments);
  if (!endpoint) {
    std::fprintf(stderr, "sluice: %s\n", endpoint.error().c_str());
    return bad_usage;
  }
  cli::HttpClient client(*endpoint, patience);
  const auto answer = client.exchange(fmt::format("GET {}/health HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
                                                  endpoint->path, endpoint->authority()),
                                      "");
  if (answer && answer->status == 200) {
    return 0;
  }
  const std::string why = answer ? fmt::format("it answers {}", answer->status) : answer.error();
  std::fprintf(stderr, "sluice: no healthy server at %s: %s\n", endpoint->authority().c_str(), why.c_str());
  return unhealthy;
}

}  // namespace sluice::server
