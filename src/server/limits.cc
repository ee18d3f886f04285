// The rules by which AWS protects itself, each its own switch; and the keys whose answers are imitated.
#include "server/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "doors/aws/iam/identity.h"

namespace sluice::server {
namespace {

using Error = std::unexpected<std::string>;

constexpr std::string_view key_arn = "arn:";
constexpr std::string_view alias_prefix = "alias/";

sqs::Rules rules_of(const Config& config) {
  const sqs::Rules strict = sqs::Rules::strict();
  sqs::Rules rules;
  if (config.strict || config.recreate_wait) {
    rules.recreate_pause = strict.recreate_pause;
  }
  if (config.strict || config.purge_wait) {
    rules.purge_pause = strict.purge_pause;
  }
  if (config.strict) {
    rules.move_tasks_max = strict.move_tasks_max;
    rules.only_own_region = strict.only_own_region && !config.single_region;
  }
  rules.sampled = config.strict || config.short_poll_sampling;
  rules.url_form = config.queue_urls == "standard" ? sqs::UrlForm::standard
                   : config.queue_urls == "domain" ? sqs::UrlForm::domain
                   : config.queue_urls == "path"   ? sqs::UrlForm::path
                                                   : sqs::UrlForm::plain;
  // Strict, but without TLS nobody could use such a queue at all.
  const bool serves_tls = config.tls_self_signed || !config.tls_certificate.empty();
  rules.encryption.needs_tls = config.kms_needs_tls || (config.strict && serves_tls);
  return rules;
}

std::expected<std::unique_ptr<sqs::Throttle>, std::string> throttle_of(const Config& config) {
  std::vector<sqs::CallLimit> limits;
  for (const std::string& text : config.call_limits) {
    auto limit = sqs::parse_call_limit(text);
    if (!limit) {
      return Error("call_limits " + limit.error());
    }
    limits.push_back(*std::move(limit));
  }
  const bool as_aws = config.strict || config.throttling;
  return limits.empty() && !as_aws ? nullptr : std::make_unique<sqs::Throttle>(std::move(limits), as_aws);
}

/// arn:{partition}:kms:{region}:{account}:key/{id}
bool read_key_arn(std::string_view arn, sqs::Key& key) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= arn.size();) {
    const std::size_t colon = std::min(arn.find(':', at), arn.size());
    parts.emplace_back(arn.substr(at, colon - at));
    at = colon + 1;
  }
  if (parts.size() != 6 || parts[2] != "kms" || !parts[5].starts_with("key/")) {
    return false;
  }
  key.region = parts[3];
  key.account = parts[4];
  key.id = parts[5].substr(std::string_view("key/").size());
  return !key.region.empty() && iam::is_account(key.account) && !key.id.empty();
}

std::expected<sqs::Key, std::string> key_of(const KeyDeclaration& declared, const Config& config) {
  const auto wrong = [&](const std::string& words) { return Error(fmt::format("{}: {}", declared.place, words)); };
  sqs::Key key{config.region, config.account, declared.name};
  if (declared.name.starts_with(key_arn) && !read_key_arn(declared.name, key)) {
    return wrong("id takes a key's id or its ARN, arn:aws:kms:REGION:ACCOUNT:key/ID");
  }
  key.region = declared.region.empty() ? key.region : declared.region;
  key.account = declared.account.empty() ? key.account : declared.account;
  key.aliases = declared.aliases;
  if (!std::ranges::all_of(key.aliases, [](const std::string& alias) { return alias.starts_with(alias_prefix); })) {
    return wrong("an alias begins with alias/");
  }
  const auto state = sqs::key_state_of(declared.state.empty() ? "enabled" : declared.state);
  if (!state) {
    return wrong(fmt::format("state takes one of {}", sqs::key_state_names()));
  }
  key.state = *state;
  return key;
}

bool clashes(const std::vector<sqs::Key>& keys, const sqs::Key& one) {
  return std::ranges::any_of(keys, [&](const sqs::Key& other) {
    const bool same_place = other.region == one.region && other.account == one.account;
    return same_place &&
           (other.id == one.id || std::ranges::find_first_of(other.aliases, one.aliases) != other.aliases.end());
  });
}

}  // namespace

std::expected<SqsLimits, std::string> sqs_limits_of(const Config& config) {
  SqsLimits limits;
  limits.rules = rules_of(config);
  auto throttle = throttle_of(config);
  if (!throttle) {
    return Error(throttle.error());
  }
  std::vector<sqs::Key> keys;
  for (const KeyDeclaration& declared : config.declared_keys) {
    auto key = key_of(declared, config);
    if (!key) {
      return Error(key.error());
    }
    if (clashes(keys, *key)) {
      return Error(fmt::format("{}: its id or one of its aliases is declared before", declared.place));
    }
    keys.push_back(*std::move(key));
  }
  limits.throttle = *std::move(throttle);
  limits.keys = std::make_unique<sqs::KeyService>(keys);
  limits.rules.throttle = limits.throttle.get();
  limits.rules.encryption.keys = limits.keys.get();
  return limits;
}

}  // namespace sluice::server
