// The floor: a server that reads a request, verifies its signature, appends its body to a log, flushes and replies,
// with no queue behind it. What a durable, signed SQS server costs beyond this is its own doing.
// A receive is answered at once with made-up messages, as many as were asked for, of the size last sent.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/digest.h"
#include "bench/floor/segment_log.h"
#include "bench/signature.h"

namespace sluice::bench {
namespace {

constexpr int reactor_count = 2;
constexpr std::size_t read_bytes = 64 * 1024;

/// A request, cut out of a connection's bytes.
struct Request {
  std::string_view target, host, content_type, date, authorization, body;
  std::size_t bytes = 0;  // head and body; 0: not complete yet
};

Request cut(std::string_view in) {
  Request request;
  const std::size_t end = in.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    return request;
  }
  const std::string_view head = in.substr(0, end + 2);
  std::size_t body_bytes = 0;
  for (std::size_t at = head.find("\r\n") + 2; at < head.size();) {
    const std::size_t line = head.find("\r\n", at);
    const std::size_t colon = head.find(':', at);
    const std::string_view name = head.substr(at, colon - at);
    const std::string_view value = head.substr(colon + 2, line - colon - 2);
    const auto is = [&](std::string_view wanted) {
      return name.size() == wanted.size() && strncasecmp(name.data(), wanted.data(), name.size()) == 0;
    };
    if (is("content-length")) {
      std::from_chars(value.data(), value.data() + value.size(), body_bytes);
    } else if (is("x-amz-target")) {
      request.target = value;
    } else if (is("host")) {
      request.host = value;
    } else if (is("content-type")) {
      request.content_type = value;
    } else if (is("x-amz-date")) {
      request.date = value;
    } else if (is("authorization")) {
      request.authorization = value;
    }
    at = line + 2;
  }
  if (in.size() >= end + 4 + body_bytes) {
    request.body = in.substr(end + 4, body_bytes);
    request.bytes = end + 4 + body_bytes;
  }
  return request;
}

std::string framed(int status, std::string_view body) {
  std::string reply = status == 200 ? "HTTP/1.1 200 OK\r\n" : "HTTP/1.1 403 Forbidden\r\n";
  reply.append("Content-Type: application/x-amz-json-1.0\r\nContent-Length: ").append(std::to_string(body.size()));
  reply.append("\r\nx-amzn-RequestId: 00000000-0000-0000-0000-000000000000\r\n\r\n").append(body);
  return reply;
}

/// One thread with its own listener on the shared port.
class Reactor {
 public:
  Reactor(int port, Credentials credentials)
      : signer_(std::move(credentials)), poller_(epoll_create1(0)), bell_(eventfd(0, EFD_NONBLOCK)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    const int on = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(static_cast<std::uint16_t>(port));
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener_, reinterpret_cast<sockaddr*>(&where), sizeof where) != 0 || listen(listener_, 128) != 0) {
      std::perror("floor: listen");
      std::exit(1);
    }
    watch(listener_);
    watch(bell_);
  }

  int port() const {
    sockaddr_in where{};
    socklen_t bytes = sizeof where;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&where), &bytes);
    return ntohs(where.sin_port);
  }

  void use(SegmentLog* log) { log_ = log; }

  /// From the flushing thread.
  void durable_up_to(std::uint64_t record) {
    durable_.store(record);
    const std::uint64_t one = 1;
    if (waits_.load()) {
      [[maybe_unused]] const ssize_t done = ::write(bell_, &one, sizeof one);
    }
  }

  void run() {
    epoll_event events[64];
    for (;;) {
      const int count = epoll_wait(poller_, events, 64, -1);
      for (int i = 0; i < count; ++i) {
        const int descriptor = events[i].data.fd;
        if (descriptor == listener_) {
          accept_one();
        } else if (descriptor == bell_) {
          std::uint64_t rings = 0;
          [[maybe_unused]] const ssize_t done = ::read(bell_, &rings, sizeof rings);
        } else {
          read_from(descriptor);
        }
      }
      answer_durable();
    }
  }

 private:
  struct Waiting {
    std::uint64_t record;
    int descriptor;
    std::string reply;
  };

  void watch(int descriptor) {
    epoll_event wanted{EPOLLIN, {.fd = descriptor}};
    epoll_ctl(poller_, EPOLL_CTL_ADD, descriptor, &wanted);
  }

  void accept_one() {
    const int descriptor = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
    if (descriptor >= 0) {
      const int on = 1;
      setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      watch(descriptor);
    }
  }

  void read_from(int descriptor) {
    thread_local char buffer[read_bytes];
    const ssize_t got = recv(descriptor, buffer, sizeof buffer, 0);
    if (got <= 0) {
      if (got == 0 || errno != EAGAIN) {
        close(descriptor);
        partial_.erase(descriptor);
      }
      return;
    }
    std::string_view in(buffer, static_cast<std::size_t>(got));
    std::string& held = partial_[descriptor];
    if (!held.empty()) {
      held.append(in);
      in = held;
    }
    const Request request = cut(in);  // the load has one request under way on a connection
    if (request.bytes == 0) {
      if (held.empty()) {
        held = in;
      }
      return;
    }
    serve(descriptor, request);
    held.clear();
  }

  bool verified(const Request& request) {
    if (signer_.credentials().id.empty()) {
      return true;
    }
    constexpr std::string_view mark = "Signature=";
    const std::size_t at = request.authorization.find(mark);
    const SignedParts parts{request.content_type, request.host, request.date, request.target, request.body};
    return at != std::string_view::npos && !request.date.empty() &&
           equal_in_constant_time(request.authorization.substr(at + mark.size()), signer_.signature(parts));
  }

  void serve(int descriptor, const Request& request) {
    if (!verified(request)) {
      write_to(descriptor, framed(403, "{\"__type\":\"SignatureDoesNotMatch\"}"));
      return;
    }
    const std::uint64_t record = log_->append(request.body);
    if (request.target.ends_with(".ReceiveMessage")) {
      write_to(descriptor, framed(200, messages(request.body)));
      return;
    }
    if (request.target.ends_with(".SendMessage")) {
      sent_bytes_ = request.body.size();
    }
    waiting_.push_back({record, descriptor, framed(200, reply_body)});
    waits_.store(true);
  }

  std::string messages(std::string_view request) const {
    const std::string one = std::string(R"({"MessageId":"00000000-0000-0000-0000-000000000000","ReceiptHandle":")") +
                            std::string(64, 'r') + R"(","MD5OfBody":"00000000000000000000000000000000","Body":")" +
                            std::string(std::min<std::size_t>(sent_bytes_, 4096), 'x') + "\"}";
    std::string body = "{\"Messages\":[" + one;
    for (int more = request.find("\"MaxNumberOfMessages\":10") == std::string_view::npos ? 0 : 9; more > 0; --more) {
      body.append(",").append(one);
    }
    return body.append("]}");
  }

  void answer_durable() {
    const std::uint64_t durable = durable_.load();
    while (!waiting_.empty() && waiting_.front().record <= durable) {
      write_to(waiting_.front().descriptor, waiting_.front().reply);
      waiting_.pop_front();
    }
    waits_.store(!waiting_.empty());
  }

  static void write_to(int descriptor, std::string_view bytes) {
    if (::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size())) {
      shutdown(descriptor, SHUT_RDWR);
    }
  }

  static constexpr std::string_view reply_body =
      R"({"QueueUrl":"http://127.0.0.1/000000000000/floor","MD5OfMessageBody":"00000000000000000000000000000000",)"
      R"("MessageId":"00000000-0000-0000-0000-000000000000"})";

  Signer signer_;
  int poller_;
  int bell_;
  int listener_ = -1;
  SegmentLog* log_ = nullptr;
  std::size_t sent_bytes_ = 256;
  std::deque<Waiting> waiting_;
  std::atomic<bool> waits_{false};
  std::atomic<std::uint64_t> durable_{0};
  std::unordered_map<int, std::string> partial_;
};

}  // namespace

int serve(const std::string& directory, const std::string& keys) {
  Credentials credentials;
  credentials.id = keys.substr(0, keys.find(':'));
  credentials.secret = keys.substr(keys.find(':') + 1);
  std::vector<std::unique_ptr<Reactor>> reactors;
  for (int i = 0; i < reactor_count; ++i) {
    reactors.push_back(std::make_unique<Reactor>(i == 0 ? 0 : reactors[0]->port(), credentials));
  }
  SegmentLog log(directory, [&](std::uint64_t record) {
    for (const auto& reactor : reactors) {
      reactor->durable_up_to(record);
    }
  });
  for (const auto& reactor : reactors) {
    reactor->use(&log);
  }
  std::printf("http://127.0.0.1:%d\n", reactors[0]->port());
  std::fflush(stdout);
  std::thread second([&] { reactors[1]->run(); });
  reactors[0]->run();
  return 0;
}

}  // namespace sluice::bench

int main(int count, char** words) {
  if (count < 2) {
    std::fprintf(stderr, "bench_floor DIRECTORY [ID:SECRET]\n");
    return 2;
  }
  std::signal(SIGTERM, [](int) { _exit(0); });
  return sluice::bench::serve(words[1], count > 2 ? words[2] : "");
}
