#include "cli/http_client.h"

#include <fmt/format.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

namespace sluice::cli {
namespace {

constexpr std::size_t head_bytes_max = 64 * 1024;
constexpr std::size_t body_bytes_max = 256U << 20;
constexpr std::size_t piece_bytes = 64 * 1024;
constexpr std::string_view end_of_head = "\r\n\r\n";

using Error = std::unexpected<std::string>;

std::string tls_problem() {
  const auto code = ERR_get_error();
  const char* reason = ERR_reason_error_string(code);  // none for errors of the system
  return code == 0 ? "it closed the connection" : reason != nullptr ? reason : std::strerror(ERR_GET_REASON(code));
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return out;
}

int dial(const Endpoint& endpoint, Seconds patience, std::string& problem) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int fault = getaddrinfo(endpoint.host.c_str(), endpoint.port.c_str(), &hints, &found); fault != 0) {
    problem = gai_strerror(fault);
    return -1;
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, freeaddrinfo);
  const timeval limit{patience.count(), 0};
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    const int socket = ::socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (socket >= 0 && ::connect(socket, at->ai_addr, at->ai_addrlen) == 0) {
      return socket;
    }
    problem = std::strerror(errno == EINPROGRESS ? ETIMEDOUT : errno);
    ::close(socket);
  }
  return -1;
}

}  // namespace

std::string Endpoint::authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == (secure ? "443" : "80") ? name : name + ":" + port;
}

std::optional<Endpoint> read_endpoint(std::string_view url) {
  Endpoint endpoint;
  endpoint.secure = url.starts_with("https://");
  if (!endpoint.secure && !url.starts_with("http://")) {
    return std::nullopt;
  }
  url.remove_prefix(url.find("//") + 2);
  const std::size_t slash = url.find('/');
  std::string_view authority = url.substr(0, slash);
  if (slash != std::string_view::npos) {
    endpoint.path = url.substr(slash, url.find_last_not_of('/') + 1 - slash);
  }
  const std::size_t colon = authority.rfind(':');
  const bool has_port = colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
  endpoint.port = has_port ? authority.substr(colon + 1) : std::string_view(endpoint.secure ? "443" : "80");
  authority = has_port ? authority.substr(0, colon) : authority;
  if (authority.starts_with('[') && authority.ends_with(']')) {
    authority = authority.substr(1, authority.size() - 2);
  }
  endpoint.host = authority;
  return endpoint.host.empty() || endpoint.port.empty() ? std::nullopt : std::optional(endpoint);
}

