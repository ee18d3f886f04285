#include "server/settings_file.h"

#include <gtest/gtest.h>

#include "server/file_for_tests.h"

namespace sluice::server {
namespace {

FileReading read(const std::string& text) {
  const File file(text, ".toml");
  return read_settings_file(file.path());
}

TEST(SettingsFileTest, a_queue_is_declared_with_what_it_has) {
  const auto file = read(R"(region = "eu-west-1"
[[queue]]
name = "orders"
dead_letter_queue = "orders-dead"
receives_max = 3
attributes = { VisibilityTimeout = 60, Policy = { Version = "2012-10-17", Statement = [] } }
tags = { team = "shop" }

[[queue]]
name = "orders-dead"
account = "123456789012"
region = "us-east-1"
)");
  ASSERT_TRUE(file) << file.error();
  ASSERT_EQ(file->settings.size(), 1U);
  EXPECT_EQ(file->settings[0].value, "eu-west-1");
  ASSERT_EQ(file->queues.size(), 2U);
  const QueueDeclaration& orders = file->queues[0];
  EXPECT_EQ(orders.name, "orders");
  EXPECT_EQ(orders.dead_letter_queue, "orders-dead");
  EXPECT_EQ(orders.receives_max, 3);
  EXPECT_EQ(orders.attributes.at("VisibilityTimeout"), "60");
  EXPECT_NE(orders.attributes.at("Policy").find(R"("Version")"), std::string::npos);
  EXPECT_EQ(orders.tags.at("team"), "shop");
  EXPECT_NE(orders.place.find("line 2"), std::string::npos) << orders.place;
  EXPECT_EQ(file->queues[1].account, "123456789012");
}

TEST(SettingsFileTest, what_makes_no_sense_is_told_with_its_line) {
  const struct {
    const char* text;
    const char* says;
  } table[] = {
      {"[[queue]]\nattributes = {}\n", "line 1: a queue needs its name"},
      {"queue = 'orders'\n", "line 1: each queue is declared as [[queue]]"},
      {"queue = ['orders']\n", "a queue is a table"},
      {"[[queue]]\nname = 'a'\nVisibilityTimeout = 3\n", "line 3: a queue has no VisibilityTimeout"},
      {"[[queue]]\nname = 3\n", "line 2: name takes a text"},
      {"[[queue]]\nname = 'a'\nattributes = { VisibilityTimeout = 1.5 }\n", "line 3: VisibilityTimeout takes"},
      {"[[queue]]\nname = 'a'\ntags = 'b'\n", "line 3: tags takes a table"},
      {"[[queue]]\nname = 'a'\nreceives_max = 3\n", "dead_letter_queue and receives_max go together"},
      {"[[queue]]\nname = 'a'\ndead_letter_queue = 'b'\nreceives_max = 0\n", "from 1 to 1000"},
      {"[user]\nname = 'ann'\n", "line 1: each user is declared as [[user]]"},
      {"[[user]]\naccess_keys = []\n", "line 1: a user needs its name"},
      {"[[user]]\nname = 'ann'\npassword = 'x'\n", "line 3: a user has no password"},
      {"[[user]]\nname = 'ann'\npolicies = '{}'\n", "line 3: policies takes a list"},
      {"listen = [[1], [2]]\n", "line 1: listen takes"},
      {"listen = \n", "line 1"},
  };
  for (const auto& row : table) {
    const auto file = read(row.text);
    ASSERT_FALSE(file) << row.text;
    EXPECT_NE(file.error().find(row.says), std::string::npos) << file.error();
  }
}

}  // namespace
}  // namespace sluice::server
