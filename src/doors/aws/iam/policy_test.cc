#include "doors/aws/iam/policy.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace sluice::iam {
namespace {

constexpr PolicyBounds bounds{8192, 20, 50, 7};

std::expected<Policy, PolicyRefusal> of_resource(std::string_view text) {
  return parse_policy(text, Attached::to_resource, bounds);
}

std::string with_statement(std::string_view inside) {
  return fmt::format(R"({{"Version":"2012-10-17","Statement":[{{{}}}]}})", inside);
}

TEST(Policy, one_statement_may_stand_without_a_list) {
  const auto policy = of_resource(R"({"Id":"p","Statement":{"Sid":"s","Effect":"Deny","NotPrincipal":{"AWS":
      ["111122223333","arn:aws:iam::111122223333:user/ann"],"Service":"sns.amazonaws.com"},"NotAction":["sqs:*"],
      "NotResource":"arn:aws:sqs:*:*:q",
      "Condition":{"Bool":{"aws:SecureTransport":false},"NumericLessThan":{"x":5}}}})");
  ASSERT_TRUE(policy) << policy.error().words;
  EXPECT_EQ(policy->id, "p");
  ASSERT_EQ(policy->statements.size(), 1u);
  const Statement& statement = policy->statements[0];
  EXPECT_EQ(statement.id, "s");
  EXPECT_FALSE(statement.allows);
  EXPECT_TRUE(statement.except_principals && statement.except_actions && statement.except_resources);
  EXPECT_EQ(statement.principals.aws.size(), 2u);
  EXPECT_EQ(statement.principals.services.size(), 1u);
  EXPECT_EQ(statement.principals.count, 3u);
  EXPECT_EQ(statement.conditions.size(), 2u);
}

TEST(Policy, what_is_malformed_is_refused_with_words) {
  const std::string_view good = R"("Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*")";
  ASSERT_TRUE(of_resource(with_statement(good)));
  // long: a table of what is no policy
  const std::string rows[] = {
      "",
      "null",
      "[]",
      "\"text\"",
      "{}",
      "{\"Statement\":[]}",
      "{\"Statement\":{}}",
      "{\"Statement\":[1]}",
      "{\"Statement\":[{}]",
      std::string(5'000, '['),
      std::string(4'000, '{'),
      "{\"Version\":\"2013-01-01\",\"Statement\":[{" + std::string(good) + "}]}",
      "{\"Version\":5,\"Statement\":[{" + std::string(good) + "}]}",
      "{\"Id\":5,\"Statement\":[{" + std::string(good) + "}]}",
      "{\"Extra\":5,\"Statement\":[{" + std::string(good) + "}]}",
      "{\"Statement\":[{" + std::string(good) + "}],\"Statement\":[]}",
      with_statement(R"("Principal":"*","Action":"sqs:*","Resource":"*")"),
      with_statement(R"("Effect":"allow","Principal":"*","Action":"sqs:*","Resource":"*")"),
      with_statement(R"("Effect":"Allow","Action":"sqs:*","Resource":"*")"),
      with_statement(R"("Effect":"Allow","Principal":"*","Resource":"*")"),
      with_statement(R"("Effect":"Allow","Principal":"*","Action":"sqs:*")"),
      with_statement(R"("Effect":"Allow","Principal":"*","Action":"sqs:*","NotAction":"sqs:*","Resource":"*")"),
      with_statement(R"("Effect":"Allow","Principal":"*","NotPrincipal":"*","Action":"sqs:*","Resource":"*")"),
      with_statement(R"("Effect":"Allow","Principal":"ann","Action":"sqs:*","Resource":"*")"),
      with_statement(R"("Effect":"Allow","Principal":{},"Action":"sqs:*","Resource":"*")"),
      with_statement(R"("Effect":"Allow","Principal":{"AWS":[]},"Action":"sqs:*","Resource":"*")"),
      with_statement(R"("Effect":"Allow","Principal":{"AWS":"12345"},"Action":"sqs:*","Resource":"*")"),
      with_statement(R"("Effect":"Allow","Principal":{"Aws":"*"},"Action":"sqs:*","Resource":"*")"),
      with_statement(R"("Effect":"Allow","Principal":"*","Action":"SendMessage","Resource":"*")"),
      with_statement(R"("Effect":"Allow","Principal":"*","Action":["sqs:*",5],"Resource":"*")"),
      with_statement(R"("Effect":"Allow","Principal":"*","Action":[["sqs:*"]],"Resource":"*")"),
      with_statement(R"("Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"queue")"),
      with_statement(R"("Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*","Sid":5)"),
      with_statement(R"("Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*","Sidd":"x")"),
      with_statement(R"("Effect":"Allow","Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*")"),
      with_statement(R"("Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*","Condition":[])"),
      with_statement(R"("Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"Bool":"x"}})"),
      with_statement(
          R"("Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"Bool":{"k":{}}})"),
      with_statement(
          R"("Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"Eq":{"k":"v"}})"),
  };
  for (const std::string& text : rows) {
    const auto policy = of_resource(text);
    ASSERT_FALSE(policy) << text;
    EXPECT_EQ(policy.error().fault, PolicyFault::malformed) << text;
    EXPECT_FALSE(policy.error().words.empty()) << text;
  }
}

TEST(Policy, an_identitys_policy_names_no_principal) {
  const auto of_identity = [](std::string_view inside) {
    return parse_policy(with_statement(inside), Attached::to_identity, identity_bounds);
  };
  EXPECT_TRUE(of_identity(R"("Effect":"Allow","Action":"sqs:*","Resource":"*")"));
  EXPECT_FALSE(of_identity(R"("Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*")"));
}

template <class Make>
std::string list_of(std::size_t count, Make make) {
  std::string list;
  for (std::size_t i = 0; i < count; ++i) {
    list += (i > 0 ? "," : "") + make(i);
  }
  return list;
}

TEST(Policy, bounds_hold_and_say_how_many_there_were) {
  const auto statements = [](std::size_t count) {
    return of_resource(R"({"Statement":[)" +
                       list_of(count,
                               [](std::size_t) {
                                 return std::string(
                                     R"({"Effect":"Deny","Principal":"*","Action":"a:b","Resource":"*"})");
                               }) +
                       "]}");
  };
  const auto actions = [](std::size_t count) {
    return of_resource(with_statement(R"("Effect":"Deny","Principal":"*","Resource":"*","Action":[)" +
                                      list_of(count, [](std::size_t) { return std::string(R"("a:b")"); }) + "]"));
  };
  const auto principals = [](std::size_t count) {
    return of_resource(with_statement(R"("Effect":"Deny","Action":"a:b","Resource":"*","Principal":{"AWS":[)" +
                                      list_of(count, [](std::size_t) { return std::string(R"("111122223333")"); }) +
                                      "]}"));
  };
  const auto expect = [](const auto& with, std::size_t limit, PolicyFault fault) {
    EXPECT_TRUE(with(limit));
    const auto policy = with(limit + 1);
    ASSERT_FALSE(policy);
    EXPECT_EQ(policy.error().fault, fault);
    EXPECT_EQ(policy.error().count, limit + 1);
  };
  expect(statements, 20, PolicyFault::too_many_statements);
  expect(actions, 7, PolicyFault::too_many_actions);
  expect(principals, 50, PolicyFault::too_many_principals);
  EXPECT_EQ(of_resource(std::string(8193, ' ')).error().fault, PolicyFault::too_long);
}

}  // namespace
}  // namespace sluice::iam
