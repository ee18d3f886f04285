#pragma once

#include <string_view>

namespace sluice {

enum class LogLevel { debug, info, warning, error, off };

/// One line to stderr, from any thread: time, level, request id (or "-"), text. Never pass a secret. `text` is made by
/// the caller; ask `log_enabled` first where making it costs.
void log(LogLevel level, std::string_view text, std::string_view request_id = "-");
bool log_enabled(LogLevel level);
void set_log_level(LogLevel level);
/// "debug", "info", "warning", "error", "off"; false for any other word.
bool set_log_level(std::string_view name);

}  // namespace sluice
