#include "doors/aws/iam/gatekeeper.h"

#include <gtest/gtest.h>

#include "doors/aws/iam/identity.h"

namespace sluice::iam {
namespace {

const Circumstances here{};
const auto root = root_identity("111122223333", "AKID", "cn-north-1");

std::optional<std::string> ask(const Gatekeeper& keeper, const Identity& who, Decision decision) {
  return keeper.refusal(decision, {who, here, "sqs:SendMessage", "arn:q"}, "http://h/1/q");
}

TEST(Gatekeeper, on_refuses_and_warn_lets_pass) {
  const Gatekeeper on(Mode::on, true), warn(Mode::warn, true);
  EXPECT_FALSE(ask(on, *root, Decision::allowed));
  EXPECT_TRUE(ask(on, *root, Decision::denied_by_resource)->starts_with("User: arn:aws-cn:iam::111122223333:root"));
  EXPECT_EQ(*ask(on, *nobody(), Decision::no_resource_policy), "Access to the resource http://h/1/q is denied.");
  EXPECT_EQ(*on.refusal(Decision::no_resource_policy, {*nobody(), here, "sqs:ListQueues", "*"}, ""), "");
  EXPECT_FALSE(ask(warn, *root, Decision::denied_by_resource));
}

TEST(Gatekeeper, a_warning_lets_nobody_in_where_access_keys_are_known) {
  const Gatekeeper keyed(Mode::warn, true), open(Mode::warn, false);
  EXPECT_TRUE(ask(keyed, *nobody(), Decision::no_resource_policy));
  EXPECT_FALSE(ask(open, *nobody(), Decision::no_resource_policy));
}

TEST(Gatekeeper, a_warning_is_told_once) {
  const Gatekeeper warn(Mode::warn, false);
  testing::internal::CaptureStderr();
  for (int i = 0; i < 3; ++i) {
    ask(warn, *root, Decision::denied_by_resource);
    ask(warn, *nobody(), Decision::no_resource_policy);
  }
  const std::string told = testing::internal::GetCapturedStderr();
  std::size_t count = 0;
  for (std::size_t at = told.find("AWS would refuse"); at != std::string::npos;
       at = told.find("AWS would refuse", at + 1)) {
    ++count;
  }
  EXPECT_EQ(count, 2U) << told;
}

TEST(Identity, unique_ids_look_like_awss_and_stay) {
  EXPECT_EQ(unique_id("AKID"), unique_id("AKID"));
  EXPECT_NE(unique_id("AKID"), unique_id("AKIE"));
  EXPECT_EQ(unique_id("AKID").size(), 21U);
  EXPECT_TRUE(is_account("000000000000"));
  EXPECT_FALSE(is_account("00000000000"));
  EXPECT_FALSE(is_account("00000000000x"));
}

}  // namespace
}  // namespace sluice::iam
