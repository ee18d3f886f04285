#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sluice::cli {

/// Rows of text, lined up in columns for people. A column whose heading starts with '#' holds numbers and is set to the
/// right; the last column is as wide as it likes.
class Table {
 public:
  explicit Table(std::vector<std::string> headings) : headings_(std::move(headings)) {}
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.empty(); }
  /// With its headings, a line a row.
  std::string text() const;

 private:
  std::vector<std::string> headings_;
  std::vector<std::vector<std::string>> rows_;
};

/// At most `columns` characters of one line: control characters as blanks, "…" where it was cut. For UTF-8.
std::string one_line(std::string_view text, std::size_t columns);

}  // namespace sluice::cli
