#include "wire/json.h"

#include <gtest/gtest.h>

#include "wire/json_document.h"

namespace sluice::wire {
namespace {

std::string json_of(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(JsonTest, plain_text_stands_as_it_is) {
  EXPECT_EQ(json_of(""), "\"\"");
  EXPECT_EQ(json_of("plain"), "\"plain\"");
  EXPECT_EQ(json_of("häßlich \xF0\x9F\x98\x80 \x7f"), "\"häßlich \xF0\x9F\x98\x80 \x7f\"");
}

TEST(JsonTest, quotes_backslashes_and_controls_are_escaped) {
  EXPECT_EQ(json_of("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(json_of("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(json_of(std::string_view("\0\x1f", 2)), "\"\\u0000\\u001f\"");
}

TEST(JsonTest, every_byte_at_every_place_reads_back) {
  for (int place = 0; place < 20; ++place) {
    for (int byte = 0; byte < 128; ++byte) {
      std::string text(20, 'x');
      text[place] = static_cast<char>(byte);
      std::string_view back;
      ASSERT_EQ(JsonReader::local().read(json_of(text)).get(back), simdjson::SUCCESS);
      ASSERT_EQ(back, text);
    }
  }
}

TEST(JsonTest, numbers_are_shortest) {
  std::string out;
  append_json_number(out, std::int64_t{-9223372036854775807 - 1});
  out += ' ';
  append_json_number(out, 1700000000.123);
  out += ' ';
  append_json_number(out, std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(out, "-9223372036854775808 1700000000.123 \"NaN\"");
}

TEST(JsonTest, an_empty_object_closes_and_a_last_comma_goes) {
  std::string out = "{";
  close_json(out, '}');
  EXPECT_EQ(out, "{}");
  out = "[1,";
  close_json(out, ']');
  EXPECT_EQ(out, "[1]");
}

TEST(JsonTest, utf8_is_strict) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"));
  EXPECT_FALSE(is_utf8("\xC0\x80"));          // overlong
  EXPECT_FALSE(is_utf8("\xED\xA0\x80"));      // a surrogate
  EXPECT_FALSE(is_utf8("\xF4\x90\x80\x80"));  // above U+10FFFF
  EXPECT_FALSE(is_utf8("\xE2\x82"));          // cut
  EXPECT_FALSE(is_utf8("\x80"));
}

TEST(JsonReaderTest, depth_is_bounded) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(JsonReader::local().read(nested(json_depth_max - 1)).error(), simdjson::SUCCESS);
  EXPECT_EQ(JsonReader::local().read(nested(json_depth_max + 1)).error(), simdjson::DEPTH_ERROR);
  EXPECT_NE(JsonReader::local().read(std::string(4'000'000, '[')).error(), simdjson::SUCCESS);
  JsonReader::local().release();
  EXPECT_EQ(JsonReader::local().read("{}").error(), simdjson::SUCCESS);
}

TEST(JsonReaderTest, the_whole_document_is_checked) {
  for (const std::string_view text : {"", " ", "{", "{}{}", "{\"a\":1,}", "{'a':1}", "[1 2]", "nul", "01", "\"\x01\"",
                                      "{\"a\":\"\xC3\x28\"}", "{\"a\":\"\\ud800\"}", "\xEF\xBB\xBF{"}) {
    EXPECT_NE(JsonReader::local().read(text).error(), simdjson::SUCCESS) << text;
  }
}

}  // namespace
}  // namespace sluice::wire
