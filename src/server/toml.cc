#include <fmt/format.h>
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "server/config.h"

namespace sluice::server {
namespace {

std::optional<std::string> text_of(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) {
    return *text;
  }
  if (const auto number = node.value_exact<std::int64_t>()) {
    return std::to_string(*number);
  }
  if (const auto on = node.value_exact<bool>()) {
    return *on ? "true" : "false";
  }
  const toml::array* list = node.as_array();
  if (list == nullptr) {
    return std::nullopt;
  }
  std::string joined;
  for (const toml::node& item : *list) {
    const auto text = item.is_array() ? std::nullopt : text_of(item);
    if (!text) {
      return std::nullopt;
    }
    joined.append(joined.empty() ? "" : ",").append(*text);
  }
  return joined;
}

}  // namespace

std::expected<std::vector<std::pair<std::string, std::string>>, std::string> read_toml(const std::string& path) {
  const toml::parse_result file = toml::parse_file(path);
  if (!file) {
    const toml::parse_error& error = file.error();
    return std::unexpected(fmt::format("{}, line {}: {}", path, error.source().begin.line, error.description()));
  }
  std::vector<std::pair<std::string, std::string>> keys;
  for (const auto& [key, node] : file.table()) {
    const auto text = text_of(node);
    if (!text) {
      return std::unexpected(fmt::format("{}, line {}: {} takes a text, a number, true, false or a list of texts", path,
                                         node.source().begin.line, key.str()));
    }
    keys.emplace_back(std::string(key.str()), *text);
  }
  return keys;
}

}  // namespace sluice::server
