#include "server/import/hocon.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace sluice::server {
namespace {

constexpr int many = 100'000;

std::string repeated(int count, const std::string& piece) {
  std::string out;
  for (int i = 0; i < count; ++i) {
    out += piece;
  }
  return out;
}

// x1 is twice x0, x2 twice x1 …
std::string doubled(int count) {
  std::string out;
  for (int i = 1; i <= count; ++i) {
    out += fmt::format("x{0} = ${{x{1}}}${{x{1}}}\n", i, i - 1);
  }
  return out;
}

TreeReading read_at_home(std::string_view text) {
  return read_hocon(text, [](const std::string& name) {
    return name == "HOME" ? std::optional<std::string>("/there") : std::nullopt;
  });
}

TEST(HoconTest, it_is_read_in_all_its_forms) {
  const auto tree = read_at_home(R"({
  a.b: 1, a { c = "x" y "z" }
  "d.e" = [1, two words
    {f = g}, []] // end
  h = """raw "text"
line"""
  i = "q\"\\\n" # end
  a.b = 2
  j {}, k = { l = m },
})");
  ASSERT_TRUE(tree) << tree.error();
  EXPECT_EQ(tree->find("a")->find("b")->text, "2");
  EXPECT_EQ(tree->find("a")->find("c")->text, "x y z");
  const Tree* list = tree->find("d.e");
  ASSERT_EQ(list->items.size(), 4U);
  EXPECT_EQ(list->items[1].text, "two words");
  EXPECT_EQ(list->items[2].find("f")->text, "g");
  EXPECT_EQ(tree->find("h")->text, "raw \"text\"\nline");
  EXPECT_EQ(tree->find("i")->text, "q\"\\\n");
  EXPECT_EQ(tree->find("i")->line, 7);
  EXPECT_TRUE(tree->find("j")->is_table());
  EXPECT_EQ(tree->find("k")->find("l")->text, "m");
  EXPECT_TRUE(read_at_home("").has_value());
  EXPECT_TRUE(read_at_home("# nothing").has_value());
}

TEST(HoconTest, a_substitution_is_the_value_of_the_file_else_of_the_environment) {
  const auto tree = read_at_home(R"(include classpath("application.conf")
include required( classpath( "reference.conf" ) ) # of the jar
forward = ${base.port}
base { host = localhost, port = 9324, port = ${?PORT}, path = ${HOME}/queues }
base.host = ${?HOME}
url = "http://"${base.host}":"${base.port} of ${?NOBODY} it
copy = ${base}
deep = ${copy.port}
gone = ${?NOBODY}
list = [${?NOBODY}, ${HOME}, ${base.port}]
HOME = mine
)");
  ASSERT_TRUE(tree) << tree.error();
  EXPECT_EQ(tree->find("forward")->text, "9324");
  EXPECT_EQ(tree->find("base")->find("port")->text, "9324");
  EXPECT_EQ(tree->find("base")->find("path")->text, "mine/queues");
  EXPECT_EQ(tree->find("url")->text, "http://mine:9324 of  it");
  EXPECT_EQ(tree->find("copy")->find("host")->text, "mine");
  EXPECT_EQ(tree->find("deep")->text, "9324");
  EXPECT_EQ(tree->find("gone"), nullptr);
  ASSERT_EQ(tree->find("list")->items.size(), 2U);
  EXPECT_EQ(tree->find("list")->items[1].text, "9324");
  EXPECT_EQ(read_at_home("a = ${HOME}/x")->find("a")->text, "/there/x");
}

std::string members_of_one_table(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += fmt::format("a.x{} = 1\n", i);
  }
  return text;
}

TEST(HoconTest, what_cannot_be_read_is_refused_with_its_line) {
  const struct {
    std::string text;
    const char* says;
  } table[] = {
      {"a = {", "'}' is missing"},
      {repeated(many, "x = ${?A}\n"), "a value is replaced by substitutions too often"},
      {members_of_one_table(20'000), "line 10001: a table has too many"},
      {"a = [", "']' is missing"},
      {"\na = }", "line 2: a value is missing"},
      {"a = ", "a value is missing"},
      {"a", "is followed by"},
      {"a b\nc", "is followed by"},
      {"= 3", "a name is missing"},
      {"a..b = 3", "a name is missing"},
      {"\"\" = 3", "a name is missing"},
      {"a = \"x", "is not closed"},
      {"a = \"x\ny\"", "is not closed"},
      {"a = \"\"\"x", "is not closed"},
      {R"(a = "\q")", "after '\\'"},
      {"\na = ${b}", "line 2: ${b}: there is nothing of that name"},
      {"a = ${b", "'}' is missing"},
      {"a = ${}", "a name is missing"},
      {"a = x$y", "stands in quotes"},
      {"a = ${a}", "leads to itself"},
      {"a = ${b}, b = x${a}", "leads to itself"},
      {"a { b = ${a} }", "leads to itself"},
      {"a { b = 1 }, c = x${a}", "cannot stand beside a text"},
      {"a { b = 1 }, c = ${a}, c { d = 1 }", "cannot be added to a substitution"},
      {"x0 = a long text of some kind\n" + doubled(40), "too large"},
      {"a += 3", "'+=' is not read"},
      {"a = 3 }", "closes nothing"},
      {"{a = 3} b", "more behind the end"},
      {"a = b = c", "stands in quotes"},
      {"a = [1 {}]", "stands in quotes"},
      {"a {} b {}", "new line or ',' is missing"},
      {"include file(\"x\")", "includes are not read"},
      {"include file(\"application.conf\")", "includes are not read"},
      {"include \"other.conf\"", "includes are not read"},
      {"include", "is followed by"},
      {"include ", "includes are not read"},
      {std::string(many, '['), "a name is missing"},
      {"a = " + std::string(many, '['), "nested too deep"},
      {"a = " + std::string(many, '{'), ""},
      {repeated(many, "a{"), "nested too deep"},
      {"a" + repeated(many, ".a") + " = 1", "nested too deep"},
      {std::string(tree_bytes_max + 1, ' '), "too large"},
      {std::string("a = \0b", 6) + "\x01 = {", ""},
  };
  for (const auto& row : table) {
    const auto tree = read_at_home(row.text);
    ASSERT_FALSE(tree) << row.text.substr(0, 40);
    EXPECT_NE(tree.error().find(row.says), std::string::npos) << row.text.substr(0, 40) << ": " << tree.error();
  }
}

}  // namespace
}  // namespace sluice::server
