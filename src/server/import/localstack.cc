// LocalStack's variables. Those of its releases since 3, and the two older names of where it is reached.
#include "server/import/localstack.h"

#include <algorithm>

namespace sluice::server {
namespace {

using Value = std::optional<std::string>;  // nullopt: it means nothing here
constexpr std::string_view usual_port = ":4566";

Value as_it_is(const std::string& text) { return text.empty() ? Value() : Value(text); }

Value port(const std::string& text) {
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  return digits ? Value(text) : Value();
}

Value url(const std::string& text) {
  if (text.empty()) {
    return std::nullopt;
  }
  return "http://" + text + (text.find(':') == std::string::npos ? std::string(usual_port) : "");
}

std::optional<bool> on_or_off(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text == "1" || text == "true"    ? std::optional(true)
         : text == "0" || text == "false" ? std::optional(false)
                                          : std::nullopt;
}

Value only_on(const std::string& text) { return on_or_off(text) == true ? Value("true") : Value(); }

Value durability(const std::string& text) {
  const auto kept = on_or_off(text);
  return kept ? Value(*kept ? "disk" : "memory") : Value();
}

Value debug(const std::string& text) { return on_or_off(text) == true ? Value("debug") : Value(); }

/// One value of theirs and ours.
struct Pair {
  std::string_view theirs;
  std::string_view ours;
};

template <std::size_t size>
Value one_of(const Pair (&pairs)[size], const std::string& text) {
  const auto* found = std::ranges::find(pairs, std::string_view(text), &Pair::theirs);
  return found == std::end(pairs) ? Value() : Value(std::string(found->ours));
}

Value log_level(const std::string& text) {
  constexpr Pair pairs[] = {{"trace", "debug"},  {"trace-internal", "debug"}, {"debug", "debug"}, {"info", "info"},
                            {"warn", "warning"}, {"warning", "warning"},      {"error", "error"}};
  return one_of(pairs, text);
}

// "dynamic" follows the request, as ours does.
Value url_form(const std::string& text) {
  constexpr Pair pairs[] = {
      {"standard", "standard"}, {"domain", "domain"}, {"path", "path"}, {"dynamic", "plain"}, {"off", "plain"}};
  return one_of(pairs, text);
}

struct Row {
  std::string_view variable;
  std::string_view setting;
  Value (*value)(const std::string& text);
};
// A later row outweighs an earlier one of the same setting.
constexpr Row rows[] = {
    {"EDGE_PORT", "listen", port},
    {"GATEWAY_LISTEN", "listen", as_it_is},
    {"HOSTNAME_EXTERNAL", "public_url", url},
    {"LOCALSTACK_HOST", "public_url", url},
    {"SQS_ENDPOINT_STRATEGY", "queue_urls", url_form},
    {"PERSISTENCE", "durability", durability},
    {"LS_LOG", "log_level", log_level},
    {"DEBUG", "log_level", debug},
    {"DEFAULT_REGION", "region", as_it_is},
    {"SQS_DELAY_PURGE_RETRY", "purge_wait", only_on},
    {"SQS_DELAY_RECENTLY_DELETED", "recreate_wait", only_on},
};

}  // namespace

std::vector<AliasedSetting> localstack_settings(const Environment& environment) {
  std::vector<AliasedSetting> found;
  for (const Row& row : rows) {
    const auto text = environment(std::string(row.variable));
    if (const Value value = text ? row.value(*text) : std::nullopt) {
      found.push_back({std::string(row.variable), std::string(row.setting), *value});
    }
  }
  return found;
}

}  // namespace sluice::server
