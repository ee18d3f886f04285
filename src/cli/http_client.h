#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "wire/http1.h"

namespace sluice::cli {

/// Where a server is reached.
struct Endpoint {
  bool secure = false;
  std::string host;  ///< a name or an address, without brackets
  std::string port;
  std::string path;  ///< before that of each request; empty, or "/prefix"

  /// As the Host header says it: without the scheme's usual port.
  std::string authority() const;
};

/// "http://host[:port][/prefix]" or https; nullopt when it is neither.
std::optional<Endpoint> read_endpoint(std::string_view url);

/// One connection to one server, kept between requests; HTTP/1.1, TLS checked against the system's authorities or those
/// of `ca_file` (PEM; empty: the system's).
/// Blocking: for the command line only. Errors are sentences for the user.
class HttpClient {
 public:
  HttpClient(Endpoint endpoint, Seconds patience, std::string ca_file = {});
  ~HttpClient();

  /// Sends what `head` and `body` are, whole ("POST / HTTP/1.1\r\n…\r\n\r\n"), and reads the reply. A kept connection
  /// that turns out to be closed is opened once more.
  std::expected<wire::HttpResponse, std::string> exchange(std::string_view head, std::string_view body);

  const Endpoint& endpoint() const { return endpoint_; }

 private:
  struct Connection;
  std::expected<void, std::string> connect();

  Endpoint endpoint_;
  Seconds patience_;
  std::string ca_file_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace sluice::cli
