#include "server/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "doors/aws/iam/identity.h"
#include "server/import/localstack.h"

namespace sluice::server {
namespace {

using Error = std::unexpected<std::string>;

constexpr std::string_view config_name = "config";
constexpr std::string_view variable_prefix = "SLUICE_";
// That are none of the server's settings: the file of them, the client's words, what builds and tests.
constexpr std::string_view others[] = {"SLUICE_CONFIG", "SLUICE_ENDPOINT", "SLUICE_BUILD", "SLUICE_CACHE",
                                       "SLUICE_BINARY"};

std::string flag_of(std::string_view name) {
  std::string flag = "--" + std::string(name);
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

std::string variable_of(std::string_view name) {
  std::string variable = std::string(variable_prefix) + std::string(name);
  std::transform(variable.begin(), variable.end(), variable.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return variable;
}

const Setting* find(std::string_view name) {
  const auto all = settings();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Setting& row) { return row.name == name; });
  return found == all.end() ? nullptr : &*found;
}

bool is_switch(const Setting& setting) { return std::holds_alternative<bool Config::*>(setting.field); }

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    if (comma != 0) {
      parts.emplace_back(text.substr(0, comma));
    }
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return parts;
}

// Puts one value where it goes; the sentence says what it should have been. Secrets are not repeated in it.
std::optional<std::string> set(Config& config, const Setting& setting, std::string_view value) {
  if (const auto* field = std::get_if<std::string Config::*>(&setting.field)) {
    if (!setting.choices.empty() &&
        std::find(setting.choices.begin(), setting.choices.end(), value) == setting.choices.end()) {
      return fmt::format("takes one of {}, not '{}'", fmt::join(setting.choices, ", "), value);
    }
    config.*(*field) = value;
  } else if (const auto* list = std::get_if<std::vector<std::string> Config::*>(&setting.field)) {
    config.*(*list) = split(value);
  } else if (const auto* on = std::get_if<bool Config::*>(&setting.field)) {
    const bool yes = value == "true" || value == "1" || value == "yes" || value == "on";
    if (!yes && value != "false" && value != "0" && value != "no" && value != "off") {
      return fmt::format("takes true or false, not '{}'", value);
    }
    config.*(*on) = yes;
  } else {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size() || number < setting.minimum ||
        number > setting.maximum) {
      return fmt::format("takes a whole number from {} to {}, not '{}'", setting.minimum, setting.maximum, value);
    }
    config.*std::get<std::int64_t Config::*>(setting.field) = number;
  }
  return std::nullopt;
}

struct Given {
  std::string_view name;  ///< of the setting
  std::string value;
};

// Flags as they stand: --name value, --name=value, --switch.
std::expected<std::vector<Given>, std::string> read_flags(std::span<const std::string> arguments) {
  std::vector<Given> given;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    const std::size_t equals = argument.find('=');
    std::string name(argument.substr(0, equals));
    if (!name.starts_with("--")) {
      return Error(fmt::format("'{}' is not a setting; see sluice serve --help", argument));
    }
    name.erase(0, 2);
    std::replace(name.begin(), name.end(), '-', '_');
    const Setting* setting = find(name);
    if (setting == nullptr && name != config_name) {
      return Error(fmt::format("there is no setting {}; see sluice serve --help", argument.substr(0, equals)));
    }
    const std::string_view known = setting != nullptr ? setting->name : config_name;
    if (equals != std::string_view::npos) {
      given.push_back({known, std::string(argument.substr(equals + 1))});
    } else if (setting != nullptr && is_switch(*setting)) {
      given.push_back({known, "true"});
    } else if (i + 1 < arguments.size()) {
      given.push_back({known, arguments[++i]});
    } else {
      return Error(fmt::format("{} wants a value", argument));
    }
  }
  return given;
}

