#include "server/access.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "server/text_file.h"

namespace sluice::server {
namespace {

using Error = std::unexpected<std::string>;

constexpr std::string_view loopback = "127.0.0.1";

bool add_key(wire::AccessKeys& keys, std::string_view text) {
  const std::optional<AccessKey> key = read_access_key(text);
  if (key) {
    keys.insert_or_assign(std::string(key->id), std::string(key->secret));
  }
  return key.has_value();
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  const std::size_t last = text.find_last_not_of(" \t\r");
  return first == std::string_view::npos ? std::string_view() : text.substr(first, last - first + 1);
}

std::expected<io::Endpoint, std::string> endpoint_of(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  std::string host = colon == std::string::npos ? std::string(loopback) : text.substr(0, colon);
  const std::string_view digits = std::string_view(text).substr(colon == std::string::npos ? 0 : colon + 1);
  if (host.empty()) {
    host = loopback;
  }
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  }
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) {
    return Error(fmt::format("'{}' is not HOST:PORT, a port from 0 to 65535", text));
  }
  auto endpoint = io::resolve(host, port);
  if (!endpoint) {
    return Error(fmt::format("'{}': {}", text, endpoint.error().what));
  }
  return *endpoint;
}

}  // namespace

std::expected<std::vector<io::Endpoint>, std::string> endpoints_of(const std::vector<std::string>& listen) {
  std::vector<io::Endpoint> endpoints;
  for (const std::string& text : listen) {
    const auto endpoint = endpoint_of(text);
    if (!endpoint) {
      return Error("listen: " + endpoint.error());
    }
    endpoints.push_back(*endpoint);
  }
  if (endpoints.empty()) {
    return Error("listen names no address");
  }
  return endpoints;
}

std::optional<AccessKey> read_access_key(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) {
    return std::nullopt;
  }
  return AccessKey{text.substr(0, colon), text.substr(colon + 1)};
}

std::expected<wire::AccessKeys, std::string> access_keys_of(const Config& config) {
  wire::AccessKeys keys;
  for (const std::string& text : config.access_keys) {
    if (!add_key(keys, text)) {
      return Error("access_keys takes ID:SECRET, separated by commas");
    }
  }
  if (config.access_keys_file.empty()) {
    return keys;
  }
  const auto lines = read_text_file(config.access_keys_file);
  if (!lines) {
    return Error(lines.error());
  }
  std::istringstream file(*lines);
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    const std::string_view text = trimmed(line);
    if (!text.empty() && text[0] != '#' && !add_key(keys, text)) {
      return Error(fmt::format("{}, line {}: not ID:SECRET", config.access_keys_file, number));
    }
  }
  if (keys.empty()) {
    return Error(fmt::format("{}: holds no ID:SECRET", config.access_keys_file));
  }
  return keys;
}

std::expected<void, std::string> check_openness(const Config& config, const wire::AccessKeys& keys,
                                                const std::vector<io::Endpoint>& endpoints) {
  const auto outside =
      std::find_if(endpoints.begin(), endpoints.end(), [](const auto& at) { return !at.is_loopback(); });
  if (!keys.empty() || config.open || outside == endpoints.end()) {
    return {};
  }
  return Error(
      fmt::format("{} can be reached from other machines, and no access keys are configured. Give some "
                  "(--access-keys ID:SECRET), or say --open to accept anybody.",
                  outside->text()));
}

}  // namespace sluice::server