/// A socket, perhaps with TLS around it, and what was read of it and not yet used.
struct HttpClient::Connection {
  int socket = -1;
  SSL_CTX* context = nullptr;
  SSL* tls = nullptr;
  std::string buffer;
  bool heard = false;   ///< anything since the request
  bool closed = false;  ///< by the other side

  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    SSL_free(tls);
    SSL_CTX_free(context);
    ::close(socket);
  }

  std::expected<void, std::string> begin_tls(const std::string& host, const std::string& ca_file) {
    context = SSL_CTX_new(TLS_client_method());
    if (ca_file.empty()) {
      SSL_CTX_set_default_verify_paths(context);
    } else if (SSL_CTX_load_verify_locations(context, ca_file.c_str(), nullptr) != 1) {
      return Error(fmt::format("TLS: {}: {}", ca_file, tls_problem()));
    }
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
    tls = SSL_new(context);
    // An address is looked for among the certificate's addresses, and is no name to ask for.
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host.c_str()) != 1) {
      SSL_set_tlsext_host_name(tls, host.c_str());
      SSL_set1_host(tls, host.c_str());
    }
    SSL_set_fd(tls, socket);
    return SSL_connect(tls) == 1 ? std::expected<void, std::string>() : Error("TLS: " + tls_problem());
  }

  bool write(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = tls != nullptr
                            ? SSL_write(tls, bytes.data(), static_cast<int>(std::min(bytes.size(), piece_bytes)))
                            : ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        closed = errno == EPIPE || errno == ECONNRESET;
        return false;
      }
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // More into the buffer; false at the end of the stream, after an error or when patience is over.
  bool read() {
    char piece[piece_bytes];
    const auto got = tls != nullptr ? SSL_read(tls, piece, sizeof piece) : ::recv(socket, piece, sizeof piece, 0);
    if (got <= 0) {
      closed = got == 0 || errno == ECONNRESET;
      return false;
    }
    heard = true;
    buffer.append(piece, static_cast<std::size_t>(got));
    return true;
  }

  std::optional<std::string> take(std::size_t bytes) {
    while (buffer.size() < bytes) {
      if (bytes > body_bytes_max || !read()) {
        return std::nullopt;
      }
    }
    std::string taken = buffer.substr(0, bytes);
    buffer.erase(0, bytes);
    return taken;
  }

  std::optional<std::string> take_until(std::string_view end) {
    std::size_t at = 0;
    while ((at = buffer.find(end)) == std::string::npos) {
      if (buffer.size() > head_bytes_max || !read()) {
        return std::nullopt;
      }
    }
    return take(at + end.size());
  }

  std::optional<std::string> take_chunks() {
    std::string body;
    for (;;) {
      const auto line = take_until("\r\n");
      std::size_t size = 0;
      if (!line || std::from_chars(line->data(), line->data() + line->size(), size, 16).ec != std::errc()) {
        return std::nullopt;
      }
      const auto chunk = size == 0 ? take_until("\r\n") : take(size + 2);  // trailers are not expected
      if (!chunk || body.size() + size > body_bytes_max) {
        return std::nullopt;
      }
      if (size == 0) {
        return body;
      }
      body.append(*chunk, 0, size);
    }
  }

  std::optional<std::string> take_body(const wire::HttpResponse& reply) {
    if (reply.status == 204 || reply.status == 304) {
      return "";
    }
    if (lower(reply.header("Transfer-Encoding")).find("chunked") != std::string::npos) {
      return take_chunks();
    }
    const std::string_view length = reply.header("Content-Length");
    if (length.empty()) {
      while (buffer.size() < body_bytes_max && read()) {
      }
      return std::move(buffer);
    }
    std::size_t size = 0;
    if (std::from_chars(length.data(), length.data() + length.size(), size).ec != std::errc()) {
      return std::nullopt;
    }
    return take(size);
  }

  // nullopt: the connection ended, or what came is no HTTP.
  std::optional<wire::HttpResponse> take_reply() {
    const auto head = take_until(end_of_head);
    if (!head || !head->starts_with("HTTP/1.") || head->size() < 12) {
      return std::nullopt;
    }
    wire::HttpResponse reply;
    const auto [_, fault] = std::from_chars(head->data() + 9, head->data() + 12, reply.status);
    const std::size_t headers = head->find("\r\n") + 2;
    reply.header_lines = head->substr(headers, head->size() - headers - 2);
    auto body = fault == std::errc() ? take_body(reply) : std::nullopt;
    if (!body) {
      return std::nullopt;
    }
    reply.body = *std::move(body);
    return reply;
  }
};

HttpClient::HttpClient(Endpoint endpoint, Seconds patience, std::string ca_file)
    : endpoint_(std::move(endpoint)), patience_(patience), ca_file_(std::move(ca_file)) {}
HttpClient::~HttpClient() = default;

std::expected<void, std::string> HttpClient::connect() {
  std::string problem;
  auto fresh = std::make_unique<Connection>();
  fresh->socket = dial(endpoint_, patience_, problem);
  if (fresh->socket < 0) {
    return Error(problem);
  }
  if (endpoint_.secure) {
    if (auto begun = fresh->begin_tls(endpoint_.host, ca_file_); !begun) {
      return begun;
    }
  }
  connection_ = std::move(fresh);
  return {};
}

std::expected<wire::HttpResponse, std::string> HttpClient::exchange(std::string_view head, std::string_view body) {
  const auto failed = [&](std::string_view why) {
    return Error(
        fmt::format("cannot reach {}://{}: {}", endpoint_.secure ? "https" : "http", endpoint_.authority(), why));
  };
  for (;;) {
    const bool kept = connection_ != nullptr;
    if (!kept) {
      if (auto connected = connect(); !connected) {
        return failed(connected.error());
      }
    }
    connection_->heard = false;
    auto reply = connection_->write(head) && connection_->write(body) ? connection_->take_reply() : std::nullopt;
    const bool was_over = connection_->closed && !connection_->heard;  // before it saw the request
    if (!reply || lower(reply->header("Connection")) == "close") {
      connection_.reset();
    }
    if (reply) {
      return *std::move(reply);
    }
    if (!kept || !was_over) {
      return failed("it gave no whole answer in time");
    }
  }
}

}  // namespace sluice::cli
