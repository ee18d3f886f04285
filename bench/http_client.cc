#include "bench/http_client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

namespace sluice::bench {
namespace {

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "bench: %s\n", why.c_str());
  std::exit(1);
}

/// The value of a header in a head, its name given in lower case; empty when absent.
std::string_view header(std::string_view head, std::string_view name) {
  std::size_t line = head.find("\r\n");
  while (line != std::string_view::npos && line + 2 + name.size() < head.size()) {
    const std::string_view rest = head.substr(line + 2);
    if (rest[name.size()] == ':' && strncasecmp(rest.data(), name.data(), name.size()) == 0) {
      std::string_view value = rest.substr(name.size() + 1, rest.find("\r\n") - name.size() - 1);
      while (!value.empty() && value.front() == ' ') {
        value.remove_prefix(1);
      }
      return value;
    }
    line = head.find("\r\n", line + 2);
  }
  return {};
}

}  // namespace

Address parse_address(std::string_view text) {
  if (text.starts_with("http://")) {
    text.remove_prefix(7);
  }
  text = text.substr(0, text.find('/'));
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    give_up("an address is HOST:PORT, not " + std::string(text));
  }
  return {std::string(text.substr(0, colon)), std::atoi(std::string(text.substr(colon + 1)).c_str())};
}

Connection::Connection(const Address& address) : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(static_cast<std::uint16_t>(address.port));
  if (inet_pton(AF_INET, address.host.c_str(), &where.sin_addr) != 1 ||
      connect(descriptor_, reinterpret_cast<sockaddr*>(&where), sizeof where) != 0) {
    give_up("cannot connect to " + address.text() + ": " + std::strerror(errno));
  }
  const int on = 1;
  setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(descriptor_, F_SETFL, O_NONBLOCK);
}

Connection::~Connection() { close(descriptor_); }

void Connection::start(std::string_view request) {
  out_.assign(request);
  written_ = 0;
  in_.clear();
  head_bytes_ = 0;
  flush();
}

bool Connection::flush() {
  while (written_ < out_.size()) {
    const ssize_t done = ::send(descriptor_, out_.data() + written_, out_.size() - written_, MSG_NOSIGNAL);
    if (done < 0) {
      return errno == EAGAIN;
    }
    written_ += static_cast<std::size_t>(done);
  }
  return true;
}

Connection::Progress Connection::advance() {
  if (!flush()) {
    return Progress::failed;
  }
  constexpr std::size_t read_bytes = 64 * 1024;
  thread_local char buffer[read_bytes];
  for (;;) {
    const ssize_t got = recv(descriptor_, buffer, sizeof buffer, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN)) {
      return Progress::failed;
    }
    if (got > 0) {
      in_.append(buffer, static_cast<std::size_t>(got));
      if (parse()) {
        return Progress::complete;
      }
    }
    if (got < static_cast<ssize_t>(sizeof buffer)) {
      return Progress::waiting;
    }
  }
}

bool Connection::parse() {
  if (head_bytes_ == 0) {
    const std::size_t end = in_.find("\r\n\r\n");
    if (end == std::string::npos) {
      return false;
    }
    head_bytes_ = end + 4;
    const std::string_view head(in_.data(), end + 2);
    reply_.status = std::atoi(in_.c_str() + std::strlen("HTTP/1.1 "));
    chunked_ = header(head, "transfer-encoding") == "chunked";
    const std::string_view length = header(head, "content-length");
    body_bytes_ = 0;
    std::from_chars(length.data(), length.data() + length.size(), body_bytes_);
  }
  if (chunked_) {
    return parse_chunks(head_bytes_);
  }
  if (in_.size() < head_bytes_ + body_bytes_) {
    return false;
  }
  reply_.body = std::string_view(in_).substr(head_bytes_, body_bytes_);
  return true;
}

bool Connection::parse_chunks(std::size_t at) {
  joined_.clear();
  for (;;) {
    const std::size_t line = in_.find("\r\n", at);
    if (line == std::string::npos) {
      return false;
    }
    const std::size_t bytes = std::strtoul(in_.c_str() + at, nullptr, 16);
    if (in_.size() < line + 2 + bytes + 2) {
      return false;
    }
    if (bytes == 0) {
      reply_.body = joined_;
      return true;
    }
    joined_.append(in_, line + 2, bytes);
    at = line + 2 + bytes + 2;
  }
}

std::string call(const Address& address, std::string_view request, int& status) {
  Connection connection(address);
  connection.start(request);
  for (;;) {
    pollfd wanted{connection.descriptor(), POLLIN, 0};
    poll(&wanted, 1, 10'000);
    const Connection::Progress progress = connection.advance();
    if (progress == Connection::Progress::failed || wanted.revents == 0) {
      give_up("no answer from " + address.text());
    }
    if (progress == Connection::Progress::complete) {
      status = connection.reply().status;
      return std::string(connection.reply().body);
    }
  }
}

// A server need not bear that a queue goes while requests for it are under way.
constexpr std::chrono::seconds last_replies_max{2};

bool drive(const Address& address, std::size_t connections, Clock::time_point deadline, const Next& next) {
  struct Client {
    std::unique_ptr<Connection> connection;
    Clock::time_point started;
  };
  const int poller = epoll_create1(EPOLL_CLOEXEC);
  std::vector<Client> clients(connections);
  std::size_t busy = 0;
  for (std::size_t i = 0; i < connections; ++i) {
    clients[i].connection = std::make_unique<Connection>(address);
    epoll_event wanted{EPOLLIN | EPOLLOUT | EPOLLET, {.u64 = i}};
    epoll_ctl(poller, EPOLL_CTL_ADD, clients[i].connection->descriptor(), &wanted);
    clients[i].started = Clock::now();
    if (const auto request = next(i, nullptr, {}); request) {
      clients[i].connection->start(*request);
      ++busy;
    }
  }
  bool whole = true;
  std::vector<epoll_event> events(connections);
  while (busy > 0 && whole && Clock::now() < deadline + last_replies_max) {
    const int count = epoll_wait(poller, events.data(), static_cast<int>(events.size()), 100);
    for (int i = 0; i < count && whole; ++i) {
      const std::size_t number = events[static_cast<std::size_t>(i)].data.u64;
      Client& client = clients[number];
      Connection::Progress progress = client.connection->advance();
      if (progress == Connection::Progress::complete) {
        const Clock::time_point now = Clock::now();
        const auto request = next(number, &client.connection->reply(), now - client.started);
        client.started = Clock::now();
        request&& client.started < deadline ? client.connection->start(*request) : void(--busy);
      }
      whole = progress != Connection::Progress::failed;
    }
  }
  close(poller);
  return whole;
}

}  // namespace sluice::bench
