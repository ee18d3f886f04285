#include <gtest/gtest.h>

#include "server/access.h"
#include "server/file_for_tests.h"

namespace sluice::server {
namespace {

constexpr std::string_view may_send = R"({"Statement":{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"}})";

Config config_of(const std::string& text) {
  const File file(text, ".toml");
  const std::string arguments[] = {"--config", file.path(), "--account", "111122223333"};
  const auto config = read_config(arguments, [](const std::string&) { return std::nullopt; });
  EXPECT_TRUE(config) << config.error();
  return config.value_or(Config{});
}

std::string error_of(const std::string& text) {
  const auto credentials = credentials_of(config_of(text));
  return credentials ? "" : credentials.error();
}

TEST(UsersTest, a_user_has_what_its_table_says) {
  const File policy{std::string(may_send)};
  const auto credentials = credentials_of(config_of(R"([[user]]
name = "ann"
access_keys = ["AKIDA:one", "AKIDB:two"]
policies = [")" + policy.path() + R"(", { Statement = { Effect = "Deny", Action = "sqs:*", Resource = "*" } }]
tags = { team = "blue" }

[[user]]
name = "bob"
account = "444455556666"
arn = "arn:aws:sts::444455556666:assumed-role/r/bob"
principal_id = "AROA1:bob"
access_keys = ["AKIDC:three"]
)"));
  ASSERT_TRUE(credentials) << credentials.error();
  EXPECT_EQ(credentials->keys.size(), 3U);
  EXPECT_EQ(credentials->keys.at("AKIDB"), "two");
  const iam::Identity& ann = *credentials->identities.at("AKIDA");
  EXPECT_EQ(credentials->identities.at("AKIDB").get(), &ann);
  EXPECT_EQ(ann.arn, "arn:aws:iam::111122223333:user/ann");
  EXPECT_TRUE(ann.id.starts_with("AIDA"));
  EXPECT_TRUE(ann.restricted);
  EXPECT_EQ(ann.policies.size(), 2U);
  EXPECT_EQ(ann.tags.at("team"), "blue");
  const iam::Identity& bob = *credentials->identities.at("AKIDC");
  EXPECT_EQ(bob.account, "444455556666");
  EXPECT_EQ(bob.id, "AROA1:bob");
  EXPECT_FALSE(bob.restricted);
}

TEST(UsersTest, flags_add_users_and_policies_by_name) {
  const File policy{std::string(may_send)};
  Config config = config_of("users = [\"ann:AKIDA:one\", \"ann:AKIDB:two:with colon\"]");
  config.user_policies = {"ann=" + policy.path()};
  config.access_keys = {"444455556666:secret"};
  const auto credentials = credentials_of(config);
  ASSERT_TRUE(credentials) << credentials.error();
  EXPECT_EQ(credentials->keys.at("AKIDB"), "two:with colon");
  EXPECT_TRUE(credentials->identities.at("AKIDA")->restricted);
  EXPECT_EQ(credentials->identities.at("444455556666")->arn, "arn:aws:iam::444455556666:root");
}

TEST(UsersTest, mistakes_are_named_and_hold_no_secret) {
  const std::string user = "[[user]]\nname = \"ann\"\n";
  EXPECT_NE(error_of(user).find("user ann has no access key"), std::string::npos);
  EXPECT_NE(error_of(user + "access_keys = [\"secret\"]\n").find("line 1: user ann: access_keys takes ID:SECRET"),
            std::string::npos);
  EXPECT_NE(error_of(user + "access_keys = [\"A:s\"]\naccount = \"12\"").find("12 digits"), std::string::npos);
  EXPECT_NE(error_of(user + "access_keys = [\"A:s\"]\npolicies = [\"{}\"]").find("it has no Statement"),
            std::string::npos);
  EXPECT_NE(error_of(user + "access_keys = [\"A:s\"]\npolicies = [\"/nowhere\"]").find("No such file or directory"),
            std::string::npos);
  EXPECT_NE(error_of(user + "access_keys = [\"A:s\"]\n" + user + "access_keys = [\"B:s\"]").find("twice"),
            std::string::npos);
  const std::string shared =
      error_of(user + "access_keys = [\"A:hush\"]\n[[user]]\nname = \"bob\"\naccess_keys = [\"A:hush\"]\n");
  EXPECT_NE(shared.find("access key A is somebody else's too"), std::string::npos);
  EXPECT_EQ(shared.find("hush"), std::string::npos);
}

TEST(UsersTest, policies_count_with_access_keys_unless_told_otherwise) {
  const auto mode = [](const std::string& auth, const wire::AccessKeys& keys) {
    Config config;
    config.auth = auth;
    return auth_mode_of(config, keys);
  };
  EXPECT_EQ(mode("auto", {}), iam::Mode::off);
  EXPECT_EQ(mode("auto", {{"a", "b"}}), iam::Mode::on);
  EXPECT_EQ(mode("warn", {}), iam::Mode::warn);
  EXPECT_EQ(mode("off", {{"a", "b"}}), iam::Mode::off);
  EXPECT_EQ(mode("on", {}), iam::Mode::on);
}

}  // namespace
}  // namespace sluice::server
