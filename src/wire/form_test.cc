#include "wire/form.h"

#include <gtest/gtest.h>

namespace sluice::wire {
namespace {

std::string fields_of(std::string_view text) {
  std::vector<FormField> fields;
  if (const auto read = read_form(text, fields); !read) {
    return "fault " + std::to_string(static_cast<int>(read.error()));
  }
  std::string shown;
  for (const FormField& field : fields) {
    shown += "[" + field.name + "|" + field.value + "]";
  }
  return shown;
}

TEST(FormTest, fields_come_in_their_order) {
  EXPECT_EQ(fields_of(""), "");
  EXPECT_EQ(fields_of("Action=SendMessage&MessageBody=a+b%2Bc%0d%C3%A4"), "[Action|SendMessage][MessageBody|a b+c\rä]");
  EXPECT_EQ(fields_of("b=1&a=2&b=3"), "[b|1][a|2][b|3]");
}

TEST(FormTest, missing_parts_are_empty) { EXPECT_EQ(fields_of("&&a&b=&=c&d=e=f&"), "[a|][b|][|c][d|e=f]"); }

TEST(FormTest, malformed_input_is_a_fault) {
  for (const std::string_view text : {"a=%", "a=%4", "a=%4g", "%zz=1", "a=%-1", "a=% 1"}) {
    EXPECT_EQ(fields_of(text), "fault 0") << text;
  }
  EXPECT_EQ(fields_of("a=%ff"), "fault 1");
  EXPECT_EQ(fields_of("%ed%a0%80=1"), "fault 1");
}

TEST(FormTest, the_number_of_fields_is_bounded) {
  std::string text;
  for (std::size_t field = 0; field < form_fields_max; ++field) {
    text += "a=&";
  }
  std::vector<FormField> fields;
  EXPECT_TRUE(read_form(text, fields));
  EXPECT_EQ(fields.size(), form_fields_max);
  EXPECT_FALSE(read_form("b=", fields));
}

TEST(FormTest, a_plus_is_a_space_only_in_forms) {
  EXPECT_EQ(percent_decode("a+b%41", false), "a+bA");
  EXPECT_EQ(percent_decode("a+b%41", true), "a bA");
  EXPECT_EQ(percent_decode("%4", true), std::nullopt);
}

}  // namespace
}  // namespace sluice::wire
