#include "wire/http1_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sluice::wire {
namespace {

constexpr HttpLimits small{.target_bytes_max = 100, .head_bytes_max = 400, .headers_max = 5, .body_bytes_max = 1000};

struct Read {
  HttpReader::Progress progress;
  HttpFault fault;
  std::string method, path, query, body, host;
  bool keeps_alive = false;
  std::size_t rest = 0;
};

// Feeds `step` bytes at a time into a buffer that moves with every piece, as a connection's does.
Read read(const std::string& text, std::size_t step, const HttpLimits& limits = small) {
  HttpReader reader(limits);
  std::string buffer;
  auto progress = HttpReader::Progress::more;
  std::size_t fed = 0;
  while (progress == HttpReader::Progress::more && fed < text.size()) {
    std::string moved = buffer + text.substr(fed, step);
    fed = std::min(text.size(), fed + step);
    buffer.swap(moved);
    std::size_t size = buffer.size();
    progress = reader.advance(buffer.data(), size);
    buffer.resize(size);
  }
  Read result{progress, reader.fault(), {}, {}, {}, {}, {}};
  if (progress == HttpReader::Progress::whole) {
    HttpRequest request;
    reader.give(buffer.data(), request);
    result.method = request.method;
    result.path = request.path;
    result.query = request.query;
    result.body = request.body;
    result.host = request.header("hOsT");
    result.keeps_alive = reader.keeps_alive();
    result.rest = buffer.size() - reader.used() + text.size() - fed;
  }
  return result;
}

struct Good {
  const char* name;
  std::string text;
  const char* method;
  const char* path;
  const char* query;
  std::string body;
  bool keeps_alive;
};

const std::vector<Good>& good_requests() {
  static const std::vector<Good> table = {
      {"the least", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "/", "", "", true},
      {"a query", "GET /a/b?c=d&e?f HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "/a/b", "c=d&e?f", "", true},
      {"an empty query", "GET /? HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "/", "", "", true},
      {"a counted body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", "POST", "/", "", "hello",
       true},
      {"an empty body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "POST", "/", "", "", true},
      {"chunks",
       "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n",
       "POST", "/", "", "abc0123456789", true},
      {"chunks and trailers",
       "POST / HTTP/1.1\r\nHost: a\r\ntransfer-encoding: Chunked\r\n\r\n1\r\nx\r\n00\r\nSum: 1\r\nMore: 2\r\n\r\n",
       "POST", "/", "", "x", true},
      {"close", "GET / HTTP/1.1\r\nHost: a\r\nConnection: foo, CLOSE\r\n\r\n", "GET", "/", "", "", false},
      {"close outweighs keep-alive", "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nConnection: keep-alive\r\n\r\n",
       "GET", "/", "", "", false},
      {"HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", "GET", "/", "", "", false},
      {"HTTP/1.0 kept alive", "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "GET", "/", "", "", true},
      {"an absolute target", "GET http://queue.example:80/a?b HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "/a", "b", "", true},
      {"an asterisk", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS", "*", "", "", true},
      {"empty lines first", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "/", "", "", true},
      {"white space around a value", "GET / HTTP/1.1\r\nHost: \t a \t\r\nEmpty:\r\n\r\n", "GET", "/", "", "", true},
      {"a later minor version", "GET / HTTP/1.7\r\nHost: a\r\n\r\n", "GET", "/", "", "", true},
      {"UTF-8 in the path", "GET /\xe1\x88\xb4 HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "/\xe1\x88\xb4", "", "", true},
      {"a body up to the limit", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'x'),
       "POST", "/", "", std::string(1000, 'x'), true},
  };
  return table;
}

struct Bad {
  const char* name;
  std::string text;
  HttpFault fault;
};

std::string with_headers(const std::string& lines) { return "POST / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n"; }
std::string chunked(const std::string& body) { return with_headers("Transfer-Encoding: chunked\r\n") + body; }

const std::vector<Bad>& bad_requests() {
  using enum HttpFault;
  static const std::vector<Bad> table = {
      {"nonsense", "hello\r\n\r\n", malformed},
      {"two words", "GET /\r\n\r\n", malformed},
      {"an empty target", "GET  HTTP/1.1\r\nHost: a\r\n\r\n", malformed},
      {"a space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", malformed},
      {"a target without a slash", "GET a HTTP/1.1\r\nHost: a\r\n\r\n", malformed},
      {"an authority as target", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", malformed},
      {"a control in the target", "GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", malformed},
      {"a method with a colon", "GE:T / HTTP/1.1\r\nHost: a\r\n\r\n", malformed},
      {"a version in small letters", "GET / http/1.1\r\nHost: a\r\n\r\n", malformed},
      {"HTTP/2", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", unknown_version},
      {"a bare LF", "GET / HTTP/1.1\nHost: a\n\n", malformed},
      {"a bare LF at the end", "GET / HTTP/1.1\r\nHost: a\r\n\n", malformed},
      {"a bare CR in a value", "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", malformed},
      {"a NUL in a value", std::string("GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n", 29), malformed},
      {"a folded line", with_headers("A: b\r\n c\r\n"), malformed},
      {"a space before the colon", with_headers("A : b\r\n"), malformed},
      {"no colon", with_headers("A\r\n"), malformed},
      {"no name", with_headers(": b\r\n"), malformed},
      {"no host", "GET / HTTP/1.1\r\n\r\n", malformed},
      {"two hosts", with_headers("Host: b\r\n"), malformed},
      {"two lengths that agree", with_headers("Content-Length: 1\r\nContent-Length: 1\r\n") + "x", malformed},
      {"two lengths in one", with_headers("Content-Length: 1, 1\r\n") + "x", malformed},
      {"a length with a sign", with_headers("Content-Length: +1\r\n") + "x", malformed},
      {"a negative length", with_headers("Content-Length: -1\r\n"), malformed},
      {"an empty length", with_headers("Content-Length:\r\n"), malformed},
      {"a hexadecimal length", with_headers("Content-Length: 0x1\r\n") + "x", malformed},
      {"length and chunks", with_headers("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n",
       malformed},
      {"chunks and length", with_headers("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n") + "0\r\n\r\n",
       malformed},
      {"chunks in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", malformed},
      {"chunked twice", with_headers("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), malformed},
      {"another coding", with_headers("Transfer-Encoding: gzip, chunked\r\n"), unknown_transfer_coding},
      {"another expectation", with_headers("Expect: a-miracle\r\n"), unknown_expectation},
      {"a length over the limit", with_headers("Content-Length: 1001\r\n"), body_too_large},
      {"a length beyond all numbers", with_headers("Content-Length: 99999999999999999999999\r\n"), body_too_large},
      {"a chunk over the limit", chunked("3e9\r\n"), body_too_large},
      {"chunks over the limit", chunked("3e8\r\n" + std::string(1000, 'x') + "\r\n1\r\n"), body_too_large},
      {"a chunk beyond all numbers", chunked("fffffffffffffffff\r\n"), body_too_large},
      {"a chunk without a size", chunked("\r\n"), malformed},
      {"a chunk with a sign", chunked("-1\r\n"), malformed},
      {"a chunk longer than it says", chunked("1\r\nxy\r\n0\r\n\r\n"), malformed},
      {"a chunk line without end", chunked("1;" + std::string(300, 'x')), malformed},
      {"a bare LF after a chunk's size", chunked("1\nx\r\n0\r\n\r\n"), malformed},
      {"a bad trailer", chunked("0\r\nnonsense\r\n\r\n"), malformed},
      {"trailers without end", chunked("0\r\n" + std::string(500, 'a')), head_too_large},
      {"a long target", "GET /" + std::string(100, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n", target_too_long},
      {"a request line without end", "GET /" + std::string(200, 'x'), target_too_long},
      {"a long header", with_headers("A: " + std::string(400, 'x') + "\r\n"), head_too_large},
      {"a header without end", "GET / HTTP/1.1\r\nA: " + std::string(500, 'x'), head_too_large},
      {"many headers", with_headers("A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\nE: 5\r\n"), head_too_large},
      {"empty lines without end", "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n", malformed},
  };
  return table;
}

constexpr std::size_t steps[] = {1, 2, 3, 7, 64, 100'000};

TEST(HttpReaderTest, good_requests_are_read_whole_however_they_come) {
  for (const Good& row : good_requests()) {
    for (const std::size_t step : steps) {
      SCOPED_TRACE(std::string(row.name) + ", by " + std::to_string(step));
      const Read got = read(row.text, step);
      ASSERT_EQ(got.progress, HttpReader::Progress::whole);
      EXPECT_EQ(got.method, row.method);
      EXPECT_EQ(got.path, row.path);
      EXPECT_EQ(got.query, row.query);
      EXPECT_EQ(got.body, row.body);
      EXPECT_EQ(got.keeps_alive, row.keeps_alive);
      EXPECT_EQ(got.rest, 0U);
    }
  }
}

TEST(HttpReaderTest, bad_requests_fail_the_same_however_they_come) {
  for (const Bad& row : bad_requests()) {
    for (const std::size_t step : steps) {
      SCOPED_TRACE(std::string(row.name) + ", by " + std::to_string(step));
      const Read got = read(row.text, step);
      EXPECT_EQ(got.progress, HttpReader::Progress::failed);
      EXPECT_EQ(got.fault, row.fault);
    }
  }
}

TEST(HttpReaderTest, a_request_cut_short_waits_for_more) {
  for (const Good& row : good_requests()) {
    SCOPED_TRACE(row.name);
    for (std::size_t bytes = 1; bytes < row.text.size(); ++bytes) {
      EXPECT_EQ(read(row.text.substr(0, bytes), 100'000).progress, HttpReader::Progress::more) << bytes;
    }
  }
}

TEST(HttpReaderTest, what_follows_a_request_is_left_for_the_next) {
  for (const Good& row : good_requests()) {
    SCOPED_TRACE(row.name);
    const Read got = read(row.text + "GET /next HTTP/1.1\r\n", 100'000);
    ASSERT_EQ(got.progress, HttpReader::Progress::whole);
    EXPECT_EQ(got.rest, 20U);
    EXPECT_EQ(got.body, row.body);
  }
}

TEST(HttpReaderTest, one_reader_reads_one_request_after_another) {
  HttpReader reader(small);
  std::string buffer;
  for (const Good& row : good_requests()) {
    buffer += row.text;
  }
  for (const Good& row : good_requests()) {
    SCOPED_TRACE(row.name);
    std::size_t size = buffer.size();
    ASSERT_EQ(reader.advance(buffer.data(), size), HttpReader::Progress::whole);
    buffer.resize(size);
    HttpRequest request;
    reader.give(buffer.data(), request);
    EXPECT_EQ(request.path, row.path);
    EXPECT_EQ(request.body, row.body);
    buffer.erase(0, reader.used());
    reader.reset();
  }
  EXPECT_TRUE(buffer.empty());
}

TEST(HttpReaderTest, continue_is_wanted_between_head_and_body) {
  std::string text = with_headers("Expect: 100-continue\r\nContent-Length: 3\r\n");
  HttpReader reader(small);
  std::size_t size = text.size() - 2;
  EXPECT_EQ(reader.advance(text.data(), size), HttpReader::Progress::more);
  EXPECT_FALSE(reader.wants_continue());
  size = text.size();
  EXPECT_EQ(reader.advance(text.data(), size), HttpReader::Progress::more);
  EXPECT_TRUE(reader.wants_continue());
  EXPECT_EQ(reader.missing_bytes(), 3U);
  text += "abc";
  size = text.size();
  EXPECT_EQ(reader.advance(text.data(), size), HttpReader::Progress::whole);
  EXPECT_FALSE(reader.wants_continue());
}

TEST(HttpReaderTest, a_body_in_tiny_chunks_takes_no_more_room_than_its_bytes) {
  HttpReader reader(small);
  std::string buffer = chunked("");
  std::size_t size = buffer.size();
  ASSERT_EQ(reader.advance(buffer.data(), size), HttpReader::Progress::more);
  const std::size_t head = size;
  for (std::size_t i = 1; i <= 900; ++i) {
    buffer += "1\r\nx\r\n";
    size = buffer.size();
    ASSERT_EQ(reader.advance(buffer.data(), size), HttpReader::Progress::more);
    buffer.resize(size);
    ASSERT_EQ(size, head + i);
  }
}

TEST(HttpResponseTest, a_header_cannot_bring_another_line) {
  HttpResponse response;
  response.add_header("A", "b\r\nEvil: yes");
  response.add_header("C", "d");
  EXPECT_EQ(response.header_lines, "A: bEvil: yes\r\nC: d\r\n");
  EXPECT_EQ(response.header("c"), "d");
  EXPECT_EQ(response.header("evil"), "");
}

}  // namespace
}  // namespace sluice::wire
