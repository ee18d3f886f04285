#include "doors/aws/http/origin.h"

#include <gtest/gtest.h>

namespace sluice::aws::http {
namespace {

Client client(const Origin& origin, std::vector<wire::HttpHeader> headers, std::string_view peer = "192.0.2.1:999") {
  wire::HttpRequest request;
  request.headers = std::move(headers);
  return client_of(origin, request, peer, false);
}

TEST(OriginTest, a_client_is_its_connections_other_end) {
  EXPECT_EQ(client({}, {}).address, "192.0.2.1");
  EXPECT_EQ(client({}, {}, "[2001:db8::1]:999").address, "2001:db8::1");
  const Client claims = client({}, {{"X-Forwarded-For", "10.0.0.1"}, {"X-Forwarded-Proto", "https"}});
  EXPECT_EQ(claims.address, "192.0.2.1") << "anybody can say so";
  EXPECT_FALSE(claims.secure);
}

TEST(OriginTest, trusted_proxies_tell_whom_they_serve) {
  const Origin origin{.public_url = {}, .trusted_proxies = {"192.0.2.1", "192.0.2.2"}};
  EXPECT_EQ(client(origin, {{"X-Forwarded-For", "10.0.0.1"}}).address, "10.0.0.1");
  EXPECT_EQ(client(origin, {{"X-Forwarded-For", "6.6.6.6, 10.0.0.1, 192.0.2.2"}}).address, "10.0.0.1")
      << "what stands before the first unknown one is that one's own claim";
  EXPECT_EQ(client(origin, {}).address, "192.0.2.1");
  EXPECT_TRUE(client(origin, {{"X-Forwarded-Proto", "https"}}).secure);
  EXPECT_EQ(client(origin, {{"X-Forwarded-For", "10.0.0.1"}}, "198.51.100.1:9").address, "198.51.100.1");
}

}  // namespace
}  // namespace sluice::aws::http
