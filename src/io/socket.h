#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "io/disk.h"

// TCP without waiting. Everything here is used on the thread of one loop.
namespace sluice::io {

/// Told when a socket can be used again. Outlives the socket, or at least its last watch.
class SocketUser {
 public:
  virtual void readable() = 0;
  virtual void writable() = 0;

 protected:
  ~SocketUser() = default;
};

/// One connection. Destroying it closes it and drops its watches.
class Socket {
 public:
  struct Received {
    std::size_t bytes = 0;  ///< 0 with `ended` false: nothing there now
    bool ended = false;     ///< the peer closed its side, or the connection broke
  };

  virtual ~Socket() = default;
  virtual Received receive(char* into, std::size_t bytes) = 0;
  /// How many bytes the kernel took; nullopt when the connection is broken.
  virtual std::optional<std::size_t> send(std::string_view bytes) = 0;
  /// One call of the user's `readable` (`writable`), soon. Asking again while a watch is on changes nothing.
  virtual void watch_readable() = 0;
  virtual void watch_writable() = 0;
  virtual void use(SocketUser& user) = 0;
  /// Tells the peer that no more comes; receiving goes on.
  virtual void end_sending() = 0;
  /// "127.0.0.1:40312", for log lines and trusted proxies.
  virtual std::string peer() const = 0;
};

/// An address to listen on, numeric: "127.0.0.1", "::1", "0.0.0.0".
struct Endpoint {
  std::string host;
  std::uint16_t port = 0;

  std::string text() const;  ///< "[::1]:4566"
  bool is_loopback() const;
  bool operator==(const Endpoint&) const = default;
};

/// Accepts connections until it is destroyed.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual const Endpoint& endpoint() const = 0;  ///< with the port that was picked
};

using Accepted = std::move_only_function<void(std::unique_ptr<Socket>)>;

class AsioLoop;

/// Listens on `loop`; several loops, and any process of the same user, share one endpoint (SO_REUSEPORT): ask
/// `check_unused` first. Port 0 picks a free one. A fault names the endpoint.
Outcome<std::unique_ptr<Listener>> listen(AsioLoop& loop, const Endpoint& endpoint, Accepted accepted);

/// A fault when somebody listens there already, or nobody may.
Outcome<void> check_unused(const Endpoint& endpoint);

/// The numeric form of a host ("localhost" is 127.0.0.1); a fault when it is not one of this machine's words for
/// itself.
Outcome<Endpoint> resolve(const std::string& host, std::uint16_t port);

}  // namespace sluice::io
