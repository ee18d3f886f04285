#include "server/import/hocon.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "server/import/references.h"

namespace sluice::server {
namespace {

// What ElasticMQ's own jar holds; and a name that is looked for there when no file has it.
constexpr std::string_view own_defaults[] = {"application.conf", "application", "reference.conf", "reference"};
constexpr std::string_view not_bare = "$\"{}[]:=,+#`^?!@*&\\";  // what ends a bare text (HOCON: "Unquoted strings")

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

/// How many values a reference stands before, one behind the other.
std::size_t replaced_count(const Tree& tree) {
  std::size_t count = 0;
  for (const Tree* at = &tree; at->kind == Tree::Kind::reference && !at->members.empty(); ++count) {
    at = &at->members.front().second;
  }
  return count;
}

/// A later table is merged into an earlier one. Gives what is wrong; empty: nothing.
std::string_view put(Tree& table, const std::string& name, Tree value) {
  const auto found = std::ranges::find(table.members, name, &std::pair<std::string, Tree>::first);
  if (found == table.members.end()) {
    if (table.members.size() >= tree_members_max) {
      return "a table has too many members";
    }
    table.members.emplace_back(name, std::move(value));
    return {};
  }
  Tree& present = found->second;
  if (value.is_table() && present.is_table()) {
    std::string_view wrong;
    for (auto& [inner, member] : value.members) {
      wrong = wrong.empty() ? put(present, inner, std::move(member)) : wrong;
    }
    return wrong;
  }
  if (value.is_table() && present.is_open()) {
    return "a table cannot be added to a substitution";
  }
  if (value.kind == Tree::Kind::reference && value.is_optional()) {
    if (replaced_count(present) >= tree_depth_max) {
      return "a value is replaced by substitutions too often";
    }
    value.members.emplace_back(name, std::move(present));
  }
  present = std::move(value);
  return {};
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  TreeReading read() {
    skip_space();
    const bool braces = take('{');
    Tree root = table(braces ? '}' : '\0', 0);
    if (!problem_ && braces) {
      skip_space();
    }
    if (!problem_ && at_ < text_.size()) {
      fail("there is more behind the end");
    }
    return problem_ ? std::unexpected(*problem_) : TreeReading(std::move(root));
  }

 private:
  bool ended() const { return problem_.has_value() || at_ >= text_.size(); }
  char now() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool sees(std::string_view words) const { return text_.substr(at_).starts_with(words); }

  void fail(std::string_view words) {
    if (!problem_) {
      problem_ = fmt::format("line {}: {}", line_, words);
    }
  }

  void step() {
    line_ += text_[at_] == '\n' ? 1 : 0;
    ++at_;
  }

  bool take(char c) {
    if (ended() || now() != c) {
      return false;
    }
    step();
    return true;
  }

  void skip_blanks() {
    while (!ended() && is_blank(now())) {
      step();
    }
  }

  bool at_comment() const { return now() == '#' || sees("//"); }

  // White space, comments and new lines.
  void skip_space() {
    while (!ended() && (is_blank(now()) || now() == '\n' || at_comment())) {
      if (at_comment()) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else {
        step();
      }
    }
  }

  Tree table(char end, std::size_t depth) {
    Tree result;
    result.line = line_;
    if (depth > tree_depth_max) {
      fail("it is nested too deep");
    }
    for (;;) {
      skip_space();
      while (take(',')) {
        skip_space();
      }
      if (ended() || now() == end) {
        break;
      }
      if (now() == '}' || now() == ']') {
        fail(fmt::format("a '{}' that closes nothing", now()));
      } else if (sees("include ") || sees("include\t")) {
        include();
      } else {
        member(result, depth);
      }
    }
    if (end != '\0' && !take(end)) {
      fail(fmt::format("a '{}' is missing", end));
    }
    return result;
  }

  // include "x", include classpath("x"), include required(classpath("x")) …
  void include() {
    at_ += std::string_view("include").size();
    skip_blanks();
    bool elsewhere = false;
    while (!ended() && now() != '"' && now() != '\n') {
      elsewhere = elsewhere || sees("file") || sees("url");
      step();
    }
    const std::string name = now() == '"' ? quoted() : "";
    if (elsewhere || std::ranges::find(own_defaults, name) == std::end(own_defaults)) {
      fail("includes are not read: put the other file's lines here");
      return;
    }
    skip_blanks();
    while (take(')')) {
      skip_blanks();
    }
    end_of_member();
  }

  void member(Tree& result, std::size_t depth) {
    const std::vector<std::string> names = path();
    skip_blanks();
    if (sees("+=")) {
      fail("'+=' is not read: write the list out");
      return;
    }
    const bool has_sign = take('=') || take(':');
    if (!has_sign && now() != '{') {
      fail("a name is followed by '=', ':' or '{'");
      return;
    }
    skip_space();
    Tree read = value(depth + 1);
    // a.b.c = v is a { b { c = v } }
    for (std::size_t i = names.size(); i-- > 1;) {
      Tree outer;
      outer.line = read.line;
      outer.members.emplace_back(names[i], std::move(read));
      read = std::move(outer);
    }
    const std::string_view wrong = put(result, names[0], std::move(read));
    if (!wrong.empty()) {
      fail(wrong);
    }
    end_of_member();
  }

  // Between members stands a comma, a new line or the end of the table.
  void end_of_member() {
    skip_blanks();
    if (!ended() && now() != ',' && now() != '\n' && now() != '}' && now() != ']' && !at_comment()) {
      fail("a new line or ',' is missing");
    }
  }

  std::vector<std::string> path() {
    std::vector<std::string> names(1);
    bool empty = true;
    while (!ended()) {
      if (now() == '"') {
        names.back() += quoted();
        empty = false;
      } else if (now() == '.') {
        step();
        names.emplace_back();
      } else if (now() != '\n' && not_bare.find(now()) == std::string_view::npos && !sees("//")) {
        names.back().push_back(now());
        empty = empty && is_blank(now());
        step();
      } else {
        break;
      }
      if (names.size() > tree_depth_max) {
        fail("it is nested too deep");
      }
    }
    std::string& last = names.back();
    last.erase(last.find_last_not_of(" \t\r") + 1);
    if (empty || std::ranges::find(names, "") != names.end()) {
      fail("a name is missing");
    }
    return names;
  }

  Tree value(std::size_t depth) {
    if (depth > tree_depth_max) {
      fail("it is nested too deep");
      return {};
    }
    if (take('{')) {
      return table('}', depth);
    }
    return take('[') ? list(depth) : text();
  }

  Tree list(std::size_t depth) {
    Tree result;
    result.kind = Tree::Kind::list;
    result.line = line_;
    for (;;) {
      skip_space();
      while (take(',')) {
        skip_space();
      }
      if (ended() || now() == ']') {
        break;
      }
      result.items.push_back(value(depth + 1));
      end_of_member();
    }
    if (!take(']')) {
      fail("a ']' is missing");
    }
    return result;
  }

  // Quoted and bare pieces and references up to the end of the line, joined with what stands between them.
  Tree text() {
    const std::int64_t line = line_;
    std::vector<Tree> pieces;
    std::string between;
    const auto open = [&]() -> std::string& {
      if (pieces.empty() || pieces.back().kind != Tree::Kind::text) {
        pieces.push_back({.kind = Tree::Kind::text, .line = line});
      }
      return pieces.back().text;
    };
    while (!ended() && now() != '\n' && now() != ',' && now() != '}' && now() != ']' && !at_comment()) {
      if (is_blank(now())) {
        between.push_back(now());
        step();
        continue;
      }
      if (!pieces.empty() && !between.empty()) {
        open() += between;
      }
      between.clear();
      if (now() == '"') {
        open() += quoted();
      } else if (sees("${")) {
        pieces.push_back(reference());
      } else if (not_bare.find(now()) != std::string_view::npos) {
        fail(fmt::format("a value with '{}' stands in quotes", now()));
      } else {
        open().push_back(now());
        step();
      }
    }
    if (pieces.empty()) {
      fail("a value is missing");
      return {};
    }
    return pieces.size() == 1 ? std::move(pieces.front())
                              : Tree{.kind = Tree::Kind::joined, .items = std::move(pieces), .line = line};
  }

  Tree reference() {
    Tree result{.kind = Tree::Kind::reference, .line = line_};
    at_ += std::string_view("${").size();
    const std::size_t from = at_;
    take('?');
    for (std::string& name : path()) {
      result.items.push_back({.kind = Tree::Kind::text, .text = std::move(name), .line = line_});
    }
    result.text = text_.substr(from, at_ - from);
    if (!take('}')) {
      fail("a '}' is missing");
    }
    return result;
  }

  std::string quoted() {
    constexpr std::string_view triple = R"(""")";
    if (sees(triple)) {
      at_ += triple.size();
      const std::size_t end = text_.find(triple, at_);
      if (end == std::string_view::npos) {
        fail("a text is not closed");
        return {};
      }
      std::string raw(text_.substr(at_, end - at_));
      line_ += std::ranges::count(raw, '\n');
      at_ = end + triple.size();
      return raw;
    }
    step();
    std::string out;
    while (!ended() && now() != '"' && now() != '\n') {
      if (now() == '\\') {
        step();
        escape(out);
      } else {
        out.push_back(now());
        step();
      }
    }
    if (!take('"')) {
      fail("a text is not closed");
    }
    return out;
  }

  void escape(std::string& out) {
    constexpr std::string_view letters = "\"\\/bfnrt";
    constexpr std::string_view meant = "\"\\/\b\f\n\r\t";
    const std::size_t which = ended() ? std::string_view::npos : letters.find(now());
    if (which == std::string_view::npos) {
      fail("after '\\' stands one of \" \\ / b f n r t");
      return;
    }
    out.push_back(meant[which]);
    step();
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::int64_t line_ = 1;
  std::optional<std::string> problem_;
};

}  // namespace

TreeReading read_hocon(std::string_view text, const Environment& environment) {
  if (text.size() > tree_bytes_max) {
    return std::unexpected("line 1: the file is too large");
  }
  TreeReading read = Reader(text).read();
  return read ? resolve(*std::move(read), environment) : read;
}

}  // namespace sluice::server
