#include "server/import/import.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "server/config.h"
#include "server/file_for_tests.h"
#include "server/import/localstack.h"

namespace sluice::server {
namespace {

std::string setting(const SettingsFile& file, std::string_view name) {
  const auto found = std::ranges::find(file.settings, name, &FileSetting::name);
  return found == file.settings.end() ? "" : found->value;
}

bool notes(const SettingsFile& file, std::string_view part) {
  return std::ranges::any_of(file.notes, [&](const auto& note) { return note.find(part) != std::string::npos; });
}

TEST(ElasticmqTest, its_configuration_becomes_ours) {
  const File file(R"(include classpath("application.conf")
# the usual one
node-address {
    protocol = http
    host = "queues.test"
    port = 9324
    context-path = ""
}
rest-sqs { enabled = true, bind-port = 9324, bind-hostname = "0.0.0.0", sqs-limits = strict }
aws { region = eu-west-1, accountId = 123456789012 }
auto-create-queues.enabled = true
queues {
  orders {
    defaultVisibilityTimeout = 10 seconds
    delay = 1500ms
    receiveMessageWait = 1 minute
    deadLettersQueue { name = "orders-dead", maxReceiveCount = 3 } // from 1 to 1000
    copyTo = "audit"
    tags { team = "shop", "a.b" = c }
  }
  orders-dead { }
  steps { fifo = true, contentBasedDeduplication = true, deadLettersQueue { name = late, maxReceiveCount = 1 } }
  late.fifo = true
  odd { fifo = true, deadLettersQueue { name = "orders-dead", maxReceiveCount = 3 } }
}
colour = blue
rest-sqs.typo = 3
queues.orders-dead.defaultVisibilityTimeot = 3 seconds
messages-storage { enabled = true, uri = "jdbc:h2:./there" }
)",
                  ".conf");
  const auto read = read_settings_file(file.path());
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(setting(*read, "public_url"), "http://queues.test:9324");
  EXPECT_EQ(setting(*read, "listen"), "0.0.0.0:9324");
  EXPECT_EQ(setting(*read, "region"), "eu-west-1");
  EXPECT_EQ(setting(*read, "account"), "123456789012");
  EXPECT_EQ(setting(*read, "sqs_auto_create"), "true");
  EXPECT_EQ(setting(*read, "single_region"), "true");
  ASSERT_EQ(read->queues.size(), 5U);
  const QueueDeclaration& orders = read->queues[0];
  EXPECT_EQ(orders.name, "orders");
  EXPECT_EQ(orders.attributes,
            (std::map<std::string, std::string>{
                {"VisibilityTimeout", "10"}, {"DelaySeconds", "1"}, {"ReceiveMessageWaitTimeSeconds", "60"}}));
  EXPECT_EQ(orders.dead_letter_queue, "orders-dead");
  EXPECT_EQ(orders.receives_max, 3);
  EXPECT_EQ(orders.tags, (std::map<std::string, std::string>{{"team", "shop"}, {"a.b", "c"}}));
  EXPECT_NE(orders.place.find("line 13"), std::string::npos) << orders.place;
  EXPECT_EQ(read->queues[2].name, "steps.fifo");
  EXPECT_EQ(read->queues[2].attributes.at("ContentBasedDeduplication"), "true");
  EXPECT_EQ(read->queues[2].dead_letter_queue, "late.fifo");
  EXPECT_EQ(read->queues[4].dead_letter_queue, "");
  for (const char* part : {"copies or moves nothing", "colour means nothing", "odd.fifo keeps its", "typo of rest-sqs",
                           "defaultVisibilityTimeot of the queue orders-dead", "in our own data directory"}) {
    EXPECT_TRUE(notes(*read, part)) << part;
  }
}

TEST(ElasticmqTest, without_a_storage_messages_are_in_memory_only) {
  const File file("queues { q {} }\n", ".conf");
  const auto read = read_settings_file(file.path());
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(setting(*read, "durability"), "memory");
  EXPECT_TRUE(notes(*read, "in memory only"));
}

TEST(ElasticmqTest, what_makes_no_sense_is_told_with_its_line) {
  const struct {
    const char* text;
    const char* says;
  } table[] = {
      {"queues {\n a { delay = 5 parsecs }\n}", "line 2: '5 parsecs' is not a duration"},
      {"queues {\n a { delay = -5 seconds }\n}", "line 2: '-5 seconds'"},
      {"queues { a { delay = 1e300 days } }", "is not a duration"},
      {"queues {\n a { deadLettersQueue { name = b } }\n}", "line 2: deadLettersQueue takes"},
      {"queues { a { deadLettersQueue { name = b, maxReceiveCount = 3x } } }", "deadLettersQueue takes"},
      {"include \"other.conf\"", "line 1: includes are not read"},
  };
  for (const auto& row : table) {
    const File file(row.text, ".conf");
    const auto read = read_settings_file(file.path());
    ASSERT_FALSE(read) << row.text;
    EXPECT_NE(read.error().find(row.says), std::string::npos) << read.error();
  }
}

constexpr const char* goaws = R"(Local: # the usual one
  Host: goaws
  Port: 4100
  Region: us-east-1
  AccountId: "100010001000"
  QueueAttributeDefaults:
    VisibilityTimeout: 10
    MaximumMessageSize: 1024
  Queues:
    - Name: plain
    - Name: orders
      VisibilityTimeout: 150
      RedrivePolicy: '{"maxReceiveCount": "100", "deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead"}'
    - Name: dead
  Topics:
    - Name: news
      Subscriptions:
        - QueueName: readers
          Raw: true
  RandomLatency:
    Min: 0
Dev:
  SqsPort: 9324
  SnsPort: 9292
  AccountId: queue
)";

