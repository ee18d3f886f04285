// Our own file of settings: keys are settings; [[queue]], [[user]] and [[kms_key]] declare one each.
#include <fmt/format.h>
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <algorithm>
#include <optional>
#include <sstream>

#include "server/settings_file.h"
#include "server/text_file.h"

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

// Documents and files: a table stands for the document that it is.
Wrong read_list(const toml::node& node, std::string_view key, std::vector<std::string>& list) {
  const toml::array* array = node.as_array();
  if (array == nullptr) {
    return at_line(node, fmt::format("{} takes a list: {} = [ … ]", key, key));
  }
  for (const toml::node& item : *array) {
    const auto text = attribute_of(item);
    if (!text) {
      return at_line(item, fmt::format("{} takes texts", key));
    }
    list.push_back(*text);
  }
  return std::nullopt;
}

template <class Declared>
struct Key {
  std::string_view name;
  Wrong (*read)(const toml::node& node, std::string_view key, Declared& declared);
};
constexpr Key<QueueDeclaration> queue_keys[] = {
    {"name", [](auto& node, auto key, auto& queue) { return read_text(node, key, queue.name); }},
    {"account", [](auto& node, auto key, auto& queue) { return read_text(node, key, queue.account); }},
    {"region", [](auto& node, auto key, auto& queue) { return read_text(node, key, queue.region); }},
    {"attributes", [](auto& node, auto key, auto& queue) { return read_map(node, key, queue.attributes); }},
    {"tags", [](auto& node, auto key, auto& queue) { return read_map(node, key, queue.tags); }},
    {"dead_letter_queue",
     [](auto& node, auto key, auto& queue) { return read_text(node, key, queue.dead_letter_queue); }},
    {"receives_max", [](auto& node, auto key, auto& queue) { return read_receives(node, key, queue.receives_max); }},
};

constexpr Key<UserDeclaration> user_keys[] = {
    {"name", [](auto& node, auto key, auto& user) { return read_text(node, key, user.name); }},
    {"account", [](auto& node, auto key, auto& user) { return read_text(node, key, user.account); }},
    {"access_keys", [](auto& node, auto key, auto& user) { return read_list(node, key, user.access_keys); }},
    {"policies", [](auto& node, auto key, auto& user) { return read_list(node, key, user.policies); }},
    {"principal_id", [](auto& node, auto key, auto& user) { return read_text(node, key, user.principal_id); }},
    {"arn", [](auto& node, auto key, auto& user) { return read_text(node, key, user.arn); }},
    {"organization", [](auto& node, auto key, auto& user) { return read_text(node, key, user.organization); }},
    {"tags", [](auto& node, auto key, auto& user) { return read_map(node, key, user.tags); }},
};

constexpr Key<KeyDeclaration> key_keys[] = {
    {"id", [](auto& node, auto key, auto& kms) { return read_text(node, key, kms.name); }},
    {"account", [](auto& node, auto key, auto& kms) { return read_text(node, key, kms.account); }},
    {"region", [](auto& node, auto key, auto& kms) { return read_text(node, key, kms.region); }},
    {"aliases", [](auto& node, auto key, auto& kms) { return read_list(node, key, kms.aliases); }},
    {"state", [](auto& node, auto key, auto& kms) { return read_text(node, key, kms.state); }},
};

template <class Declared, std::size_t count>
std::string names_of(const Key<Declared> (&keys)[count]) {
  std::string names;
  for (const Key<Declared>& key : keys) {
    names.append(names.empty() ? "" : ", ").append(key.name);
  }
  return names;
}

Wrong check(const toml::node& node, const QueueDeclaration& queue) {
  if (queue.dead_letter_queue.empty() != (queue.receives_max == 0)) {
    return at_line(node, "dead_letter_queue and receives_max go together");
  }
  return std::nullopt;
}

Wrong check(const toml::node&, const UserDeclaration&) { return std::nullopt; }
Wrong check(const toml::node&, const KeyDeclaration&) { return std::nullopt; }

// [[noun]] by [[noun]].
template <class Declared, std::size_t count>
Wrong read_all(const toml::node& node, std::string_view noun, const Key<Declared> (&keys)[count],
               const std::string& path, std::vector<Declared>& all) {
  const toml::array* list = node.as_array();
  if (list == nullptr) {
    return at_line(node, fmt::format("each {} is declared as [[{}]]", noun, noun));
  }
  for (const toml::node& item : *list) {
    const toml::table* table = item.as_table();
    if (table == nullptr) {
      return at_line(item, fmt::format("a {} is a table: [[{}]]", noun, noun));
    }
    Declared& declared = all.emplace_back();
    declared.place = fmt::format("{}, line {}", path, item.source().begin.line);
    for (const auto& [key, value] : *table) {
      const auto row = std::ranges::find(keys, key.str(), &Key<Declared>::name);
      if (row == std::end(keys)) {
        return at_line(value, fmt::format("a {} has no {}; it has {}", noun, key.str(), names_of(keys)));
      }
      if (auto wrong = row->read(value, row->name, declared)) {
        return wrong;
      }
    }
    if (declared.name.empty()) {
      return at_line(item, fmt::format("a {} needs its {}", noun, keys[0].name));
    }
    if (auto wrong = check(item, declared)) {
      return wrong;
    }
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
  const auto text = read_text_file(path);
  if (!text) {
    return std::unexpected(text.error());
  }
  const toml::parse_result parsed = toml::parse(*text, path);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    return std::unexpected(fmt::format("{}, line {}: {}", path, error.source().begin.line, error.description()));
  }
  SettingsFile file;
  for (const auto& [key, node] : parsed.table()) {
    const Wrong wrong = key.str() == "queue"     ? read_all(node, "queue", queue_keys, path, file.queues)
                        : key.str() == "user"    ? read_all(node, "user", user_keys, path, file.users)
                        : key.str() == "kms_key" ? read_all(node, "kms_key", key_keys, path, file.keys)
                                                 : read_setting(key.str(), node, file);
    if (wrong) {
      return std::unexpected(fmt::format("{}, {}", path, *wrong));
    }
  }
  return file;
}

}  // namespace sluice::server
