#include "doors/aws/iam/decision.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <initializer_list>

#include "base/random.h"

namespace sluice::iam {
namespace {

constexpr std::string_view owner = "111122223333";
constexpr std::string_view queue = "arn:aws:sqs:us-east-1:111122223333:q";
constexpr PolicyBounds bounds{8192, 20, 50, 7};
const Circumstances here{.source_address = "192.0.2.7"};

std::shared_ptr<const Policy> policy(std::string_view text, Attached attached) {
  auto parsed = parse_policy(text, attached, bounds);
  EXPECT_TRUE(parsed) << text << ": " << parsed.error().words;
  return std::make_shared<const Policy>(*std::move(parsed));
}

Identity user(std::string_view account, std::string_view name, std::string_view statements = "") {
  Identity who{.account = std::string(account),
               .arn = fmt::format("arn:aws:iam::{}:user/{}", account, name),
               .id = "AIDA1",
               .name = std::string(name)};
  if (!statements.empty()) {
    who.policies.push_back(
        policy(fmt::format(R"({{"Version":"2012-10-17","Statement":[{}]}})", statements), Attached::to_identity));
    who.restricted = true;
  }
  return who;
}

Decision ask(const Identity& who, std::string_view statements, std::string_view action = "sqs:SendMessage") {
  const Request request{who, here, action, queue};
  const Verdict resource =
      statements.empty()
          ? Verdict::nothing
          : judge_resource(*policy(fmt::format(R"({{"Statement":[{}]}})", statements), Attached::to_resource), request);
  return decide(who, owner, judge_identity(request), resource);
}

std::string statement(std::string_view effect, std::string_view principal,
                      std::string_view action = "SQS:SendMessage") {
  return fmt::format(R"({{"Effect":"{}","Principal":{},"Action":"{}","Resource":"{}"}})", effect, principal, action,
                     queue);
}

constexpr std::string_view may_send = R"({"Effect":"Allow","Action":"sqs:Send*","Resource":"*"})";
constexpr std::string_view may_not_send = R"({"Effect":"Deny","Action":"sqs:*","Resource":"arn:aws:sqs:*:*:q"})";
constexpr std::string_view may_list = R"({"Effect":"Allow","Action":"sqs:List*","Resource":"*"})";
const std::string by_ann = R"({"AWS":"arn:aws:iam::111122223333:user/ann"})";
const std::string by_owner = R"({"AWS":"111122223333"})";
const std::string by_other = R"({"AWS":"arn:aws:iam::444455556666:root"})";

TEST(Decision, in_the_own_account_either_policy_allows) {
  EXPECT_EQ(ask(user(owner, "root"), ""), Decision::allowed) << "who is not restricted may do all";
  EXPECT_EQ(ask(user(owner, "ann", may_send), ""), Decision::allowed);
  EXPECT_EQ(ask(user(owner, "ann", may_list), ""), Decision::no_identity_policy);
  EXPECT_EQ(ask(user(owner, "ann", may_list), statement("Allow", by_ann)), Decision::allowed);
  EXPECT_EQ(ask(user(owner, "bob", may_list), statement("Allow", by_ann)), Decision::no_identity_policy);
  EXPECT_EQ(ask(user(owner, "ann", may_list), statement("Allow", R"("*")")), Decision::allowed);
  EXPECT_EQ(ask(user(owner, "ann", may_list), statement("Allow", by_owner)), Decision::no_identity_policy)
      << "the account may, which says nothing of its users";
}

TEST(Decision, across_accounts_both_must_allow) {
  EXPECT_EQ(ask(user("444455556666", "eve"), ""), Decision::no_resource_policy);
  EXPECT_EQ(ask(user("444455556666", "eve"), statement("Allow", by_other)), Decision::allowed);
  EXPECT_EQ(ask(user("444455556666", "eve"), statement("Allow", by_owner)), Decision::no_resource_policy);
  EXPECT_EQ(ask(user("444455556666", "eve", may_list), statement("Allow", by_other)), Decision::no_identity_policy);
  EXPECT_EQ(ask(user("444455556666", "eve", may_send), statement("Allow", by_other)), Decision::allowed);
  EXPECT_EQ(ask(user("444455556666", "eve", may_send), statement("Allow", by_other), "sqs:ReceiveMessage"),
            Decision::no_identity_policy);
  EXPECT_EQ(ask(user("444455556666", "eve"), statement("Allow", by_other), "sqs:ReceiveMessage"),
            Decision::no_resource_policy);
}

TEST(Decision, an_explicit_deny_wins) {
  EXPECT_EQ(ask(user(owner, "root"), statement("Deny", R"("*")")), Decision::denied_by_resource);
  EXPECT_EQ(ask(user(owner, "root"), statement("Allow", R"("*")") + "," + statement("Deny", by_owner)),
            Decision::denied_by_resource);
  EXPECT_EQ(ask(user(owner, "ann", fmt::format("{},{}", may_send, may_not_send)), statement("Allow", R"("*")")),
            Decision::denied_by_identity);
  EXPECT_EQ(ask(user(owner, "root"), statement("Deny", by_other)), Decision::allowed);
}

TEST(Decision, who_is_not_known_needs_everyone) {
  const Identity nobody{};
  EXPECT_EQ(ask(nobody, ""), Decision::no_resource_policy);
  EXPECT_EQ(ask(nobody, statement("Allow", R"("*")")), Decision::allowed);
  EXPECT_EQ(ask(nobody, statement("Allow", R"({"AWS":"*"})")), Decision::allowed);
  EXPECT_EQ(ask(nobody, statement("Allow", by_owner)), Decision::no_resource_policy);
  const std::string not_ann =
      fmt::format(R"({{"Effect":"Allow","NotPrincipal":{},"Action":"sqs:*","Resource":"*"}})", by_ann);
  EXPECT_EQ(ask(nobody, not_ann), Decision::allowed);
  EXPECT_EQ(ask(user(owner, "ann", may_list), not_ann), Decision::no_identity_policy);
}

TEST(Decision, services_are_named_as_services) {
  const Identity sns{.service = "sns.amazonaws.com"};
  EXPECT_EQ(ask(sns, statement("Allow", R"({"Service":"sns.amazonaws.com"})")), Decision::allowed);
  EXPECT_EQ(ask(sns, statement("Allow", R"({"Service":["events.amazonaws.com"]})")), Decision::no_resource_policy);
  EXPECT_EQ(ask(sns, statement("Allow", by_owner)), Decision::no_resource_policy);
}

TEST(Decision, a_session_is_also_its_role) {
  Identity session = user(owner, "");
  session.arn = "arn:aws:sts::111122223333:assumed-role/worker/one";
  session.restricted = true;
  EXPECT_EQ(ask(session, statement("Allow", R"({"AWS":"arn:aws:iam::111122223333:role/worker"})")), Decision::allowed);
  EXPECT_EQ(ask(session, statement("Allow", R"({"AWS":"arn:aws:iam::111122223333:role/work"})")),
            Decision::no_identity_policy);
}

TEST(Decision, not_action_and_not_resource_are_about_the_rest) {
  const auto not_action = [](std::string_view action) {
    return fmt::format(R"({{"Effect":"Deny","Principal":"*","NotAction":"{}","Resource":"*"}})", action);
  };
  EXPECT_EQ(ask(user(owner, "root"), not_action("sqs:SendMessage")), Decision::allowed);
  EXPECT_EQ(ask(user(owner, "root"), not_action("sqs:ReceiveMessage")), Decision::denied_by_resource);
  EXPECT_EQ(
      ask(user(owner, "root"), R"({"Effect":"Deny","Principal":"*","Action":"*","NotResource":"arn:aws:sqs:*:*:q"})"),
      Decision::allowed);
}

TEST(Decision, of_many_statements_neither_order_nor_more_allows_undo_a_deny) {
  Random random(11);
  const auto one_of = [&](std::initializer_list<std::string_view> texts) {
    return std::string(*(texts.begin() + random.below(texts.size())));
  };
  const auto made = [&] {
    return fmt::format(R"({{"Effect":"{}","{}":{},"{}":"{}","{}":"{}"}})", one_of({"Allow", "Allow", "Deny"}),
                       one_of({"Principal", "Principal", "NotPrincipal"}),
                       one_of({R"("*")", by_ann, by_owner, by_other}), one_of({"Action", "Action", "NotAction"}),
                       one_of({"sqs:*", "sqs:Send*", "sqs:ReceiveMessage"}), one_of({"Resource", "NotResource"}),
                       one_of({"*", queue, "arn:aws:sqs:*:*:other"}));
  };
  const Identity askers[] = {{}, user(owner, "root"), user(owner, "ann", may_list), user("444455556666", "eve")};
  for (int i = 0; i < 2'000; ++i) {
    const std::string first = made(), second = made(), third = made();
    for (const Identity& who : askers) {
      const Decision decision = ask(who, first + "," + second + "," + third);
      ASSERT_EQ(ask(who, third + "," + first + "," + second), decision) << first << second << third;
      ASSERT_EQ(ask(who, first + "," + first + "," + third + "," + second), decision);
      const bool any_denies = ask(who, first) == Decision::denied_by_resource ||
                              ask(who, second) == Decision::denied_by_resource ||
                              ask(who, third) == Decision::denied_by_resource;
      ASSERT_EQ(decision == Decision::denied_by_resource, any_denies) << first << second << third;
      const Decision with_deny = ask(who, first + "," + statement("Deny", R"("*")", "*") + "," + second);
      ASSERT_EQ(with_deny, Decision::denied_by_resource);
    }
  }
}

TEST(Decision, the_refusal_is_worded_as_aws_does) {
  const Identity ann = user(owner, "ann");
  const Request request{ann, here, "sqs:SendMessage", queue};
  EXPECT_EQ(sentence(Decision::no_identity_policy, request),
            "User: arn:aws:iam::111122223333:user/ann is not authorized to perform: sqs:sendmessage on resource: "
            "arn:aws:sqs:us-east-1:111122223333:q because no identity-based policy allows the sqs:sendmessage action");
  EXPECT_TRUE(
      sentence(Decision::denied_by_resource, request).ends_with("with an explicit deny in a resource-based policy"));
}

}  // namespace
}  // namespace sluice::iam
