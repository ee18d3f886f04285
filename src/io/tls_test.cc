#include "io/tls.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>

namespace sluice::io {
namespace {

// The other side, on memory as well.
class Client {
 public:
  Client() : context_(SSL_CTX_new(TLS_client_method())), ssl_(SSL_new(context_)) {
    in_ = BIO_new(BIO_s_mem());
    out_ = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl_, in_, out_);
    SSL_set_connect_state(ssl_);
  }
  ~Client() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Takes bytes, gives what it says to them; what they meant is in `plain`.
  std::string answer(const std::string& bytes, std::string& plain) {
    BIO_write(in_, bytes.data(), static_cast<int>(bytes.size()));
    SSL_do_handshake(ssl_);
    char piece[4096];
    for (int got = SSL_read(ssl_, piece, sizeof piece); got > 0; got = SSL_read(ssl_, piece, sizeof piece)) {
      plain.append(piece, static_cast<std::size_t>(got));
    }
    return taken();
  }
  std::string say(const std::string& plain) {
    SSL_write(ssl_, plain.data(), static_cast<int>(plain.size()));
    return taken();
  }

 private:
  std::string taken() {
    char* data = nullptr;
    const long bytes = BIO_get_mem_data(out_, &data);
    std::string text(data, static_cast<std::size_t>(bytes));
    BIO_reset(out_);
    return text;
  }
  SSL_CTX* context_;
  SSL* ssl_;
  BIO* in_;
  BIO* out_;
};

std::unique_ptr<TlsContext> own_context() {
  const auto made = make_self_signed();
  EXPECT_TRUE(made);
  auto context = TlsContext::make(made->certificate, made->key);
  EXPECT_TRUE(context);
  return std::move(*context);
}

// Runs the handshake, the server being fed `step` bytes at a time.
void shake_hands(Client& client, TlsSession& server, std::size_t step) {
  std::string to_server = client.answer("", to_server);
  for (int round = 0; round < 4 && !to_server.empty(); ++round) {
    std::string plain;
    std::string to_client;
    for (std::size_t at = 0; at < to_server.size(); at += step) {
      ASSERT_TRUE(server.receive(to_server.substr(at, step), plain, to_client));
    }
    to_server = client.answer(to_client, plain);
  }
}

TEST(TlsTest, what_one_side_says_the_other_hears) {
  const auto context = own_context();
  for (const std::size_t step : {std::size_t{1}, std::size_t{100'000}}) {
    Client client;
    TlsSession server(*context);
    shake_hands(client, server, step);
    std::string plain;
    std::string answer;
    ASSERT_TRUE(server.receive(client.say(std::string(50'000, 'q')), plain, answer));
    EXPECT_EQ(plain, std::string(50'000, 'q'));
    std::string sealed;
    server.send(std::string(100'000, 'a'), sealed);
    EXPECT_EQ(sealed.find("aaaa"), std::string::npos);
    std::string heard;
    client.answer(sealed, heard);
    EXPECT_EQ(heard, std::string(100'000, 'a'));
  }
}

TEST(TlsTest, nonsense_ends_the_session) {
  const auto context = own_context();
  TlsSession server(*context);
  std::string plain;
  std::string answer;
  EXPECT_FALSE(server.receive("\x16\xff\xff this is no handshake at all, not at all", plain, answer));
  EXPECT_TRUE(plain.empty());
}

TEST(TlsTest, a_certificate_that_is_none_is_told_from_a_key_that_is_none) {
  const auto made = make_self_signed();
  const auto other = make_self_signed();
  ASSERT_TRUE(made && other);
  const auto no_certificate = TlsContext::make("nonsense", made->key);
  ASSERT_FALSE(no_certificate);
  EXPECT_NE(no_certificate.error().what.find("certificate"), std::string::npos);
  const auto no_key = TlsContext::make(made->certificate, "nonsense");
  ASSERT_FALSE(no_key);
  EXPECT_NE(no_key.error().what.find("key"), std::string::npos);
  EXPECT_FALSE(TlsContext::make(made->certificate, other->key));
}

}  // namespace
}  // namespace sluice::io
