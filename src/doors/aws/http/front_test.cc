#include "doors/aws/http/front.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <thread>

#include "io/asio_loop.h"
#include "io/system_clock.h"

namespace sluice::aws::http {
namespace {

constexpr timeval patience{5, 0};

// A client that waits, at most `patience`.
class Client {
 public:
  explicit Client(const io::Endpoint& at) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(at.port);
    inet_pton(AF_INET, at.host.c_str(), &address.sin_addr);
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    EXPECT_EQ(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~Client() { close(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void say(std::string_view bytes) {
    EXPECT_EQ(send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL), ssize_t(bytes.size()));
  }
  // Until what was heard holds `words`; everything heard so far.
  std::string hear(std::string_view words) {
    while (heard_.find(words) == std::string::npos && receive()) {
    }
    return heard_;
  }
  // Until the server closes.
  std::string hear_all() {
    while (receive()) {
    }
    return heard_;
  }
  bool closed() const { return closed_; }
  void close() {
    if (socket_ >= 0) {
      ::close(socket_);
      socket_ = -1;
    }
  }

 private:
  bool receive() {
    char piece[4096];
    const ssize_t got = recv(socket_, piece, sizeof piece, 0);
    closed_ = got == 0;
    heard_.append(piece, got > 0 ? static_cast<std::size_t>(got) : 0);
    return got > 0;
  }
  int socket_;
  bool closed_ = false;
  std::string heard_;
};

// Answers with the path and the body; "/wait" waits until it is cancelled or told to go on.
class Echo final : public Service {
 public:
  Task<wire::HttpResponse> answer(const wire::HttpRequest& request, Visit& visit) override {
    if (request.path == "/wait") {
      Wait wait{this, &visit};
      co_await wait;
    }
    wire::HttpResponse response;
    response.add_header("Content-Type", "text/plain");
    response.body = request.path == "/large" ? std::string(4 << 20, 'x')
                                             : std::string(request.path) + "=" + std::string(request.body);
    co_return response;
  }
  void cancel(Visit& visit) override {
    EXPECT_EQ(visit.call.ticket, 7U);
    waiting = nullptr;
    cancelled.set_value();
  }

  std::coroutine_handle<> waiting;  // on the loop's thread
  std::promise<void> waits;
  std::promise<void> cancelled;

 private:
  struct Wait {
    Echo* echo;
    Visit* visit;
    bool await_ready() { return false; }
    void await_suspend(std::coroutine_handle<> self) {
      visit->call.ticket = 7;
      echo->waiting = self;
      echo->waits.set_value();
    }
    void await_resume() {}
  };
};

class FrontTest : public testing::Test {
 protected:
  void serve() {
    house_.gauges = &gauges_;
    house_.clock = &clock_;
    front_ = std::make_unique<Front>(house_, 0, loop_, echo_, 1);
    at_ = *front_->listen({"127.0.0.1", 0});
    thread_ = std::thread([this] { loop_.run(); });
  }
  void on_loop(io::Work work) {
    std::promise<void> done;
    loop_.post([&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }
  std::future<void> stop() {
    auto stopped = std::make_shared<std::promise<void>>();
    loop_.post([this, stopped] { front_->stop([stopped] { stopped->set_value(); }); });
    return stopped->get_future();
  }
  void TearDown() override {
    stop().wait_for(std::chrono::seconds(5));
    EXPECT_EQ(gauges_.sum(&CoreGauges::buffered_bytes), 0U);
    EXPECT_EQ(gauges_.sum(&CoreGauges::connections), 0U);
    loop_.stop();
    thread_.join();
    front_.reset();
  }

  io::SystemClock clock_;
  Gauges gauges_{1};
  House house_;
  Echo echo_;
  io::AsioLoop loop_;
  io::Endpoint at_;
  std::unique_ptr<Front> front_;
  std::thread thread_;
};

TEST_F(FrontTest, pipelined_requests_are_answered_in_their_order) {
  serve();
  Client client(at_);
  client.say(
      "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n1GET /b HTTP/1.1\r\nHost: h\r\n\r\nGET /c HTTP/1.1\r\n"
      "Host: h\r\nConnection: close\r\n\r\nGET /never HTTP/1.1\r\n");
  const std::string heard = client.hear_all();
  EXPECT_LT(heard.find("/a=1"), heard.find("/b="));
  EXPECT_LT(heard.find("/b="), heard.find("/c="));
  EXPECT_NE(heard.find("/c="), std::string::npos);
  EXPECT_EQ(heard.find("never"), std::string::npos);
  EXPECT_TRUE(client.closed());
}

TEST_F(FrontTest, a_client_that_goes_away_cancels_what_it_waits_for) {
  serve();
  Client client(at_);
  client.say("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
  echo_.waits.get_future().wait();
  client.close();
  EXPECT_EQ(echo_.cancelled.get_future().wait_for(std::chrono::seconds(5)), std::future_status::ready);
}

TEST_F(FrontTest, what_is_pipelined_behind_a_waiting_request_is_answered_after_it) {
  serve();
  Client client(at_);
  client.say("GET /wait HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n");
  echo_.waits.get_future().wait();
  on_loop([this] { echo_.waiting.resume(); });
  const std::string heard = client.hear("/b=");
  EXPECT_LT(heard.find("/wait="), heard.find("/b="));
}

TEST_F(FrontTest, what_comes_while_a_request_waits_leaves_it_as_it_was) {
  serve();
  Client client(at_);
  client.say("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
  echo_.waits.get_future().wait();
  const std::string body(40'000, 'x');
  client.say("POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 40000\r\n\r\n" + body);
  while (gauges_.sum(&CoreGauges::buffered_bytes) < body.size()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  on_loop([this] { echo_.waiting.resume(); });
  const std::string heard = client.hear("/b=" + body);
  EXPECT_NE(heard.find("\r\n\r\n/wait="), std::string::npos) << heard.substr(0, 300);
}

TEST_F(FrontTest, a_slow_head_and_a_slow_body_are_told_so) {
  house_.limits.head_time = Milliseconds(50);
  house_.limits.body_time = Milliseconds(50);
  serve();
  Client head(at_);
  head.say("GET / HTTP/1.1\r\nHos");
  EXPECT_TRUE(head.hear("}").starts_with("HTTP/1.1 408 Request Timeout\r\n"));
  Client body(at_);
  body.say("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab");
  EXPECT_TRUE(body.hear("}").starts_with("HTTP/1.1 408 Request Timeout\r\n"));
}

TEST_F(FrontTest, a_first_byte_that_could_still_be_anything_is_told_so_too) {
  house_.limits.head_time = Milliseconds(50);
  serve();
  Client client(at_);
  client.say("P");
  EXPECT_TRUE(client.hear("}").starts_with("HTTP/1.1 408 Request Timeout\r\n"));
}

TEST_F(FrontTest, an_idle_connection_is_closed_without_a_word) {
  house_.limits.idle_time = Milliseconds(50);
  serve();
  Client client(at_);
  EXPECT_EQ(client.hear_all(), "");
  EXPECT_TRUE(client.closed());
}

TEST_F(FrontTest, a_client_that_takes_nothing_is_closed) {
  house_.limits.write_time = Milliseconds(50);
  serve();
  Client client(at_);
  client.say("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
  for (int i = 0; i < 200 && gauges_.sum(&CoreGauges::connections) > 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_EQ(gauges_.sum(&CoreGauges::connections), 0U);
}

TEST_F(FrontTest, past_the_connections_bound_the_answer_is_503) {
  house_.limits.connections_max = 1;
  serve();
  Client first(at_);
  first.say("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
  first.hear("/a=");
  Client second(at_);
  const std::string heard = second.hear_all();
  EXPECT_TRUE(heard.starts_with("HTTP/1.1 503 Service Unavailable\r\n")) << heard;
  EXPECT_NE(heard.find("Retry-After: 1\r\n"), std::string::npos);
  EXPECT_NE(heard.find("Connection: close\r\n"), std::string::npos);
}

TEST_F(FrontTest, past_the_buffers_bound_the_answer_is_503) {
  house_.limits.buffered_bytes_max = 1000;
  serve();
  Client client(at_);
  client.say("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2000\r\n\r\n");
  const std::string heard = client.hear("}");
  EXPECT_TRUE(heard.starts_with("HTTP/1.1 503 Service Unavailable\r\n")) << heard;
}

TEST_F(FrontTest, continue_is_said_once_before_the_body) {
  serve();
  Client client(at_);
  client.say("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(client.hear("Continue\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.say("ab");
  client.say("cd");
  const std::string heard = client.hear("/=abcd");
  EXPECT_EQ(heard.find("100 Continue", 20), std::string::npos) << heard;
}

TEST_F(FrontTest, http2_is_recognised_and_refused_in_its_own_words) {
  serve();
  Client client(at_);
  client.say("PRI * HTTP/2.0\r\n\r\nS");
  client.say("M\r\n\r\n");
  const std::string heard = client.hear_all();
  ASSERT_EQ(heard.size(), 26U);
  EXPECT_EQ(heard[3], 4);    // SETTINGS
  EXPECT_EQ(heard[12], 7);   // GOAWAY
  EXPECT_EQ(heard[25], 13);  // HTTP_1_1_REQUIRED
}

TEST_F(FrontTest, tls_without_a_certificate_is_refused_in_its_own_words) {
  serve();
  Client client(at_);
  client.say("\x16\x03\x01");
  EXPECT_EQ(client.hear_all().substr(0, 1), "\x15");
}

TEST_F(FrontTest, a_faulty_request_is_told_why_though_its_body_still_comes) {
  house_.limits.request.body_bytes_max = 1000;
  serve();
  Client client(at_);
  client.say("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 300000\r\n\r\n" + std::string(300'000, 'x'));
  const std::string heard = client.hear_all();
  EXPECT_TRUE(heard.starts_with("HTTP/1.1 413 Content Too Large\r\n")) << heard;
  EXPECT_NE(heard.find("{\"message\": \"The request body is too large.\"}"), std::string::npos);
}

TEST_F(FrontTest, head_and_options_have_no_body) {
  serve();
  Client client(at_);
  client.say(
      "HEAD /abc HTTP/1.1\r\nHost: h\r\n\r\nOPTIONS * HTTP/1.1\r\nHost: h\r\n\r\nTRACE / HTTP/1.1\r\nHost: h\r\n"
      "Connection: close\r\n\r\n");
  const std::string heard = client.hear_all();
  EXPECT_NE(heard.find("Content-Length: 5\r\n"), std::string::npos);
  EXPECT_EQ(heard.find("/abc="), std::string::npos);
  EXPECT_NE(heard.find("HTTP/1.1 204 No Content\r\n"), std::string::npos);
  EXPECT_NE(heard.find("HTTP/1.1 405 Method Not Allowed\r\n"), std::string::npos);
}

TEST_F(FrontTest, stopping_finishes_what_was_accepted) {
  serve();
  Client idle(at_);
  idle.say("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
  idle.hear("/a=");
  Client busy(at_);
  busy.say("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
  echo_.waits.get_future().wait();
  auto stopped = stop();
  idle.hear_all();
  EXPECT_TRUE(idle.closed());
  EXPECT_EQ(stopped.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  on_loop([this] { echo_.waiting.resume(); });
  EXPECT_NE(busy.hear_all().find("Connection: close\r\n\r\n/wait="), std::string::npos);
  EXPECT_EQ(stopped.wait_for(std::chrono::seconds(5)), std::future_status::ready);
}

TEST_F(FrontTest, stopping_waits_for_nobody_for_ever) {
  house_.limits.stop_time = Milliseconds(50);
  serve();
  Client client(at_);
  client.say("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
  echo_.waits.get_future().wait();
  EXPECT_EQ(stop().wait_for(std::chrono::seconds(5)), std::future_status::ready);
}

TEST_F(FrontTest, a_long_reply_arrives_whole) {
  serve();
  Client client(at_);
  client.say("GET /large HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_GT(client.hear_all().size(), std::size_t{4} << 20);
}

}  // namespace
}  // namespace sluice::aws::http