TEST(GoawsTest, its_configuration_becomes_ours) {
  const File file(goaws, ".yaml");
  const auto read = read_settings_file(file.path());
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(setting(*read, "listen"), "4100");
  EXPECT_EQ(setting(*read, "account"), "100010001000");
  ASSERT_EQ(read->queues.size(), 4U);
  EXPECT_EQ(read->queues[0].attributes,
            (std::map<std::string, std::string>{{"VisibilityTimeout", "10"}, {"MaximumMessageSize", "1024"}}));
  EXPECT_EQ(read->queues[1].attributes.at("VisibilityTimeout"), "150");
  EXPECT_EQ(read->queues[1].dead_letter_queue, "dead");
  EXPECT_EQ(read->queues[1].receives_max, 100);
  EXPECT_EQ(read->queues[3].name, "readers");
  EXPECT_TRUE(notes(*read, "the topic news is left out"));
  EXPECT_TRUE(notes(*read, "not slowed down"));
  EXPECT_FALSE(notes(*read, "means nothing here"));
  const File misspelt("Local:\n  Regoin: eu-west-1\n  Queues:\n    - Name: q\n      VisibilityTimout: 3\n", ".yaml");
  const auto told = read_settings_file(misspelt.path());
  ASSERT_TRUE(told) << told.error();
  EXPECT_TRUE(notes(*told, "line 2: Regoin means nothing here"));
  EXPECT_TRUE(notes(*told, "VisibilityTimout means nothing here"));
  EXPECT_EQ(setting(*told, "durability"), "memory");
  EXPECT_TRUE(notes(*told, "in memory only"));
}

TEST(GoawsTest, another_environment_is_named_behind_the_file) {
  const File file(goaws, ".yaml");
  const auto read = read_settings_file(file.path() + "#Dev");
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(setting(*read, "listen"), "9324,9292");
  EXPECT_TRUE(notes(*read, "an account has 12 digits, not 'queue'"));
  const auto missing = read_settings_file(file.path() + "#Test");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().find("there is no environment Test"), std::string::npos);
}

