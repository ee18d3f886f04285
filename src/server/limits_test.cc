#include "server/limits.h"

#include <gtest/gtest.h>

#include "server/file_for_tests.h"

namespace sluice::server {
namespace {

std::expected<SqsLimits, std::string> limits_with(std::vector<std::string> arguments) {
  const auto config = read_config(arguments, [](const std::string&) { return std::nullopt; });
  return config ? sqs_limits_of(*config) : std::unexpected(config.error());
}

TEST(LimitsTest, without_anything_nobody_is_held_back) {
  const auto limits = limits_with({});
  ASSERT_TRUE(limits) << limits.error();
  EXPECT_EQ(limits->rules.throttle, nullptr);
  EXPECT_FALSE(limits->rules.encryption.any());
  EXPECT_FALSE(limits->rules.sampled);
  EXPECT_FALSE(limits->rules.only_own_region);
}

TEST(LimitsTest, strict_turns_on_what_each_switch_does_alone) {
  const auto strict = limits_with({"--strict"});
  ASSERT_TRUE(strict) << strict.error();
  EXPECT_NE(strict->rules.throttle, nullptr);
  EXPECT_TRUE(strict->rules.sampled);
  EXPECT_TRUE(strict->rules.only_own_region);
  EXPECT_EQ(strict->rules.move_tasks_max, 100U);
  EXPECT_NE(limits_with({"--throttling"})->rules.throttle, nullptr);
  EXPECT_NE(limits_with({"--call-limits", "*:*=5"})->rules.throttle, nullptr);
  EXPECT_TRUE(limits_with({"--short-poll-sampling"})->rules.sampled);
  EXPECT_TRUE(limits_with({"--kms-needs-tls"})->rules.encryption.needs_tls);
}

TEST(LimitsTest, strict_demands_tls_of_encrypted_queues_only_where_there_is_tls) {
  EXPECT_FALSE(limits_with({"--strict"})->rules.encryption.needs_tls);
  EXPECT_TRUE(limits_with({"--strict", "--tls-self-signed"})->rules.encryption.needs_tls);
}

TEST(LimitsTest, keys_are_declared_in_the_file) {
  const File file(
      "account = '111122223333'\n"
      "[[kms_key]]\nid = 'k1'\naliases = ['alias/a']\nstate = 'disabled'\n"
      "[[kms_key]]\nid = 'arn:aws:kms:eu-west-1:444455556666:key/k2'\n"
      "[[kms_key]]\nid = 'k3'\nregion = 'eu-west-2'\naccount = '777788889999'\nstate = 'throttled'\n");
  const auto limits = limits_with({"--config", file.path()});
  ASSERT_TRUE(limits) << limits.error();
  const sqs::KeyUser user{"ann", "r"};
  const auto code = [&](const char* key) {
    const auto error = limits->keys->refusal(user, {"us-east-1", "111122223333", "q"}, key, sqs::KeyUse::encrypts);
    return error ? std::string(error->shape->shape) : "fine";
  };
  EXPECT_EQ(code("k1"), "KmsDisabled");
  EXPECT_EQ(code("alias/a"), "KmsDisabled");
  EXPECT_EQ(code("arn:aws:kms:eu-west-1:444455556666:key/k2"), "fine");
  EXPECT_EQ(code("arn:aws:kms:eu-west-2:777788889999:key/k3"), "KmsThrottled");
  EXPECT_EQ(code("k2"), "KmsNotFound");
}

TEST(LimitsTest, what_makes_no_sense_is_told) {
  const struct {
    const char* text;
    const char* says;
  } table[] = {
      {"[[kms_key]]\nstate = 'disabled'\n", "line 1: a kms_key needs its id"},
      {"[[kms_key]]\nid = 'k'\nstate = 'lost'\n", "state takes one of enabled, disabled,"},
      {"[[kms_key]]\nid = 'k'\naliases = ['orders']\n", "an alias begins with alias/"},
      {"[[kms_key]]\nid = 'k'\n[[kms_key]]\nid = 'k'\nstate = 'disabled'\n", "line 3: its id or one of its aliases is"},
      {"[[kms_key]]\nid = 'k'\naliases = ['alias/a']\n[[kms_key]]\nid = 'l'\naliases = ['alias/b', 'alias/a']\n",
       "line 4: its id or one of its aliases is"},
      {"[[kms_key]]\nid = 'arn:aws:kms:k'\n", "id takes a key's id or its ARN"},
      {"[[kms_key]]\nid = 'k'\ncolour = 'red'\n", "a kms_key has no colour"},
      {"call_limits = 'orders'\n", "call_limits takes QUEUE:ACTION=NUMBER"},
  };
  for (const auto& row : table) {
    const File file(row.text);
    const auto limits = limits_with({"--config", file.path()});
    ASSERT_FALSE(limits) << row.text;
    EXPECT_NE(limits.error().find(row.says), std::string::npos) << limits.error();
  }
}

}  // namespace
}  // namespace sluice::server
