#include "server/health.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "server/access.h"
#include "server/environment.h"

namespace sluice::server {
namespace {

constexpr int unhealthy = 1;
constexpr int bad_usage = 2;
constexpr timeval patience{2, 0};
constexpr std::string_view scheme = "http://";

struct Place {
  std::string host;
  std::string port;
};

std::expected<Place, std::string> place_of(std::span<const std::string> arguments) {
  if (!arguments.empty() && arguments[0].starts_with(scheme)) {
    std::string_view rest = std::string_view(arguments[0]).substr(scheme.size());
    rest = rest.substr(0, rest.find('/'));
    const std::size_t colon = rest.rfind(':');
    return Place{std::string(rest.substr(0, colon)),
                 colon == std::string_view::npos ? "80" : std::string(rest.substr(colon + 1))};
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
  return Place{everywhere ? "127.0.0.1" : first.host, std::to_string(first.port)};
}

int connect_to(const Place& place) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(place.host.c_str(), place.port.c_str(), &hints, &found) != 0) {
    return -1;
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, freeaddrinfo);
  const int socket = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (socket >= 0 && ::connect(socket, found->ai_addr, found->ai_addrlen) != 0) {
    ::close(socket);
    return -1;
  }
  return socket;
}

}  // namespace

int health(std::span<const std::string> arguments) {
  const auto place = place_of(arguments);
  if (!place) {
    std::fprintf(stderr, "sluice: %s\n", place.error().c_str());
    return bad_usage;
  }
  const std::string question =
      fmt::format("GET /health HTTP/1.1\r\nHost: {}:{}\r\nConnection: close\r\n\r\n", place->host, place->port);
  const int socket = connect_to(*place);
  char answer[64] = "";
  const bool answered = socket >= 0 && ::send(socket, question.data(), question.size(), MSG_NOSIGNAL) > 0 &&
                        ::recv(socket, answer, sizeof answer - 1, 0) > 0;
  if (socket >= 0) {
    ::close(socket);
  }
  if (answered && std::string_view(answer).starts_with("HTTP/1.1 200")) {
    return 0;
  }
  std::fprintf(stderr, "sluice: no healthy server at %s:%s\n", place->host.c_str(), place->port.c_str());
  return unhealthy;
}

}  // namespace sluice::server
