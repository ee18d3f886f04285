#include "server/config.h"

#include <gtest/gtest.h>

#include <map>

#include "server/access.h"
#include "server/file_for_tests.h"

namespace sluice::server {
namespace {

using Variables = std::map<std::string, std::string>;

std::expected<Config, std::string> read(const std::vector<std::string>& arguments, const Variables& variables = {}) {
  return read_config(arguments, [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
}

TEST(ConfigTest, without_anything_the_defaults_count) {
  const auto config = read({});
  ASSERT_TRUE(config) << config.error();
  EXPECT_EQ(config->listen, std::vector<std::string>{"127.0.0.1:4566"});
  EXPECT_EQ(config->data, "./sluice-data");
  EXPECT_EQ(config->durability, "disk");
  EXPECT_EQ(config->region, "us-east-1");
  EXPECT_FALSE(config->strict);
  EXPECT_EQ(config->body_bytes_max, 8 << 20);
}

TEST(ConfigTest, every_default_is_a_value_its_own_row_takes) {
  for (const Setting& setting : settings()) {
    const auto config = read({"--" + std::string(setting.name) + "=" + std::string(setting.usual)});
    EXPECT_TRUE(config || setting.usual.empty()) << setting.name << ": " << config.error();
  }
}

TEST(ConfigTest, flags_have_two_forms_and_switches_need_no_value) {
  const auto config = read({"--data", "a", "--region=b", "--strict", "--access-keys", "x:y,z:w", "--cores", "3"});
  ASSERT_TRUE(config) << config.error();
  EXPECT_EQ(config->data, "a");
  EXPECT_EQ(config->region, "b");
  EXPECT_TRUE(config->strict);
  EXPECT_EQ(config->access_keys, (std::vector<std::string>{"x:y", "z:w"}));
  EXPECT_EQ(config->cores, 3);
}

TEST(ConfigTest, flags_outweigh_the_environment_and_that_the_file) {
  const File file(
      "data = 'file'\nregion = 'file'\naccount = '123456789012'\nlisten = ['1', '2']\nstrict = true\ncores = 2\n");
  const auto config =
      read({"--config", file.path(), "--data", "flag"}, {{"SLUICE_DATA", "variable"}, {"SLUICE_REGION", "variable"}});
  ASSERT_TRUE(config) << config.error();
  EXPECT_EQ(config->data, "flag");
  EXPECT_EQ(config->region, "variable");
  EXPECT_EQ(config->account, "123456789012");
  EXPECT_EQ(config->listen, (std::vector<std::string>{"1", "2"}));
  EXPECT_TRUE(config->strict);
  EXPECT_EQ(config->cores, 2);
}

TEST(ConfigTest, a_file_may_be_named_in_the_environment) {
  const File file("region = 'file'\n");
  const auto config = read({}, {{"SLUICE_CONFIG", file.path()}});
  ASSERT_TRUE(config) << config.error();
  EXPECT_EQ(config->region, "file");
}

TEST(ConfigTest, what_makes_no_sense_is_told_with_its_place) {
  const File unknown("colour = 'red'\n");
  const File broken("data = \n");
  const struct {
    std::vector<std::string> arguments;
    Variables variables;
    const char* says;
  } table[] = {
      {{"--colour", "red"}, {}, "there is no setting --colour"},
      {{"serve"}, {}, "'serve' is not a setting"},
      {{"--data"}, {}, "--data wants a value"},
      {{"--durability", "paper"}, {}, "--durability takes one of disk, os, memory, not 'paper'"},
      {{"--cores", "many"}, {}, "--cores takes a whole number from 0 to 1024, not 'many'"},
      {{"--body-bytes-max", "1"}, {}, "--body-bytes-max takes a whole number from 4194304"},
      {{"--strict=perhaps"}, {}, "--strict takes true or false, not 'perhaps'"},
      {{}, {{"SLUICE_CORES", "-1"}}, "SLUICE_CORES takes a whole number"},
      {{"--config", "/nowhere/at/all"}, {}, "/nowhere/at/all: No such file or directory"},
      {{"--config", "/tmp"}, {}, "/tmp: Is a directory"},
      {{}, {{"SLUICE_CONFIG", "/proc"}}, "/proc: Is a directory"},
      {{"--account", "12"}, {}, "account takes 12 digits, not '12'"},
      {{"--public-url", "queues.example.com"}, {}, "public_url takes http://HOST:PORT or https://"},
  };
  for (const auto& row : table) {
    const auto config = read(row.arguments, row.variables);
    ASSERT_FALSE(config) << row.says;
    EXPECT_NE(config.error().find(row.says), std::string::npos) << config.error();
  }
  const auto bad = read({"--config", broken.path()});
  ASSERT_FALSE(bad);
  EXPECT_NE(bad.error().find("line 1"), std::string::npos) << bad.error();
}

TEST(ConfigTest, variables_that_look_like_settings_and_are_none_are_found) {
  EXPECT_EQ(
      unknown_variables({"PATH", "SLUICE_DATA", "SLUICE_CONFIG", "SLUICE_ENDPOINT", "SLUICE_ACCES_KEYS", "SLUICE_"}),
      (std::vector<std::string>{"SLUICE_ACCES_KEYS", "SLUICE_"}));
}

TEST(ConfigTest, the_help_has_a_line_for_every_setting) {
  const auto flags = settings_flags();
  ASSERT_EQ(flags.size(), settings().size() + 1);
  EXPECT_EQ(flags[1].name, "--listen");
  EXPECT_EQ(flags[1].value, "HOST:PORT,…");
  EXPECT_NE(flags[1].help.find("[127.0.0.1:4566]"), std::string::npos) << flags[1].help;
}

TEST(AccessTest, an_address_is_a_port_or_a_host_and_a_port) {
  const auto endpoints = endpoints_of({"4566", ":0", "localhost:80", "0.0.0.0:1", "[::1]:2"});
  ASSERT_TRUE(endpoints) << endpoints.error();
  EXPECT_EQ((*endpoints)[0].text(), "127.0.0.1:4566");
  EXPECT_EQ((*endpoints)[1].text(), "127.0.0.1:0");
  EXPECT_EQ((*endpoints)[2].text(), "127.0.0.1:80");
  EXPECT_EQ((*endpoints)[3].text(), "0.0.0.0:1");
  EXPECT_EQ((*endpoints)[4].text(), "[::1]:2");
  for (const char* bad : {"", "a", "1.2.3.4:", "1.2.3.4:70000", "1.2.3:80x", "host.example:1", "127.0.0.1:-1"}) {
    EXPECT_FALSE(endpoints_of({bad})) << bad;
  }
}

TEST(AccessTest, without_keys_only_loopback_is_served_unless_told_open) {
  const auto inside = *endpoints_of({"127.0.0.1:1", "[::1]:1"});
  const auto outside = *endpoints_of({"127.0.0.1:1", "0.0.0.0:1"});
  Config config;
  EXPECT_TRUE(check_openness(config, {}, inside));
  const auto refused = check_openness(config, {}, outside);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().find("0.0.0.0:1 can be reached from other machines"), std::string::npos);
  EXPECT_TRUE(check_openness(config, {{"id", "secret"}}, outside));
  config.open = true;
  EXPECT_TRUE(check_openness(config, {}, outside));
}

TEST(AccessTest, keys_come_from_the_settings_and_from_a_file) {
  const File file("# ours\nA:one\n\n  B:two:three \n");
  Config config;
  config.access_keys = {"C:four"};
  config.access_keys_file = file.path();
  const auto keys = access_keys_of(config);
  ASSERT_TRUE(keys) << keys.error();
  EXPECT_EQ(*keys, (wire::AccessKeys{{"A", "one"}, {"B", "two:three"}, {"C", "four"}}));
}

TEST(AccessTest, a_malformed_key_is_refused_without_repeating_it) {
  for (const char* bad : {"hushhush", "hushhush:", ":hushhush"}) {
    Config config;
    config.access_keys = {bad};
    const auto keys = access_keys_of(config);
    ASSERT_FALSE(keys) << bad;
    EXPECT_EQ(keys.error().find("hushhush"), std::string::npos);
  }
  Config config;
  config.access_keys_file = "/nowhere/at/all";
  EXPECT_FALSE(access_keys_of(config));
}

}  // namespace
}  // namespace sluice::server
