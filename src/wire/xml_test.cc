#include "wire/xml.h"

#include <gtest/gtest.h>

namespace sluice::wire {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  append_xml_text(out, text);
  return out;
}

TEST(XmlTest, markup_and_carriage_returns_are_escaped) {
  EXPECT_EQ(escaped("a<b>&\"c'"), "a&lt;b&gt;&amp;&quot;c'");
  EXPECT_EQ(escaped("one\r\ntwo\tthree"), "one&#xD;\ntwo\tthree");
  EXPECT_EQ(escaped("ä€\xF0\x9F\x98\x80"), "ä€\xF0\x9F\x98\x80");
}

TEST(XmlTest, what_xml_cannot_hold_becomes_the_replacement_character) {
  EXPECT_EQ(escaped(std::string_view("a\0b\x1f", 4)),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD");
  EXPECT_EQ(escaped("\xEF\xBF\xBF|\xEF\xBF\xBE|\xEF\xBF\xBD"), "\xEF\xBF\xBD|\xEF\xBF\xBD|\xEF\xBF\xBD");
}

TEST(XmlTest, an_element_without_content_closes_itself) {
  std::string out;
  XmlElement outer(out, "A");
  XmlElement empty(out, "B");
  empty.end();
  append_xml_element(out, "C", "<");
  append_xml_element(out, "D", "");
  outer.end();
  EXPECT_EQ(out, "<A><B/><C>&lt;</C><D></D></A>");
}

}  // namespace
}  // namespace sluice::wire
