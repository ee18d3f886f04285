#include "doors/aws/iam/condition.h"

#include <gtest/gtest.h>

#include "doors/aws/iam/request.h"

namespace sluice::iam {
namespace {

using Values = std::vector<std::string>;

Request request() {
  static const Identity who{.account = "111122223333",
                            .arn = "arn:aws:iam::111122223333:user/ann",
                            .id = "AIDA1",
                            .name = "ann",
                            .organization = "o-1234567890",
                            .tags = {{"Team", "blue"}}};
  static const Circumstances here{.source_address = "192.0.2.7",
                                  .user_agent = "Boto3/1.34",
                                  .region = "us-east-1",
                                  .now = from_milliseconds(1'767'323'045'000),  // 2026-01-02T03:04:05Z
                                  .source_arn = "arn:aws:sns:us-east-1:111122223333:news",
                                  .source_account = "111122223333",
                                  .more = {{"sqs:colour", "red"}, {"sqs:colour", "blue"}, {"sqs:size", "10"}}};
  return {who, here, "sqs:SendMessage", "arn:aws:sqs:us-east-1:111122223333:q"};
}

bool holds(std::string_view name, std::string_view key, const Values& values) {
  const auto condition = Condition::make(name, key, values, true);
  EXPECT_TRUE(condition) << name << " " << values[0];
  return condition && condition->holds(request());
}

struct Row {
  std::string_view name;
  std::string_view key;
  Values values;
  bool holds;
};

TEST(Condition, operators_compare_as_documented) {
  const Row rows[] = {
      {"StringEquals", "aws:username", {"bob", "ann"}, true},
      {"StringEquals", "AWS:UserName", {"ANN"}, false},
      {"StringEquals", "aws:username", {"a*"}, false},
      {"stringlike", "aws:username", {"a*"}, true},
      {"forAnyvalue:stringEqualsIFEXISTS", "sqs:colour", {"blue"}, true},
      {"StringEquals", "aws:username", {"${aws:username}"}, true},
      {"StringNotEquals", "aws:username", {"bob", "ann"}, false},
      {"StringNotEquals", "aws:username", {"bob", "cid"}, true},
      {"StringEqualsIgnoreCase", "aws:username", {"ANN"}, true},
      {"StringNotEqualsIgnoreCase", "aws:username", {"ANN"}, false},
      {"StringLike", "aws:UserAgent", {"boto*", "Boto*"}, true},
      {"StringNotLike", "aws:UserAgent", {"*3/*"}, false},
      {"StringEquals", "aws:PrincipalTag/team", {"blue"}, true},
      {"StringEquals", "aws:PrincipalOrgID", {"o-1234567890"}, true},
      {"StringEquals", "aws:PrincipalAccount", {"111122223333"}, true},
      {"StringEquals", "aws:RequestedRegion", {"us-east-1"}, true},
      {"NumericEquals", "sqs:size", {"10.0"}, true},
      {"NumericNotEquals", "sqs:size", {"10"}, false},
      {"NumericLessThan", "sqs:size", {"10"}, false},
      {"NumericLessThanEquals", "sqs:size", {"10"}, true},
      {"NumericGreaterThan", "sqs:size", {"9.5"}, true},
      {"NumericGreaterThanEquals", "sqs:size", {"11"}, false},
      {"DateLessThan", "aws:CurrentTime", {"2026-01-02T03:04:06Z"}, true},
      {"DateLessThan", "aws:CurrentTime", {"2026-01-02"}, false},
      {"DateGreaterThan", "aws:CurrentTime", {"2026-01-02T05:04:04+02:00"}, true},
      {"DateGreaterThanEquals", "aws:EpochTime", {"1767323045"}, true},
      {"DateEquals", "aws:EpochTime", {"2026-01-02T03:04:05Z"}, true},
      {"DateNotEquals", "aws:EpochTime", {"1767323045"}, false},
      {"DateLessThanEquals", "aws:CurrentTime", {"2025-12-31"}, false},
      {"Bool", "aws:SecureTransport", {"false"}, true},
      {"Bool", "aws:SecureTransport", {"True"}, false},
      {"IpAddress", "aws:SourceIp", {"10.0.0.0/8", "192.0.2.0/24"}, true},
      {"IpAddress", "aws:SourceIp", {"192.0.2.8/31"}, false},
      {"IpAddress", "aws:SourceIp", {"::ffff:192.0.2.7"}, true},
      {"IpAddress", "aws:SourceIp", {"2001:db8::/32"}, false},
      {"NotIpAddress", "aws:SourceIp", {"192.0.2.0/24"}, false},
      {"NotIpAddress", "aws:SourceIp", {"10.0.0.0/8"}, true},
      {"ArnEquals", "aws:SourceArn", {"arn:aws:sns:*:*:news"}, true},
      {"ArnLike", "aws:SourceArn", {"arn:aws:sns:*news"}, false},
      {"ArnNotEquals", "aws:SourceArn", {"arn:aws:sns:us-east-1:111122223333:news"}, false},
      {"ArnNotLike", "aws:PrincipalArn", {"arn:aws:iam::*:user/b*"}, true},
      {"StringEquals", "aws:SourceAccount", {"111122223333"}, true},
      {"Null", "aws:username", {"false"}, true},
      {"Null", "aws:username", {"true"}, false},
      {"Null", "aws:TokenIssueTime", {"true"}, true},
      {"BinaryEquals", "aws:username", {"ann"}, true},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(holds(row.name, row.key, row.values), row.holds) << row.name << " " << row.key << " " << row.values[0];
  }
}

TEST(Condition, an_absent_key_holds_only_for_what_is_negated_or_optional) {
  const Row rows[] = {
      {"StringEquals", "aws:SourceVpc", {"x"}, false},
      {"StringEqualsIfExists", "aws:SourceVpc", {"x"}, true},
      {"StringNotEquals", "aws:SourceVpc", {"x"}, true},
      {"NumericLessThan", "aws:MultiFactorAuthAge", {"1"}, false},
      {"BoolIfExists", "aws:MultiFactorAuthPresent", {"true"}, true},
      {"ForAllValues:StringEquals", "aws:TagKeys", {"x"}, true},
      {"ForAnyValue:StringEquals", "aws:TagKeys", {"x"}, false},
      {"ForAnyValue:StringNotEquals", "aws:TagKeys", {"x"}, false},
      {"StringEqualsIfExists", "aws:username", {"bob"}, false},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(holds(row.name, row.key, row.values), row.holds) << row.name;
  }
}

TEST(Condition, sets_are_held_against_every_or_any_value) {
  const Row rows[] = {
      {"ForAllValues:StringEquals", "sqs:Colour", {"red", "blue", "green"}, true},
      {"ForAllValues:StringEquals", "sqs:Colour", {"red", "green"}, false},
      {"ForAnyValue:StringEquals", "sqs:Colour", {"blue", "green"}, true},
      {"ForAnyValue:StringEquals", "sqs:Colour", {"green"}, false},
      {"ForAnyValue:StringNotEquals", "sqs:Colour", {"red"}, true},
      {"ForAllValues:StringNotEquals", "sqs:Colour", {"red"}, false},
      {"ForAllValues:StringLike", "sqs:Colour", {"*e*"}, true},
      {"StringEquals", "sqs:Colour", {"blue"}, true},
      {"StringNotEquals", "sqs:Colour", {"blue"}, false},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(holds(row.name, row.key, row.values), row.holds) << row.name << " " << row.values[0];
  }
}

TEST(Condition, what_cannot_be_compared_is_no_condition) {
  const Row rows[] = {
      {"StringEqual", "k", {"x"}, false},
      {"", "k", {"x"}, false},
      {"ForSomeValues:StringEquals", "k", {"x"}, false},
      {"NullIfExists", "k", {"true"}, false},
      {"Null", "k", {"yes"}, false},
      {"Bool", "k", {"1"}, false},
      {"NumericEquals", "k", {"ten"}, false},
      {"NumericEquals", "k", {"0x10"}, false},
      {"NumericEquals", "k", {""}, false},
      {"DateEquals", "k", {"yesterday"}, false},
      {"DateEquals", "k", {"2026-13-01"}, false},
      {"DateEquals", "k", {"99999999999999999999"}, false},
      {"DateEquals", "k", {"2026-01-02T03:04:05+0x:00"}, false},
      {"IpAddress", "k", {"192.0.2.0/33"}, false},
      {"IpAddress", "k", {"192.0.2"}, false},
      {"IpAddress", "k", {"192.0.2.0/"}, false},
      {"IpAddress", "k", {"2001:db8::/129"}, false},
      {"StringEquals", "", {"x"}, false},
      {"StringEquals", "k", {}, false},
  };
  for (const Row& row : rows) {
    EXPECT_FALSE(Condition::make(row.name, row.key, row.values, false)) << row.name;
  }
}

}  // namespace
}  // namespace sluice::iam
