#include "cli/table.h"

#include <algorithm>

namespace sluice::cli {
namespace {

bool starts_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, starts_character));
}

}  // namespace

std::string Table::text() const {
  std::vector<std::string> names = headings_;
  std::vector<bool> right(names.size());
  std::vector<std::size_t> width(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    right[i] = names[i].starts_with('#');
    names[i].erase(0, right[i] ? 1 : 0);
    width[i] = columns_of(names[i]);
    for (const auto& row : rows_) {
      width[i] = std::max(width[i], columns_of(row[i]));
    }
  }
  std::string out;
  const auto line = [&](const std::vector<std::string>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string gap(width[i] - columns_of(cells[i]), ' ');
      const bool last = i + 1 == cells.size();
      out.append(right[i] ? gap : "").append(cells[i]).append(right[i] || last ? "" : gap).append(last ? "" : "  ");
    }
    out.erase(out.find_last_not_of(' ') + 1).push_back('\n');
  };
  line(names);
  std::ranges::for_each(rows_, line);
  return out;
}

std::string one_line(std::string_view text, std::size_t columns) {
  std::string out;
  std::size_t shown = 0;
  for (const char c : text) {
    if (starts_character(c) && ++shown > columns) {
      return out + "…";
    }
    out.push_back(static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c);
  }
  return out;
}

}  // namespace sluice::cli
