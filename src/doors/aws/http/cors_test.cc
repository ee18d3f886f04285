#include "doors/aws/http/cors.h"

#include <gtest/gtest.h>

namespace sluice::aws::http {
namespace {

TEST(CorsTest, pages_of_the_own_machine_are_told_by_their_host) {
  const Cors cors{{"loopback"}};
  for (const auto* origin : {"http://localhost", "https://localhost:3000", "http://127.0.0.1:8080", "http://[::1]:80",
                             "http://app.localhost:4200", "http://127.1.2.3"}) {
    EXPECT_TRUE(allows(cors, origin)) << origin;
  }
  for (const auto* origin : {"http://example.com", "http://localhost.example.com", "http://127.0.0.1.example.com",
                             "null", "", "localhost", "http://", "http://[::2]", "http://10.0.0.1"}) {
    EXPECT_FALSE(allows(cors, origin)) << origin;
  }
}

TEST(CorsTest, others_are_allowed_by_name_or_all) {
  EXPECT_TRUE(allows({{"https://a.example"}}, "https://a.example"));
  EXPECT_FALSE(allows({{"https://a.example"}}, "https://a.example:444"));
  EXPECT_FALSE(allows({{"https://a.example"}}, "http://localhost"));
  EXPECT_TRUE(allows({{"*"}}, "null"));
  EXPECT_FALSE(allows({{}}, "http://localhost"));
}

TEST(CorsTest, a_preflight_gets_the_headers_it_asked_for) {
  wire::HttpRequest preflight;
  preflight.headers = {{"Access-Control-Request-Headers", "x-amz-target,authorization"},
                       {"Access-Control-Request-Private-Network", "true"}};
  wire::HttpResponse response;
  allow_sending(response, preflight, "GET, POST");
  EXPECT_EQ(response.header("Access-Control-Allow-Headers"), "x-amz-target,authorization");
  EXPECT_EQ(response.header("Access-Control-Allow-Methods"), "GET, POST");
  EXPECT_EQ(response.header("Access-Control-Allow-Private-Network"), "true");
}

}  // namespace
}  // namespace sluice::aws::http
