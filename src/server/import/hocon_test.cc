#include "server/import/hocon.h"

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

TEST(HoconTest, it_is_read_in_all_its_forms) {
  const auto tree = read_hocon(R"({
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
  EXPECT_TRUE(read_hocon("").has_value());
  EXPECT_TRUE(read_hocon("# nothing").has_value());
}

TEST(HoconTest, what_cannot_be_read_is_refused_with_its_line) {
  const struct {
    std::string text;
    const char* says;
  } table[] = {
      {"a = {", "'}' is missing"},
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
      {"a = ${b}", "substitutions"},
      {"a = x$y", "substitutions"},
      {"a += 3", "'+=' is not read"},
      {"a = 3 }", "closes nothing"},
      {"{a = 3} b", "more behind the end"},
      {"a = b = c", "stands in quotes"},
      {"a = [1 {}]", "stands in quotes"},
      {"a {} b {}", "new line or ',' is missing"},
      {"include file(\"x\")", "includes are not read"},
      {std::string(many, '['), "a name is missing"},
      {"a = " + std::string(many, '['), "nested too deep"},
      {"a = " + std::string(many, '{'), ""},
      {repeated(many, "a{"), "nested too deep"},
      {"a" + repeated(many, ".a") + " = 1", "nested too deep"},
      {std::string(tree_bytes_max + 1, ' '), "too large"},
      {std::string("a = \0b", 6) + "\x01 = {", ""},
  };
  for (const auto& row : table) {
    const auto tree = read_hocon(row.text);
    ASSERT_FALSE(tree) << row.text.substr(0, 40);
    EXPECT_NE(tree.error().find(row.says), std::string::npos) << row.text.substr(0, 40) << ": " << tree.error();
  }
}

}  // namespace
}  // namespace sluice::server
