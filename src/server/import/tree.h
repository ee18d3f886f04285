#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::server {

/// A file of settings as a tree, whatever its format: texts, lists of trees, and tables of named trees in the file's
/// order.
struct Tree {
  enum class Kind : std::uint8_t {
    text,
    list,
    table,
    // Only between reading and resolve (references.h):
    reference,  ///< `text` is what stood in ${…}, `items` the names of its path, the one in `members` what it replaces
    joined,     ///< texts and references (`items`) that make one text
  };
  Kind kind = Kind::table;
  std::string text{};
  std::vector<Tree> items{};                            ///< of a list
  std::vector<std::pair<std::string, Tree>> members{};  ///< of a table; each name once
  std::int64_t line = 0;

  bool is_table() const { return kind == Kind::table; }
  /// Not resolved yet.
  bool is_open() const { return kind == Kind::reference || kind == Kind::joined; }
  /// Of a reference: ${?…}, which may lead nowhere.
  bool is_optional() const { return text.starts_with('?'); }
  /// The member of that name; nullptr when there is none, or this is no table.
  const Tree* find(std::string_view name) const {
    for (const auto& [key, value] : members) {
      if (key == name) {
        return &value;
      }
    }
    return nullptr;
  }
};

/// The text of a table's member; empty when there is none.
inline std::string text_at(const Tree& table, std::string_view name) {
  const Tree* found = table.find(name);
  return found == nullptr ? "" : found->text;
}

/// Calls `use(key, member)` for each member of a table whose key is none of `keys`, which stand between blanks.
template <class Use>
void each_unknown(const Tree& table, std::string_view keys, Use use) {
  for (const auto& [key, member] : table.members) {
    if (keys.find(" " + key + " ") == std::string_view::npos) {
      use(key, member);
    }
  }
}

/// The error is a sentence with its line.
using TreeReading = std::expected<Tree, std::string>;

// Bounds of what is read, so that no file takes the process down with it.
inline constexpr std::size_t tree_bytes_max = 4U << 20;
inline constexpr std::size_t tree_depth_max = 32;
inline constexpr std::size_t tree_members_max = 10'000;  ///< of one table: names are looked for one by one

}  // namespace sluice::server
