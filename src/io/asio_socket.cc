#include <sys/socket.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
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

// The bytes of a socket and its watches outlive the Socket until Asio has let go of them; `user` says whether anybody
// still listens.
struct Watched {
  explicit Watched(tcp::socket made) : socket(std::move(made)) {}
  tcp::socket socket;
  SocketUser* user = nullptr;
  bool reading = false;
  bool writing = false;
};

class AsioSocket final : public Socket {
 public:
  explicit AsioSocket(tcp::socket socket) : watched_(std::make_shared<Watched>(std::move(socket))) {}
  ~AsioSocket() override {
    watched_->user = nullptr;
    error_code ignored;
    watched_->socket.close(ignored);
  }

  void use(SocketUser& user) override { watched_->user = &user; }

  Received receive(char* into, std::size_t bytes) override {
    for (;;) {
      const ssize_t got = ::recv(watched_->socket.native_handle(), into, bytes, MSG_DONTWAIT);
      if (got > 0) {
        return {static_cast<std::size_t>(got), false};
      }
      if (got == 0) {
        return {0, bytes > 0};
      }
      if (errno != EINTR) {
        return {0, errno != EAGAIN && errno != EWOULDBLOCK};
      }
    }
  }

  std::optional<std::size_t> send(std::string_view bytes) override {
    for (;;) {
      const ssize_t sent =
          ::send(watched_->socket.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent >= 0) {
        return static_cast<std::size_t>(sent);
      }
      if (errno == EAGAIN || errno == EWOULDBLOCK) {
        return 0;
      }
      if (errno != EINTR) {
        return std::nullopt;
      }
    }
  }

  void watch_readable() override {
    if (!std::exchange(watched_->reading, true)) {
      watched_->socket.async_wait(tcp::socket::wait_read, [kept = watched_](const error_code&) {
        kept->reading = false;
        if (kept->user != nullptr) {
          kept->user->readable();
        }
      });
    }
  }

  void watch_writable() override {
    if (!std::exchange(watched_->writing, true)) {
      watched_->socket.async_wait(tcp::socket::wait_write, [kept = watched_](const error_code&) {
        kept->writing = false;
        if (kept->user != nullptr) {
          kept->user->writable();
        }
      });
    }
  }

  void end_sending() override {
    error_code ignored;
    watched_->socket.shutdown(tcp::socket::shutdown_send, ignored);
  }

  std::string peer() const override {
    error_code gone;
    const tcp::endpoint far = watched_->socket.remote_endpoint(gone);
    return gone ? "unknown" : Endpoint{far.address().to_string(), far.port()}.text();
  }

 private:
  std::shared_ptr<Watched> watched_;
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
      error_code error;
      tcp::socket socket(shared->loop.state().context);
      shared->acceptor.accept(socket, error);
      if (error == boost::asio::error::no_descriptors || error == boost::system::errc::too_many_files_open_in_system) {
        shared->loop.after(accept_pause, [shared] { wait(shared); });
        return;
      }
      if (error) {
        break;  // nobody there, or gone again
      }
      socket.non_blocking(true, error);
      socket.set_option(tcp::no_delay(true), error);
      shared->accepted(std::make_unique<AsioSocket>(std::move(socket)));
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
