#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cli/word.h"
#include "server/settings_file.h"

namespace sluice::server {

/// Every setting of the server, as read; what each means stands in its row of `settings()`.
struct Config {
  std::vector<std::string> listen;
  std::string data;
  std::string durability;
  std::int64_t cores = 0;
  bool strict = false;
  bool recreate_wait = false;
  bool purge_wait = false;
  bool throttling = false;
  bool short_poll_sampling = false;
  bool kms_needs_tls = false;
  std::vector<std::string> call_limits;
  bool open = false;
  bool admin_open = false;
  bool metrics_open = false;
  std::int64_t metrics_queues_max = 0;
  bool test_clock = false;
  std::vector<std::string> cors_origins;
  bool reset = false;
  std::vector<std::string> access_keys;
  std::string access_keys_file;
  std::vector<std::string> users;
  std::vector<std::string> user_policies;
  std::string users_file;
  std::string auth;
  std::string account;
  std::string region;
  bool single_region = false;
  std::string public_url;
  std::string queue_urls;
  std::vector<std::string> trusted_proxies;
  bool tls_self_signed = false;
  std::string tls_certificate;
  std::string tls_key;
  std::string log_level;
  std::int64_t connections_max = 0;
  std::int64_t buffered_bytes_max = 0;
  std::int64_t body_bytes_max = 0;
  std::int64_t idle_seconds = 0;
  std::int64_t head_seconds = 0;
  std::int64_t body_seconds = 0;
  std::int64_t write_seconds = 0;
  std::int64_t stop_seconds = 0;
  std::int64_t unflushed_bytes_max = 0;
  std::int64_t waiting_max = 0;
  std::int64_t segment_bytes = 0;
  std::int64_t snapshot_after_bytes = 0;
  std::int64_t in_flight_max = 0;
  bool sqs_auto_create = false;
  std::vector<std::string> queues;

  // Not settings: what the file says beside them.
  std::vector<QueueDeclaration> declared_queues;
  std::vector<UserDeclaration> declared_users;
  std::vector<KeyDeclaration> declared_keys;
  std::vector<std::string> notes;  ///< sentences for the log
};

/// Where a setting's value goes, and with that what kind of value it is.
using Field =
    std::variant<std::string Config::*, std::vector<std::string> Config::*, bool Config::*, std::int64_t Config::*>;

/// One row per setting. The flag is --name with '-' for '_', the variable SLUICE_NAME in capitals, the key of the TOML
/// file the name itself.
struct Setting {
  std::string_view name;
  std::string_view value;  ///< what it takes, for the help: "HOST:PORT,…"; with its unit
  std::string_view usual;  ///< the default, as one would write it
  std::string_view help;
  Field field;
  std::int64_t minimum = 0;  ///< of numbers
  std::int64_t maximum = 0;
  std::span<const std::string_view> choices{};  ///< of texts; empty: any
};
std::span<const Setting> settings();

/// How a variable of the environment is found; nullopt when it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// Defaults, then the file (--config or SLUICE_CONFIG), then LocalStack's variables, then our own, then the flags; the
/// later one counts.
/// The error is a sentence for the user.
std::expected<Config, std::string> read_config(std::span<const std::string> arguments, const Environment& environment);

/// Of the names of variables those that begin as ours and are none: misspelt, as far as anybody can tell.
std::vector<std::string> unknown_variables(const std::vector<std::string>& names);

/// The settings as flags: --config, then a row each with its default.
std::span<const cli::Flag> settings_flags();

}  // namespace sluice::server
