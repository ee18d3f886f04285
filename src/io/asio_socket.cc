#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>

#include "io/asio_state.h"
#include "io/socket.h"

namespace sluice::io {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr int backlog = 4096;             // connections
constexpr int accepts_per_wake = 64;      // so that a flood of connections does not starve those that are there
constexpr Milliseconds accept_pause{50};  // when the process has no file descriptor left

// What the loop's events know of a socket; outlives the Socket while an event may still name it.
struct Watched {
  int socket = -1;
  SocketUser* user = nullptr;   // nullptr: the Socket is gone
  bool wants_readable = false;  // a watch is on
  bool wants_writable = false;
  // Events come once for each change (edge-triggered), so what they said is kept until a call finds it used up.
  bool is_readable = false;
  bool is_writable = true;
  bool hung_up = false;  // the end is there to be read, behind what is still to be read
};

void tell_readable(Watched& watched) {
  if (watched.user != nullptr && std::exchange(watched.wants_readable, false)) {
    watched.user->readable();
  }
}

void tell_writable(Watched& watched) {
  if (watched.user != nullptr && std::exchange(watched.wants_writable, false)) {
    watched.user->writable();
  }
}

void take_event(void* subject, std::uint32_t events) {
  Watched& watched = *static_cast<Watched*>(subject);
  const bool broken = (events & (EPOLLHUP | EPOLLERR)) != 0;
  watched.hung_up = watched.hung_up || broken || (events & EPOLLRDHUP) != 0;
  watched.is_readable = watched.is_readable || watched.hung_up || (events & EPOLLIN) != 0;
  watched.is_writable = watched.is_writable || broken || (events & EPOLLOUT) != 0;
  if (watched.is_readable) {
    tell_readable(watched);
  }
  if (watched.is_writable) {
    tell_writable(watched);
  }
}

class AsioSocket final : public Socket {
 public:
  AsioSocket(AsioLoop::State& loop, int socket, std::string peer)
      : loop_(loop), watched_(std::make_shared<Watched>(Watched{.socket = socket})), peer_(std::move(peer)) {
    loop_.add_socket(socket, watched_.get(), take_event);
  }
  ~AsioSocket() override {
    watched_->user = nullptr;
    ::close(watched_->socket);
    loop_.forget(std::move(watched_));
  }

  void use(SocketUser& user) override { watched_->user = &user; }

  Received receive(char* into, std::size_t bytes) override {
    for (;;) {
      const ssize_t got = ::recv(watched_->socket, into, bytes, MSG_DONTWAIT);
      if (got > 0) {
        // Less than asked for: it is used up, and what comes later is a new event.
        watched_->is_readable = static_cast<std::size_t>(got) == bytes || watched_->hung_up;
        return {static_cast<std::size_t>(got), false};
      }
      if (got == 0) {
        return {0, bytes > 0};
      }
      if (errno != EINTR) {
        watched_->is_readable = false;
        return {0, errno != EAGAIN && errno != EWOULDBLOCK};
      }
    }
  }

  std::optional<std::size_t> send(std::string_view bytes) override {
    for (;;) {
      const ssize_t sent = ::send(watched_->socket, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent >= 0) {
        watched_->is_writable = static_cast<std::size_t>(sent) == bytes.size();
        return static_cast<std::size_t>(sent);
      }
      if (errno == EAGAIN || errno == EWOULDBLOCK) {
        watched_->is_writable = false;
        return 0;
      }
      if (errno != EINTR) {
        return std::nullopt;
      }
    }
  }

  void watch_readable() override {
    if (!std::exchange(watched_->wants_readable, true) && watched_->is_readable) {
      boost::asio::post(loop_.context, [kept = watched_] { tell_readable(*kept); });
    }
  }

  void watch_writable() override {
    if (!std::exchange(watched_->wants_writable, true) && watched_->is_writable) {
      boost::asio::post(loop_.context, [kept = watched_] { tell_writable(*kept); });
    }
  }

  void end_sending() override { ::shutdown(watched_->socket, SHUT_WR); }

  std::string peer() const override { return peer_; }

