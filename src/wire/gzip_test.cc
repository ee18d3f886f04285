#include "wire/gzip.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

namespace sluice::wire {
namespace {

std::string deflated(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

std::string some_text(std::size_t bytes) {
  std::string text;
  for (std::size_t i = 0; text.size() < bytes; ++i) {
    text += std::to_string(i * 7919);
  }
  text.resize(bytes);
  return text;
}

TEST(GzipTest, a_text_comes_back) {
  for (const std::size_t bytes : {0UL, 1UL, 16'383UL, 16'384UL, 16'385UL, 500'000UL}) {
    const std::string text = some_text(bytes);
    std::string out;
    EXPECT_EQ(gunzip(deflated(text), 1 << 20, out), GzipFault::none) << bytes;
    EXPECT_EQ(out, text);
  }
}

TEST(GzipTest, several_members_are_one_text) {
  std::string out;
  EXPECT_EQ(gunzip(deflated("one ") + deflated("two"), 100, out), GzipFault::none);
  EXPECT_EQ(out, "one two");
}

TEST(GzipTest, the_bound_is_exact) {
  const std::string text = some_text(100'000);
  std::string out;
  EXPECT_EQ(gunzip(deflated(text), text.size(), out), GzipFault::none);
  EXPECT_EQ(gunzip(deflated(text), text.size() - 1, out), GzipFault::too_large);
  EXPECT_TRUE(out.empty());
}

TEST(GzipTest, a_bomb_is_too_large_long_before_the_bound) {
  std::string out;
  EXPECT_EQ(gunzip(deflated(std::string(4 << 20, 'x')), 100 << 20, out), GzipFault::too_large);
}

TEST(GzipTest, a_text_cut_short_or_damaged_is_malformed) {
  const std::string whole = deflated(some_text(1000));
  std::string out;
  for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
    EXPECT_EQ(gunzip(whole.substr(0, bytes), 10'000, out), GzipFault::malformed) << bytes;
  }
  std::string damaged = whole;
  damaged[damaged.size() - 6] ^= 1;  // the checksum
  EXPECT_EQ(gunzip(damaged, 10'000, out), GzipFault::malformed);
  EXPECT_EQ(gunzip("hello", 10'000, out), GzipFault::malformed);
}

}  // namespace
}  // namespace sluice::wire
