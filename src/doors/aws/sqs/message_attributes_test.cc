#include "doors/aws/sqs/message_attributes.h"

#include <gtest/gtest.h>

#include "doors/aws/sqs/text.h"

namespace sluice::sqs {
namespace {

api::MessageAttributeValue text(std::string type, std::string value) {
  api::MessageAttributeValue attribute;
  attribute.data_type = std::move(type);
  attribute.string_value = std::move(value);
  return attribute;
}

api::MessageAttributeValue binary(std::string type, std::string value) {
  api::MessageAttributeValue attribute;
  attribute.data_type = std::move(type);
  attribute.binary_value = std::move(value);
  return attribute;
}

std::string message_of(const std::optional<ServiceError>& error) { return error ? error->message : ""; }

}  // namespace

TEST(MessageAttributesTest, the_digest_has_aws_s_vectors) {
  EXPECT_EQ(md5_of(to_headers({{"colour", text("String", "green")}})), "b1a0d8ab288d3ff672f5495d1ed5046c");
  EXPECT_EQ(md5_of(to_headers(
                {{"weight", text("Number.float", "1.5")}, {"blob", binary("Binary", std::string("\x00\x01\xff", 3))}})),
            "db7d50b1c4e1dcd564320122b5c6a4f9");
  EXPECT_EQ(md5_of(to_headers({{"AWSTraceHeader", text("String", "Root=1-00000001-000000000000000000000001")}})),
            "f890345893b08748eef5848339c0790d");
}

TEST(MessageAttributesTest, good_ones_pass) {
  EXPECT_FALSE(check_attributes({{"a.b-c_9", text("String.label", "x")},
                                 {"n", text("Number", "-12.50e3")},
                                 {"über.Łódź", binary("Binary.png", std::string("\0", 1))}}));
}

TEST(MessageAttributesTest, each_rule_is_told_in_its_words) {
  struct Row {
    std::string name;
    api::MessageAttributeValue value;
    std::string_view words;
  };
  const Row rows[] = {
      {std::string(257, 'n'), text("String", "x"), "must be shorter than 256 Bytes"},
      {"", text("String", "x"), "must contain non-empty message (user) attribute names."},
      {"a b", text("String", "x"), "can only contain upper and lower score characters"},
      {"a€", text("String", "x"), "can only contain upper and lower score characters"},
      {"a\u00a0", text("String", "x"), "can only contain upper and lower score characters"},
      {"日本", text("String", "x"), "can only contain upper and lower score characters"},
      {"AWS.x", text("String", "x"), "reserved for internal use"},
      {"amazon.x", text("String", "x"), "reserved for internal use"},
      {".x", text("String", "x"), "cannot start or end with '.'"},
      {"x..y", text("String", "x"), "cannot start or end with '.'"},
      {"t", text("Text", "x"), "supported type prefixes: Binary, Number, String."},
      {"t", text("", "x"), "non-empty message attribute type"},
      {"t", text("String", ""), "must contain a non-empty value of type 'String'"},
      {"t", binary("String", "x"), "with type 'String' must use field 'String'"},
      {"t", text("Binary", "x"), "with type 'Binary' must use field 'Binary'"},
      {"t", text("Number", "12a"), "Can't cast the value of message (user) attribute 't' to a number."},
      {"t", text("String", "\x01"), "Invalid binary character"},
  };
  for (const Row& row : rows) {
    const std::string message = message_of(check_attributes({{row.name, row.value}}));
    EXPECT_NE(message.find(row.words), std::string::npos) << row.words << " / " << message;
  }
}

TEST(MessageAttributesTest, eleven_are_too_many) {
  Attributes attributes;
  for (int i = 0; i < 11; ++i) {
    attributes[std::to_string(i)] = text("String", "x");
  }
  EXPECT_EQ(message_of(check_attributes(attributes)),
            "Number of message attributes [11] exceeds the allowed maximum [10].");
}

TEST(AttributeFilterTest, takes_all_names_and_prefixes) {
  EXPECT_FALSE(AttributeFilter({}).wants("a"));
  for (const std::string all : {"All", ".*", "*"}) {
    EXPECT_TRUE(AttributeFilter({all}).wants("anything"));
  }
  const AttributeFilter filter({"exact", "col.*"});
  EXPECT_TRUE(filter.wants("exact"));
  EXPECT_TRUE(filter.wants("color"));
  EXPECT_TRUE(filter.wants("col.or"));
  EXPECT_FALSE(filter.wants("exactly"));
}

TEST(TextTest, numbers_as_sqs_takes_them) {
  for (const std::string_view good :
       {"0", "-1", "+1.5", ".5", "5.", "1e10", "1E-10", "12345678901234567890123456789012345678"}) {
    EXPECT_TRUE(is_sqs_number(good)) << good;
  }
  for (const std::string_view bad :
       {"", "-", ".", "1e", "e5", "1x", "0x10", "1e200", "123456789012345678901234567890123456789"}) {
    EXPECT_FALSE(is_sqs_number(bad)) << bad;
  }
}

TEST(TextTest, characters_as_sqs_takes_them) {
  EXPECT_TRUE(allowed_characters("plain \t\r\n \xc3\xa9 \xf0\x9f\x98\x80 \xef\xbf\xbd"));
  EXPECT_FALSE(allowed_characters(std::string_view("\0", 1)));
  EXPECT_FALSE(allowed_characters("\x1f"));
  EXPECT_FALSE(allowed_characters("\xef\xbf\xbe"));
  EXPECT_FALSE(allowed_characters("a\xef\xbf\xbf"));
}

TEST(TextTest, trace_headers) {
  EXPECT_TRUE(is_trace_header("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"));
  EXPECT_TRUE(is_trace_header("Self=x;Root=1-5759e988-bd862e3fe1be46a994272793"));
  EXPECT_FALSE(is_trace_header("Root=1-5759e988"));
  EXPECT_FALSE(is_trace_header("nonsense"));
  const std::string root = "Root=1-5759e988-bd862e3fe1be46a994272793;";
  EXPECT_TRUE(is_trace_header(root + std::string(2048 - root.size(), 'x')));
  EXPECT_FALSE(is_trace_header(root + std::string(2049 - root.size(), 'x')));
}

}  // namespace sluice::sqs
