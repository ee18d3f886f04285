#include "wire/open_metrics.h"

#include <array>
#include <charconv>
#include <cmath>

namespace sluice::wire {
namespace {

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '\\':
        out.append("\\\\");
        break;
      case '"':
        out.append("\\\"");
        break;
      case '\n':
        out.append("\\n");
        break;
      default:
        out.push_back(c);
    }
  }
}

void append_number(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out.append(std::isnan(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf");
    return;
  }
  std::array<char, 32> digits;
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
}

}  // namespace

std::string metric_labels(std::initializer_list<MetricLabel> labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    text.append(text.empty() ? "" : ",").append(name).append("=\"");
    append_escaped(text, value);
    text.push_back('"');
  }
  return text;
}

void OpenMetrics::family(std::string_view name, std::string_view type, std::string_view unit, std::string_view help) {
  name_ = name;
  out_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
  if (!unit.empty()) {
    out_.append("# UNIT ").append(name).append(" ").append(unit).append("\n");
  }
  out_.append("# HELP ").append(name).append(" ");
  append_escaped(out_, help);
  out_.push_back('\n');
}

void OpenMetrics::sample(std::string_view suffix, std::string_view labels, double value) {
  out_.append(name_).append(suffix);
  if (!labels.empty()) {
    out_.append("{").append(labels).append("}");
  }
  out_.push_back(' ');
  append_number(out_, value);
  out_.push_back('\n');
}

std::string OpenMetrics::finish() { return std::move(out_.append("# EOF\n")); }

}  // namespace sluice::wire