std::optional<std::string> apply_file(Config& config, const std::string& path) {
  auto file = read_settings_file(path);
  if (!file) {
    return file.error();
  }
  for (const FileSetting& given : file->settings) {
    const Setting* setting = find(given.name);
    if (setting == nullptr) {
      return fmt::format("{}, line {}: there is no setting {}; see sluice serve --help", path, given.line, given.name);
    }
    if (auto wrong = set(config, *setting, given.value)) {
      return fmt::format("{}, line {}: {} {}", path, given.line, given.name, *wrong);
    }
  }
  config.declared_queues = std::move(file->queues);
  config.declared_users = std::move(file->users);
  config.declared_keys = std::move(file->keys);
  config.notes = std::move(file->notes);
  return std::nullopt;
}

std::optional<std::string> apply_aliases(Config& config, const Environment& environment) {
  for (const AliasedSetting& alias : localstack_settings(environment)) {
    const Setting* setting = find(alias.name);
    if (auto wrong = set(config, *setting, alias.value)) {
      return fmt::format("{} {}", alias.variable, *wrong);
    }
    config.notes.push_back(fmt::format("{} is taken as {} = {}", alias.variable, alias.name, alias.value));
  }
  return std::nullopt;
}

std::optional<std::string> apply_environment(Config& config, const Environment& environment) {
  for (const Setting& setting : settings()) {
    const std::string variable = variable_of(setting.name);
    if (const auto value = environment(variable)) {
      if (auto wrong = set(config, setting, *value)) {
        return fmt::format("{} {}", variable, *wrong);
      }
    }
  }
  return std::nullopt;
}

// What no client could use, whoever set it.
std::optional<std::string> check(const Config& config) {
  if (!iam::is_account(config.account)) {
    return fmt::format("account takes 12 digits, not '{}'", config.account);
  }
  const bool has_scheme = config.public_url.starts_with("http://") || config.public_url.starts_with("https://");
  if (!config.public_url.empty() && !has_scheme) {
    return fmt::format("public_url takes http://HOST:PORT or https://HOST:PORT, not '{}'", config.public_url);
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string> unknown_variables(const std::vector<std::string>& names) {
  std::vector<std::string> unknown;
  for (const std::string& name : names) {
    const bool known =
        std::ranges::any_of(settings(), [&](const Setting& row) { return variable_of(row.name) == name; });
    if (name.starts_with(variable_prefix) && !known && std::ranges::find(others, name) == std::end(others)) {
      unknown.push_back(name);
    }
  }
  return unknown;
}

std::expected<Config, std::string> read_config(std::span<const std::string> arguments, const Environment& environment) {
  Config config;
  for (const Setting& setting : settings()) {
    set(config, setting, setting.usual);
  }
  const auto flags = read_flags(arguments);
  if (!flags) {
    return Error(flags.error());
  }
  std::string path = environment(variable_of(config_name)).value_or("");
  for (const Given& flag : *flags) {
    path = flag.name == config_name ? flag.value : path;
  }
  if (auto wrong = path.empty() ? std::nullopt : apply_file(config, path)) {
    return Error(*wrong);
  }
  if (auto wrong = apply_aliases(config, environment)) {
    return Error(*wrong);
  }
  if (auto wrong = apply_environment(config, environment)) {
    return Error(*wrong);
  }
  for (const Given& flag : *flags) {
    const Setting* setting = find(flag.name);
    if (auto wrong = setting != nullptr ? set(config, *setting, flag.value) : std::nullopt) {
      return Error(fmt::format("{} {}", flag_of(flag.name), *wrong));
    }
  }
  if (auto wrong = check(config)) {
    return Error(*wrong);
  }
  return config;
}

std::span<const cli::Flag> settings_flags() {
  struct Kept {
    std::vector<std::string> texts;
    std::vector<cli::Flag> flags{{"--config", "FILE", "a file of these settings (TOML)"}};
  };
  static const Kept kept = [] {
    Kept made;
    made.texts.reserve(2 * settings().size());  // flags keep views of them
    for (const Setting& setting : settings()) {
      const bool shows_default = !setting.usual.empty() && !is_switch(setting);
      made.texts.push_back(flag_of(setting.name));
      made.texts.push_back(fmt::format("{}{}", setting.help, shows_default ? fmt::format(" [{}]", setting.usual) : ""));
      made.flags.push_back({made.texts[made.texts.size() - 2], setting.value, made.texts.back()});
    }
    return made;
  }();
  return kept.flags;
}

}  // namespace sluice::server
