#include "doors/aws/iam/pattern.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "doors/aws/iam/request.h"

namespace sluice::iam {
namespace {

const Identity ann{
    .account = "111122223333", .arn = "arn:aws:iam::111122223333:user/ann", .id = "AIDA1", .name = "ann"};
const Identity nobody{};
const Circumstances here{};

bool matches(std::string_view pattern, std::string_view value, PatternRules rules = {}, const Identity& who = ann) {
  return Pattern(pattern, rules).matches(value, {who, here, "", ""});
}

bool matches_arn(std::string_view pattern, std::string_view value) {
  return Pattern(pattern, {}).matches_arn(value, {ann, here, "", ""});
}

// The definition, slow: what a pattern of * and ? means.
bool by_definition(std::string_view pattern, std::string_view value) {
  if (pattern.empty()) {
    return value.empty();
  }
  if (pattern[0] == '*') {
    return by_definition(pattern.substr(1), value) || (!value.empty() && by_definition(pattern, value.substr(1)));
  }
  return !value.empty() && (pattern[0] == '?' || pattern[0] == value[0]) &&
         by_definition(pattern.substr(1), value.substr(1));
}

TEST(Pattern, wildcards_match_as_defined) {
  Random random(7);
  const auto text = [&](std::string_view letters, std::size_t length_max) {
    std::string made;
    for (std::uint64_t left = random.below(length_max + 1); left > 0; --left) {
      made.push_back(letters[random.below(letters.size())]);
    }
    return made;
  };
  for (int i = 0; i < 20'000; ++i) {
    const std::string pattern = text("ab*?", 7), value = text("ab", 8);
    ASSERT_EQ(matches(pattern, value), by_definition(pattern, value)) << pattern << " on " << value;
  }
}

TEST(Pattern, many_runs_end_in_bounded_time) {
  std::string pattern;
  for (int i = 0; i < 2'000; ++i) {
    pattern += "*a";
  }
  EXPECT_FALSE(matches(pattern + "b", std::string(4'000, 'a')));
}

TEST(Pattern, without_wildcards_stars_are_stars) {
  EXPECT_TRUE(matches("a*", "a*", {.wildcards = false}));
  EXPECT_FALSE(matches("a*", "ab", {.wildcards = false}));
}

TEST(Pattern, variables_take_the_callers_values) {
  const PatternRules rules{.wildcards = true, .variables = true};
  EXPECT_TRUE(matches("home-${aws:UserName}-*", "home-ann-1", rules));
  EXPECT_FALSE(matches("home-${aws:username}-*", "home-bob-1", rules));
  EXPECT_TRUE(matches("${aws:username}", "${aws:username}")) << "older documents have no variables";
  EXPECT_FALSE(matches("${aws:username}*", "x", rules, nobody)) << "a variable without a value matches nothing";
  EXPECT_TRUE(matches("${aws:username, 'guest'}", "guest", rules, nobody));
  EXPECT_TRUE(matches("${*}${?}${$}", "*?$", rules));
  EXPECT_FALSE(matches("${*}", "x", rules));
  EXPECT_TRUE(matches("${open", "${open", rules));
}

TEST(Pattern, variables_make_no_pattern_without_end) {
  const Circumstances long_referer{.referer = std::string(4'000, 'a')};
  const auto matches_referer = [&](const std::string& pattern, const std::string& value) {
    return Pattern(pattern, {.wildcards = true, .variables = true}).matches(value, {ann, long_referer, "", ""});
  };
  EXPECT_TRUE(matches_referer("*${aws:Referer}", long_referer.referer));
  EXPECT_TRUE(matches_referer("${aws:Referer}${aws:Referer}", long_referer.referer + long_referer.referer));
  std::string often;
  for (int i = 0; i < 400; ++i) {
    often += "*${aws:Referer}";
  }
  EXPECT_FALSE(matches_referer(often, std::string(1 << 20, 'a')));
}

TEST(Pattern, a_variables_value_is_no_pattern) {
  const Identity star{.account = "111122223333", .name = "*"};
  const PatternRules rules{.wildcards = true, .variables = true};
  EXPECT_FALSE(matches("${aws:username}", "anything", rules, star));
  EXPECT_TRUE(matches("${aws:username}", "*", rules, star));
}

TEST(Pattern, arns_match_part_by_part) {
  const std::string_view queue = "arn:aws:sqs:us-east-1:111122223333:orders";
  for (const std::string_view pattern : {"*", "arn:aws:sqs:*:*:*", "arn:aws:sqs:*:111122223333:ord*", "arn:aws:sqs",
                                         "arn:*:sqs:us-*-1:*:o?ders", "arn:aws:sqs:us-east-1:111122223333:orders"}) {
    EXPECT_TRUE(matches_arn(pattern, queue)) << pattern;
  }
  for (const std::string_view pattern : {"arn:aws:sqs:*orders", "arn:aws:sqs:*:444455556666:*", "arn:aws:sns", "orders",
                                         "arn*", "arn:aws:sqs:us-east-1:111122223333:"}) {
    EXPECT_FALSE(matches_arn(pattern, queue)) << pattern;
  }
  EXPECT_TRUE(matches_arn("arn:aws:sns:*:*:a:*", "arn:aws:sns:r:1:a:b:c"));
}

}  // namespace
}  // namespace sluice::iam
