#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::bench {

/// An IPv4 address in dots and a port, as in 127.0.0.1:4566.
struct Address {
  std::string host;
  int port = 0;
  std::string text() const { return host + ":" + std::to_string(port); }
};

/// Reads HOST:PORT or http://HOST:PORT[/]; ends the program on anything else.
Address parse_address(std::string_view text);

struct Reply {
  int status = 0;
  std::string_view body;  // valid until the next request on that connection
};

/// One keep-alive HTTP/1.1 connection with at most one request under way. Not blocking.
class Connection {
 public:
  enum class Progress { waiting, complete, failed };

  explicit Connection(const Address& address);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int descriptor() const { return descriptor_; }
  /// Starts a request; what the socket does not take at once goes out in `advance`.
  void start(std::string_view request);
  /// Writes and reads what is possible. On `complete` the answer is in `reply`.
  Progress advance();
  const Reply& reply() const { return reply_; }

 private:
  bool flush();
  bool parse();
  bool parse_chunks(std::size_t at);

  int descriptor_;
  std::string out_;
  std::size_t written_ = 0;
  std::string in_;
  std::string joined_;  // the body of a chunked reply
  std::size_t head_bytes_ = 0;
  std::size_t body_bytes_ = 0;
  bool chunked_ = false;
  Reply reply_;
};

/// One request on a connection of its own, waited for. Ends the program when the server cannot be reached.
std::string call(const Address& address, std::string_view request, int& status);

using Clock = std::chrono::steady_clock;

/// What a load does: told the connection's number, and its last reply with the time that took (no reply at the
/// start), gives the next request, or nothing when this connection has done its part.
using Next = std::function<std::optional<std::string>(std::size_t connection, const Reply* reply, Clock::duration)>;

/// Runs `connections` connections in this thread until each has done its part or `deadline` is past; requests under way
/// then are still waited for, at most two seconds. False when a connection broke.
bool drive(const Address& address, std::size_t connections, Clock::time_point deadline, const Next& next);

}  // namespace sluice::bench
