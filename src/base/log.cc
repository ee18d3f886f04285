#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace sluice {
namespace {

constexpr spdlog::level::level_enum levels[] = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                                spdlog::level::err, spdlog::level::off};
constexpr std::string_view level_names[] = {"debug", "info", "warning", "error", "off"};

spdlog::logger& logger() {
  // stderr: stdout carries the one line that says the server is ready.
  static const std::shared_ptr<spdlog::logger> made = [] {
    auto fresh = spdlog::stderr_logger_mt("sluice");
    fresh->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    return fresh;
  }();
  return *made;
}

spdlog::level::level_enum level_of(LogLevel level) { return levels[static_cast<int>(level)]; }

}  // namespace

void log(LogLevel level, std::string_view text, std::string_view request_id) {
  logger().log(level_of(level), "[{}] {}", request_id, text);
}

bool log_enabled(LogLevel level) { return logger().should_log(level_of(level)); }

void set_log_level(LogLevel level) { logger().set_level(level_of(level)); }

bool set_log_level(std::string_view name) {
  for (int i = 0; i < 5; ++i) {
    if (level_names[i] == name) {
      set_log_level(static_cast<LogLevel>(i));
      return true;
    }
  }
  return false;
}

}  // namespace sluice