 private:
  AsioLoop::State& loop_;
  std::shared_ptr<Watched> watched_;
  std::string peer_;
};

class AsioListener final : public Listener {
 public:
  AsioListener(AsioLoop& loop, tcp::acceptor acceptor, Endpoint endpoint, Accepted accepted)
      : shared_(std::make_shared<Shared>(loop, std::move(acceptor), std::move(accepted))),
        endpoint_(std::move(endpoint)) {
    wait(shared_);
  }
  ~AsioListener() override {
    shared_->open = false;
    error_code ignored;
    shared_->acceptor.close(ignored);
  }
  const Endpoint& endpoint() const override { return endpoint_; }

 private:
  struct Shared {
    Shared(AsioLoop& on, tcp::acceptor with, Accepted then)
        : loop(on), acceptor(std::move(with)), accepted(std::move(then)) {}
    AsioLoop& loop;
    tcp::acceptor acceptor;
    Accepted accepted;
    bool open = true;
  };

  static void wait(const std::shared_ptr<Shared>& shared) {
    if (shared->open) {
      shared->acceptor.async_wait(tcp::acceptor::wait_read, [shared](const error_code&) { accept(shared); });
    }
  }

  static void accept(const std::shared_ptr<Shared>& shared) {
    for (int i = 0; i < accepts_per_wake && shared->open; ++i) {
      tcp::endpoint far;
      auto far_bytes = static_cast<socklen_t>(far.capacity());
      const int socket =
          ::accept4(shared->acceptor.native_handle(), far.data(), &far_bytes, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (socket < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)) {
        shared->loop.after(accept_pause, [shared] { wait(shared); });
        return;
      }
      if (socket < 0) {
        break;  // nobody there, or gone again
      }
      far.resize(far_bytes);
      const int on = 1;
      ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      std::string peer = Endpoint{far.address().to_string(), far.port()}.text();
      shared->accepted(std::make_unique<AsioSocket>(shared->loop.state(), socket, std::move(peer)));
    }
    wait(shared);
  }

  std::shared_ptr<Shared> shared_;
  Endpoint endpoint_;
};

// Binds and listens; only sockets that are all `shared` may do so at one endpoint.
error_code open(tcp::acceptor& acceptor, const tcp::endpoint& at, bool shared) {
  error_code error;
  acceptor.open(at.protocol(), error);
  if (!error) {
    acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  }
  if (!error && at.address().is_v6()) {
    acceptor.set_option(boost::asio::ip::v6_only(true), error);
  }
  const int on = 1;
  if (!error && shared && ::setsockopt(acceptor.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) {
    error.assign(errno, boost::system::system_category());
  }
  if (!error) {
    acceptor.bind(at, error);
  }
  if (!error) {
    acceptor.listen(backlog, error);
  }
  if (!error) {
    acceptor.non_blocking(true, error);
  }
  return error;
}

}  // namespace

std::string Endpoint::text() const {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port);
}

bool Endpoint::is_loopback() const {
  error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  return !error && address.is_loopback();
}

Outcome<std::unique_ptr<Listener>> listen(AsioLoop& loop, const Endpoint& endpoint, Accepted accepted) {
  error_code error;
  const auto address = boost::asio::ip::make_address(endpoint.host, error);
  tcp::acceptor acceptor(loop.state().context);
  if (!error) {
    error = open(acceptor, tcp::endpoint(address, endpoint.port), true);
  }
  if (error) {
    return std::unexpected(Fault{std::error_code(error), "listen on " + endpoint.text()});
  }
  const Endpoint bound{endpoint.host, acceptor.local_endpoint(error).port()};
  return std::make_unique<AsioListener>(loop, std::move(acceptor), bound, std::move(accepted));
}

Outcome<void> check_unused(const Endpoint& endpoint) {
  error_code error;
  const auto address = boost::asio::ip::make_address(endpoint.host, error);
  boost::asio::io_context nobody;
  tcp::acceptor acceptor(nobody);
  if (!error) {
    error = open(acceptor, tcp::endpoint(address, endpoint.port), false);
  }
  if (error) {
    return std::unexpected(Fault{std::error_code(error), "listen on " + endpoint.text()});
  }
  return {};
}

Outcome<Endpoint> resolve(const std::string& host, std::uint16_t port) {
  const std::string numeric = host == "localhost" ? "127.0.0.1" : host == "*" ? "0.0.0.0" : host;
  error_code error;
  const auto address = boost::asio::ip::make_address(numeric, error);
  if (error) {
    return std::unexpected(Fault{std::error_code(error), "'" + host + "' is not an IP address"});
  }
  return Endpoint{address.to_string(), port};
}

}  // namespace sluice::io