TEST(GoawsTest, what_cannot_be_read_is_refused_with_its_line) {
  const struct {
    std::string text;
    const char* says;
  } table[] = {
      {"Local:\n  Queues:\n    - Colour: red\n", "line 3: a queue needs a Name"},
      {"Local:\n  Queues:\n    - Name: a\n      RedrivePolicy: nothing\n", "line 4: RedrivePolicy takes"},
      {"Local: {Queues: [{Name: a, RedrivePolicy: '{\"maxReceiveCount\":true,\"deadLetterTargetArn\":\"b\"}'}]}",
       "RedrivePolicy takes"},
      {"Local: nothing\n", "there is no environment Local"},
      {"- a\n", "there is no environment Local"},
      {"Local:\n\t- a\n", "line 2"},
      {"a: 1\na: 2\n", "line 2: a stands there twice"},
      {"? [a]\n: b\n", "a name is a text"},
      {"a: &x 1\nb: *x\n", "line 2: aliases"},
      {"a: " + std::string(1'000, '['), "nested too deep"},
      {"\xff\xfe\xff", "line"},
  };
  for (const auto& row : table) {
    const File file(row.text, ".yml");
    const auto read = read_settings_file(file.path());
    ASSERT_FALSE(read) << row.text;
    EXPECT_NE(read.error().find(row.says), std::string::npos) << read.error();
  }
  EXPECT_FALSE(read_settings_file("/nowhere/at/all.yaml"));
}

TEST(ImportTest, what_is_written_is_read_back_alike) {
  const File theirs(goaws, ".yaml");
  auto wanted = read_settings_file(theirs.path());
  ASSERT_TRUE(wanted);
  wanted->queues[0].tags["quo\"te"] = "back\\slash\nline";
  const File ours(to_toml(*wanted), ".toml");
  const auto read = read_settings_file(ours.path());
  ASSERT_TRUE(read) << read.error() << to_toml(*wanted);
  for (const FileSetting& one : wanted->settings) {
    EXPECT_EQ(setting(*read, one.name), one.value) << one.name;
  }
  ASSERT_EQ(read->queues.size(), wanted->queues.size());
  for (std::size_t i = 0; i < read->queues.size(); ++i) {
    EXPECT_EQ(read->queues[i].name, wanted->queues[i].name);
    EXPECT_EQ(read->queues[i].attributes, wanted->queues[i].attributes);
    EXPECT_EQ(read->queues[i].tags, wanted->queues[i].tags);
    EXPECT_EQ(read->queues[i].dead_letter_queue, wanted->queues[i].dead_letter_queue);
    EXPECT_EQ(read->queues[i].receives_max, wanted->queues[i].receives_max);
  }
}

TEST(LocalstackTest, its_variables_are_ours_and_ours_outweigh_them) {
  const std::map<std::string, std::string> variables = {{"GATEWAY_LISTEN", "127.0.0.1:4566,127.0.0.1:4510"},
                                                        {"EDGE_PORT", "1"},
                                                        {"LOCALSTACK_HOST", "aws.test"},
                                                        {"SQS_ENDPOINT_STRATEGY", "domain"},
                                                        {"PERSISTENCE", "0"},
                                                        {"DEBUG", "app:*"},
                                                        {"SQS_DELAY_PURGE_RETRY", "1"},
                                                        {"LS_LOG", "warn"},
                                                        {"SLUICE_PUBLIC_URL", "https://ours.test"}};
  const auto config = read_config({}, [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
  ASSERT_TRUE(config) << config.error();
  EXPECT_EQ(config->listen, (std::vector<std::string>{"127.0.0.1:4566", "127.0.0.1:4510"}));
  EXPECT_EQ(config->public_url, "https://ours.test");
  EXPECT_EQ(config->queue_urls, "domain");
  EXPECT_EQ(config->durability, "memory");
  EXPECT_EQ(config->log_level, "warning");
  EXPECT_TRUE(config->purge_wait);
  EXPECT_FALSE(config->recreate_wait);
}

TEST(LocalstackTest, every_alias_is_of_a_setting) {
  const auto all = localstack_settings([](const std::string&) { return std::optional<std::string>("1"); });
  EXPECT_GE(all.size(), 8U);
  for (const AliasedSetting& alias : all) {
    EXPECT_NE(std::ranges::find(settings(), std::string_view(alias.name), &Setting::name), settings().end())
        << alias.name;
  }
}

}  // namespace
}  // namespace sluice::server
