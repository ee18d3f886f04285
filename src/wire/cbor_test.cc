#include "wire/cbor.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/digest.h"

namespace sluice::wire {
namespace {

using Kind = CborItem::Kind;

std::string unhex(std::string_view text) {
  std::string bytes;
  for (std::size_t at = 0; at + 1 < text.size(); at += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(text.substr(at, 2)), nullptr, 16)));
  }
  return bytes;
}

CborItem only(std::string_view hexadecimal) {
  static std::string bytes;
  bytes = unhex(hexadecimal);
  CborReader reader(bytes);
  const CborItem item = reader.next();
  EXPECT_TRUE(reader.at_end()) << hexadecimal;
  return item;
}

// RFC 8949, appendix A.
TEST(CborTest, numbers_of_the_standards_examples_are_read) {
  EXPECT_EQ(only("00").integer, 0);
  EXPECT_EQ(only("1864").integer, 100);
  EXPECT_EQ(only("1b000000e8d4a51000").integer, 1'000'000'000'000);
  EXPECT_EQ(only("3903e7").integer, -1000);
  EXPECT_EQ(only("1bffffffffffffffff").kind, Kind::number);
  EXPECT_EQ(only("f93e00").number, 1.5);
  EXPECT_EQ(only("f90001").number, 5.960464477539063e-8);
  EXPECT_EQ(only("fa47c35000").number, 100000.0);
  EXPECT_EQ(only("fb3ff199999999999a").number, 1.1);
  EXPECT_TRUE(std::isnan(only("f97e00").number));
  EXPECT_EQ(only("f9fc00").number, -std::numeric_limits<double>::infinity());
  EXPECT_EQ(only("c11a514b67b0").tag, 1U);
  EXPECT_EQ(only("c11a514b67b0").integer, 1'363'896'240);
}

TEST(CborTest, texts_bytes_and_simple_values_are_read) {
  EXPECT_EQ(only("62c3bc").view.size(), 2U);
  EXPECT_EQ(only("4401020304").view, std::string_view("\1\2\3\4"));
  EXPECT_TRUE(only("f5").boolean);
  EXPECT_EQ(only("f6").kind, Kind::null);
  const std::string bytes = unhex("7f657374726561646d696e67ff");
  CborReader reader(bytes);
  EXPECT_EQ(reader.next().view, "streaming");
}

TEST(CborTest, whole_items_are_skipped) {
  for (const auto* text : {"83010203", "826161bf61626163ff", "9f018202039f0405ffff", "a201020304", "d74401020304"}) {
    const std::string bytes = unhex(text);
    CborReader reader(bytes);
    EXPECT_TRUE(reader.skip(reader.next())) << text;
    EXPECT_TRUE(reader.at_end()) << text;
  }
}

TEST(CborTest, what_is_malformed_is_told_and_ends) {
  for (const auto* text :
       {"", "18", "1c", "61", "61ff", "7f01ff", "5f", "9b00ffffffffffffff", "1f", "ff", "83ff", "f8"}) {
    const std::string bytes = unhex(text);
    CborReader reader(bytes);
    EXPECT_FALSE(reader.skip(reader.next())) << text;
  }
  const std::string deep(10'000, '\x81');
  CborReader reader(deep);
  EXPECT_FALSE(reader.skip(reader.next()));
}

TEST(CborTest, what_is_written_is_in_its_shortest_form) {
  std::string out;
  append_cbor_map(out, 1);
  append_cbor_text(out, "a");
  append_cbor_array(out, 5);
  append_cbor_integer(out, 23);
  append_cbor_integer(out, 24);
  append_cbor_integer(out, -256);
  append_cbor_integer(out, 65'536);
  append_cbor_tag(out, 1);
  append_cbor_number(out, 1.1);
  append_cbor_boolean(out, false);
  append_cbor_bytes(out, "x");
  EXPECT_EQ(hex(out),
            "a16161851718"
            "1838ff1a00010000c1fb3ff199999999999af44178");
}

}  // namespace
}  // namespace sluice::wire
