// Our own file of settings: keys are settings; [[queue]] declares one.
#include <fmt/format.h>
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <algorithm>
#include <optional>
#include <sstream>

#include "server/settings_file.h"

namespace sluice::server {
namespace {

constexpr std::int64_t receives_min = 1;  // maxReceiveCount of a RedrivePolicy
constexpr std::int64_t receives_max = 1'000;

using Wrong = std::optional<std::string>;  // a sentence without its file

std::string at_line(const toml::node& node, std::string_view words) {
  return fmt::format("line {}: {}", node.source().begin.line, words);
}

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
  return std::nullopt;
}

std::optional<std::string> list_of(const toml::node& node) {
  const toml::array* list = node.as_array();
  if (list == nullptr) {
    return text_of(node);
  }
  std::string joined;
  for (const toml::node& item : *list) {
    const auto text = text_of(item);
    if (!text) {
      return std::nullopt;
    }
    joined.append(joined.empty() ? "" : ",").append(*text);
  }
  return joined;
}

// Attributes such as a policy are JSON: a table is written as that.
std::optional<std::string> attribute_of(const toml::node& node) {
  if (const toml::table* table = node.as_table()) {
    std::ostringstream json;
    json << toml::json_formatter(*table, toml::format_flags::none);
    return json.str();
  }
  return text_of(node);
}

Wrong read_map(const toml::node& node, std::string_view key, std::map<std::string, std::string>& map) {
  const toml::table* table = node.as_table();
  if (table == nullptr) {
    return at_line(node, fmt::format("{} takes a table: {} = {{ NAME = VALUE }}", key, key));
  }
  for (const auto& [name, value] : *table) {
    const auto text = attribute_of(value);
    if (!text) {
      return at_line(value, fmt::format("{} takes a text, a number, true or false", name.str()));
    }
    map.insert_or_assign(std::string(name.str()), *text);
  }
  return std::nullopt;
}

Wrong read_text(const toml::node& node, std::string_view key, std::string& text) {
  const auto value = node.value_exact<std::string>();
  if (!value) {
    return at_line(node, fmt::format("{} takes a text", key));
  }
  text = *value;
  return std::nullopt;
}

Wrong read_receives(const toml::node& node, std::string_view key, std::int64_t& number) {
  const auto value = node.value_exact<std::int64_t>();
  if (!value) {
    return at_line(node, fmt::format("{} takes a whole number", key));
  }
  if (*value < receives_min || *value > receives_max) {
    return at_line(node, fmt::format("{} takes a number from {} to {}", key, receives_min, receives_max));
  }
  number = *value;
  return std::nullopt;
}

struct QueueKey {
  std::string_view name;
  Wrong (*read)(const toml::node& node, std::string_view key, QueueDeclaration& queue);
};
constexpr QueueKey queue_keys[] = {
    {"name", [](auto& node, auto key, auto& queue) { return read_text(node, key, queue.name); }},
    {"account", [](auto& node, auto key, auto& queue) { return read_text(node, key, queue.account); }},
    {"region", [](auto& node, auto key, auto& queue) { return read_text(node, key, queue.region); }},
    {"attributes", [](auto& node, auto key, auto& queue) { return read_map(node, key, queue.attributes); }},
    {"tags", [](auto& node, auto key, auto& queue) { return read_map(node, key, queue.tags); }},
    {"dead_letter_queue",
     [](auto& node, auto key, auto& queue) { return read_text(node, key, queue.dead_letter_queue); }},
    {"receives_max", [](auto& node, auto key, auto& queue) { return read_receives(node, key, queue.receives_max); }},
};

Wrong read_queue(const toml::node& node, QueueDeclaration& queue) {
  const toml::table* table = node.as_table();
  if (table == nullptr) {
    return at_line(node, "a queue is a table: [[queue]]");
  }
  for (const auto& [key, value] : *table) {
    const auto row = std::find_if(std::begin(queue_keys), std::end(queue_keys),
                                  [&](const QueueKey& known) { return known.name == key.str(); });
    if (row == std::end(queue_keys)) {
      return at_line(value, fmt::format("a queue has no {}; attributes stand in attributes = {{ … }}", key.str()));
    }
    if (auto wrong = row->read(value, row->name, queue)) {
      return wrong;
    }
  }
  if (queue.name.empty()) {
    return at_line(node, "a queue needs a name");
  }
  if (queue.dead_letter_queue.empty() != (queue.receives_max == 0)) {
    return at_line(node, "dead_letter_queue and receives_max go together");
  }
  return std::nullopt;
}

Wrong read_queues(const toml::node& node, const std::string& path, SettingsFile& file) {
  const toml::array* list = node.as_array();
  if (list == nullptr) {
    return at_line(node, "queues are declared as [[queue]]");
  }
  for (const toml::node& item : *list) {
    QueueDeclaration queue;
    queue.place = fmt::format("{}, line {}", path, item.source().begin.line);
    if (auto wrong = read_queue(item, queue)) {
      return wrong;
    }
    file.queues.push_back(std::move(queue));
  }
  return std::nullopt;
}

Wrong read_setting(std::string_view key, const toml::node& node, SettingsFile& file) {
  const auto text = list_of(node);
  if (!text) {
    return at_line(node, fmt::format("{} takes a text, a number, true, false or a list of texts", key));
  }
  file.settings.push_back({std::string(key), *text, node.source().begin.line});
  return std::nullopt;
}

}  // namespace

FileReading read_toml(const std::string& path) {
  const toml::parse_result parsed = toml::parse_file(path);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    return std::unexpected(fmt::format("{}, line {}: {}", path, error.source().begin.line, error.description()));
  }
  SettingsFile file;
  for (const auto& [key, node] : parsed.table()) {
    const Wrong wrong = key.str() == "queue" ? read_queues(node, path, file) : read_setting(key.str(), node, file);
    if (wrong) {
      return std::unexpected(fmt::format("{}, {}", path, *wrong));
    }
  }
  return file;
}

}  // namespace sluice::server
