#include <gtest/gtest.h>

#include <algorithm>

#include "cli/arguments.h"
#include "cli/help.h"
#include "cli/http_client.h"
#include "cli/table.h"

namespace sluice::cli {
namespace {

using Given = std::vector<std::string>;

const Word& word_of(std::string_view name) { return *std::ranges::find(words(), name, &Word::name); }

TEST(ArgumentsTest, flags_stand_anywhere_and_have_two_forms) {
  const auto read =
      read_arguments(Given{"--group=a", "orders", "--attribute", "x=1", "--lines", "--attribute=y=2"}, word_of("send"));
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->rest(), Given{"orders"});
  EXPECT_EQ(read->value("--group"), "a");
  EXPECT_EQ(read->values("--attribute"), (Given{"x=1", "y=2"}));
  EXPECT_TRUE(read->has("--lines"));
  EXPECT_FALSE(read->has("--json"));
}

TEST(ArgumentsTest, after_two_dashes_nothing_is_a_flag) {
  const auto read = read_arguments(Given{"orders", "--", "--lines"}, word_of("send"));
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->rest(), (Given{"orders", "--lines"}));
}

TEST(ArgumentsTest, what_makes_no_sense_is_told) {
  const struct {
    Given given;
    const char* says;
  } table[] = {
      {{"--colour"}, "there is no --colour"},
      {{"--group"}, "--group wants a value: ID"},
      {{"--lines=yes"}, "--lines takes no value"},
  };
  for (const auto& row : table) {
    const auto read = read_arguments(row.given, word_of("send"));
    ASSERT_FALSE(read) << row.says;
    EXPECT_NE(read.error().find(row.says), std::string::npos) << read.error();
  }
  for (const char* text : {"", "x", "1x", "-1", "11", "99999999999999999999"}) {
    EXPECT_FALSE(read_number("--count", text, 0, 10)) << text;
  }
  EXPECT_EQ(read_number("--count", "10", 0, 10), 10);
}

TEST(EndpointTest, a_url_names_scheme_host_port_and_prefix) {
  const struct {
    const char* url;
    Endpoint endpoint;
    const char* authority;
  } table[] = {
      {"http://127.0.0.1:4566", {false, "127.0.0.1", "4566", ""}, "127.0.0.1:4566"},
      {"http://queues.test/", {false, "queues.test", "80", ""}, "queues.test"},
      {"https://queues.test", {true, "queues.test", "443", ""}, "queues.test"},
      {"https://[::1]:8443/aws/", {true, "::1", "8443", "/aws"}, "[::1]:8443"},
      {"http://[::1]", {false, "::1", "80", ""}, "[::1]"},
  };
  for (const auto& row : table) {
    const auto endpoint = read_endpoint(row.url);
    ASSERT_TRUE(endpoint) << row.url;
    EXPECT_EQ(endpoint->secure, row.endpoint.secure);
    EXPECT_EQ(endpoint->host, row.endpoint.host);
    EXPECT_EQ(endpoint->port, row.endpoint.port);
    EXPECT_EQ(endpoint->path, row.endpoint.path);
    EXPECT_EQ(endpoint->authority(), row.authority);
  }
  for (const char* bad : {"", "localhost:4566", "ftp://a", "http://", "http://:80", "http://a:"}) {
    EXPECT_FALSE(read_endpoint(bad)) << bad;
  }
}

TEST(TableTest, columns_line_up_also_beyond_ascii) {
  Table table({"QUEUE", "#COUNT", "NOTE"});
  table.add({"größe", "7", ""});
  table.add({"a", "1000", "x y"});
  EXPECT_EQ(table.text(),
            "QUEUE  COUNT  NOTE\n"
            "größe      7\n"
            "a       1000  x y\n");
}

TEST(TableTest, a_body_is_one_line_and_cut_between_characters) {
  EXPECT_EQ(one_line("a\nb\x1b[2Jc", 20), "a b [2Jc");
  EXPECT_EQ(one_line("ééé", 3), "ééé");
  EXPECT_EQ(one_line("éééé", 3), "ééé…");
}

TEST(HelpTest, every_word_and_flag_is_explained_completed_and_in_the_manual) {
  const std::string page = man_page(words(), "1.2.3");
  for (const Word& word : words()) {
    EXPECT_NE(help_text(words()).find(word.help), std::string::npos) << word.name;
    for (const Flag& flag : word.flags) {
      EXPECT_NE(help_text(word).find(flag.name), std::string::npos) << flag.name;
      std::string in_roff;
      for (const char c : flag.name) {
        in_roff += c == '-' ? "\\-" : std::string(1, c);
      }
      EXPECT_NE(page.find(in_roff), std::string::npos) << flag.name;
      for (const char* shell : {"bash", "zsh"}) {
        EXPECT_NE(completion_script(words(), shell)->find(flag.name), std::string::npos) << shell << " " << flag.name;
      }
      EXPECT_NE(completion_script(words(), "fish")->find(flag.name.substr(2)), std::string::npos) << flag.name;
    }
  }
  EXPECT_FALSE(completion_script(words(), "tcsh"));
}

}  // namespace
}  // namespace sluice::cli
