#include "doors/aws/sqs/queue_policy.h"

#include <gtest/gtest.h>

namespace sluice::sqs {
namespace {

const QueueName queue{"us-east-1", "111122223333", "q"};
const std::vector<std::string> one_account = {"444455556666"};
const std::vector<std::string> two_accounts = {"444455556666", "777788889999"};
const std::vector<std::string> send = {"SendMessage"};
const std::vector<std::string> send_and_receive = {"SendMessage", "ReceiveMessage"};

std::string message(const std::optional<ServiceError>& error) { return error ? error->message : ""; }

TEST(QueuePolicy, a_first_permission_makes_the_default_policy) {
  EXPECT_EQ(*with_permission("", queue, {"a", one_account, send}),
            R"({"Version":"2008-10-17","Id":"arn:aws:sqs:us-east-1:111122223333:q/SQSDefaultPolicy","Statement":[)"
            R"({"Sid":"a","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},)"
            R"("Action":"SQS:SendMessage","Resource":"arn:aws:sqs:us-east-1:111122223333:q"}]})");
}

TEST(QueuePolicy, several_accounts_and_actions_are_lists) {
  const std::string policy = *with_permission("", queue, {"a", two_accounts, send_and_receive});
  EXPECT_NE(policy.find(R"({"AWS":["arn:aws:iam::444455556666:root","arn:aws:iam::777788889999:root"]})"),
            std::string::npos);
  EXPECT_NE(policy.find(R"("Action":["SQS:SendMessage","SQS:ReceiveMessage"])"), std::string::npos);
}

TEST(QueuePolicy, what_stands_in_a_policy_stays_as_it_is) {
  const std::string_view own = R"({ "Statement" : {"Sid":"mine","Effect":"Deny","Principal":"*","Action":"sqs:*",
      "Resource":"*","Condition":{"NumericLessThan":{"aws:EpochTime":5}}}, "Version":"2012-10-17" })";
  const std::string both = *with_permission(own, queue, {"a", one_account, send});
  EXPECT_TRUE(both.starts_with(R"({"Statement":[{"Sid":"mine","Effect":"Deny","Principal":"*","Action":"sqs:*",)"
                               R"("Resource":"*","Condition":{"NumericLessThan":{"aws:EpochTime":5}}},{"Sid":"a")"))
      << both;
  EXPECT_TRUE(both.ends_with(R"(}],"Version":"2012-10-17"})")) << both;
  EXPECT_EQ(without_permission(both, "a")->find(R"("Sid":"a")"), std::string::npos);
  EXPECT_NE(without_permission(both, "mine")->find(R"("Sid":"a")"), std::string::npos);
}

TEST(QueuePolicy, with_its_last_statement_a_policy_goes) {
  const std::string policy = *with_permission("", queue, {"a", one_account, send});
  EXPECT_EQ(*without_permission(policy, "a"), "");
  EXPECT_EQ(without_permission(policy, "b").error().message,
            "Value b for parameter Label is invalid. Reason: can't find label.");
  EXPECT_FALSE(without_permission("", "a"));
}

TEST(QueuePolicy, a_label_counts_once) {
  const std::string policy = *with_permission("", queue, {"a", one_account, send});
  EXPECT_EQ(with_permission(policy, queue, {"a", one_account, send}).error().message,
            "Value a for parameter Label is invalid. Reason: Already exists.");
}

TEST(QueuePolicy, a_permission_is_checked_in_order) {
  const std::vector<std::string> none, eight(8, "SendMessage"), batch = {"SendMessageBatch"}, create = {"CreateQueue"};
  const std::vector<std::string> bad_account = {"12345", "444455556666"};
  EXPECT_EQ(message(check_permission({"", one_account, send})), "The request must contain the parameter Label.");
  EXPECT_EQ(message(check_permission({"a", one_account, none})), "The request must contain the parameter Actions.");
  EXPECT_EQ(message(check_permission({"a", none, send})),
            "Value [] for parameter PrincipalId is invalid. Reason: Unable to verify.");
  EXPECT_EQ(message(check_permission({"a", bad_account, send})),
            "Value [12345, 444455556666] for parameter PrincipalId is invalid. Reason: Unable to verify.");
  EXPECT_EQ(message(check_permission({"a", one_account, eight})), "8 Actions were found, maximum allowed is 7.");
  EXPECT_EQ(message(check_permission({"a", one_account, create})),
            "Value SQS:CreateQueue for parameter ActionName is invalid. Reason: Only the queue owner is allowed to "
            "invoke this action.");
  EXPECT_EQ(message(check_permission({"a", one_account, batch})),
            "Value SQS:SendMessageBatch for parameter ActionName is invalid. Reason: Please refer to the appropriate "
            "WSDL for a list of valid actions. ");
  EXPECT_NE(message(check_permission({"a b", one_account, send})), "");
  EXPECT_NE(message(check_permission({std::string(81, 'a'), one_account, send})), "");
  EXPECT_FALSE(check_permission({std::string(80, 'a'), one_account, std::vector<std::string>{"*"}}));
}

TEST(QueuePolicy, twenty_statements_are_the_most) {
  std::string policy;
  for (int i = 0; i < 20; ++i) {
    policy = *with_permission(policy, queue, {"label" + std::to_string(i), one_account, send});
  }
  const auto refused = with_permission(policy, queue, {"one-more", one_account, send});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().shape, &api::error::over_limit);
  EXPECT_EQ(refused.error().message, "21 Statements were found, maximum allowed is 20.");
}

TEST(QueuePolicy, a_given_policy_is_refused_in_awss_words) {
  EXPECT_EQ(message(check_policy("{}")), "Invalid value for the parameter Policy.");
  EXPECT_EQ(message(check_policy(std::string(8193, ' '))), "Submitted policy is over max allowed size.");
  const auto with_actions = [](std::string_view actions) {
    return R"({"Statement":{"Effect":"Allow","Principal":"*","Resource":"*","Action":[)" + std::string(actions) + "]}}";
  };
  EXPECT_FALSE(check_policy(with_actions(R"("a:b","a:b","a:b","a:b","a:b","a:b","a:b")")));
  EXPECT_EQ(message(check_policy(with_actions(R"("a:b","a:b","a:b","a:b","a:b","a:b","a:b","a:b")"))),
            "8 actions were found in a statement from the submitted policy, max allowed is 7");
}

}  // namespace
}  // namespace sluice::sqs
