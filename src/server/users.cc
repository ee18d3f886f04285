// Who may call: configured users, and the access keys that are no user's.
#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "doors/aws/iam/policy.h"
#include "doors/aws/partition.h"
#include "server/access.h"
#include "server/text_file.h"

namespace sluice::server {
namespace {

using Error = std::unexpected<std::string>;

constexpr std::string_view mode_names[] = {"off", "warn", "on"};
constexpr iam::Mode modes[] = {iam::Mode::off, iam::Mode::warn, iam::Mode::on};

std::string in(const UserDeclaration& user) {
  return user.place.empty() ? fmt::format("user {}", user.name) : fmt::format("{}: user {}", user.place, user.name);
}

UserDeclaration& of_name(std::vector<UserDeclaration>& users, std::string_view name) {
  const auto found = std::ranges::find(users, name, &UserDeclaration::name);
  if (found != users.end()) {
    return *found;
  }
  return users.emplace_back(UserDeclaration{.name = std::string(name)});
}

// Those of the file, of their own file, and of flags and variables; a name stands for one user.
std::expected<std::vector<UserDeclaration>, std::string> declared(const Config& config) {
  std::vector<UserDeclaration> users = config.declared_users;
  if (!config.users_file.empty()) {
    auto file = read_toml(config.users_file);
    if (!file) {
      return Error(file.error());
    }
    if (!file->settings.empty() || !file->queues.empty() || !file->keys.empty()) {
      return Error(fmt::format("{}: a file of users holds [[user]] alone", config.users_file));
    }
    std::ranges::move(file->users, std::back_inserter(users));
  }
  for (std::size_t i = 0; i < users.size(); ++i) {
    const auto earlier = std::span(users).first(i);
    if (std::ranges::find(earlier, users[i].name, &UserDeclaration::name) != earlier.end()) {
      return Error(fmt::format("{} is declared twice", in(users[i])));
    }
  }
  for (const std::string& text : config.users) {
    const std::size_t colon = text.find(':');
    if (colon == std::string::npos || colon == 0) {
      return Error("users takes NAME:ID:SECRET, separated by commas");
    }
    of_name(users, text.substr(0, colon)).access_keys.push_back(text.substr(colon + 1));
  }
  for (const std::string& text : config.user_policies) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
      return Error(fmt::format("user_policies takes NAME=FILE, not '{}'", text));
    }
    of_name(users, text.substr(0, equals)).policies.push_back(text.substr(equals + 1));
  }
  return users;
}

std::expected<std::string, std::string> document_of(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first != std::string::npos && text[first] == '{') {
    return text;
  }
  auto document = read_text_file(text);
  return document ? std::move(document) : Error(fmt::format("policy {}", document.error()));
}

std::expected<std::shared_ptr<const iam::Policy>, std::string> policy_of(const std::string& text) {
  const auto document = document_of(text);
  if (!document) {
    return Error(document.error());
  }
  auto policy = iam::parse_policy(*document, iam::Attached::to_identity, iam::identity_bounds);
  if (!policy) {
    return Error(fmt::format("its policy {}", policy.error().words.empty()
                                                  ? "is larger than 64 KiB, or has more than 1000 statements or actions"
                                                  : "cannot be read: " + policy.error().words));
  }
  return std::make_shared<const iam::Policy>(*std::move(policy));
}

std::expected<std::shared_ptr<const iam::Identity>, std::string> identity_of(const UserDeclaration& user,
                                                                             const Config& config) {
  auto who = std::make_shared<iam::Identity>();
  who->name = user.name;
  who->account = user.account.empty() ? config.account : user.account;
  if (!iam::is_account(who->account)) {
    return Error(fmt::format("{}: account takes 12 digits, not '{}'", in(user), who->account));
  }
  who->arn = user.arn.empty()
                 ? fmt::format("arn:{}:iam::{}:user/{}", aws::partition_of(config.region), who->account, user.name)
                 : user.arn;
  who->id = user.principal_id.empty() ? iam::unique_id(who->account + "/" + user.name) : user.principal_id;
  who->organization = user.organization;
  who->tags = user.tags;
  for (const std::string& text : user.policies) {
    auto policy = policy_of(text);
    if (!policy) {
      return Error(fmt::format("{}: {}", in(user), policy.error()));
    }
    who->policies.push_back(*std::move(policy));
    who->restricted = true;
  }
  return who;
}

}  // namespace

std::expected<Credentials, std::string> credentials_of(const Config& config) {
  auto keys = access_keys_of(config);
  if (!keys) {
    return Error(keys.error());
  }
  Credentials credentials{*std::move(keys), {}};
  for (const auto& [key, secret] : credentials.keys) {
    credentials.identities[key] = iam::root_identity(iam::is_account(key) ? key : config.account, key, config.region);
  }
  const auto users = declared(config);
  if (!users) {
    return Error(users.error());
  }
  for (const UserDeclaration& user : *users) {
    const auto who = identity_of(user, config);
    if (!who) {
      return Error(who.error());
    }
    if (user.access_keys.empty()) {
      return Error(fmt::format("{} has no access key (access_keys = [\"ID:SECRET\"])", in(user)));
    }
    for (const std::string& text : user.access_keys) {
      const std::optional<AccessKey> key = read_access_key(text);
      if (!key) {
        return Error(fmt::format("{}: access_keys takes ID:SECRET", in(user)));
      }
      if (!credentials.keys.emplace(key->id, key->secret).second) {
        return Error(fmt::format("{}: access key {} is somebody else's too", in(user), key->id));
      }
      credentials.identities[std::string(key->id)] = *who;
    }
  }
  return credentials;
}

iam::Mode auth_mode_of(const Config& config, const wire::AccessKeys& keys) {
  const auto found = std::ranges::find(mode_names, config.auth);
  if (found == std::end(mode_names)) {  // auto
    return keys.empty() ? iam::Mode::off : iam::Mode::on;
  }
  return modes[found - std::begin(mode_names)];
}

}  // namespace sluice::server
