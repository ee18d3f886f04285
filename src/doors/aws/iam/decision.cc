#include "doors/aws/iam/decision.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::iam {
namespace {

/// How far a statement's principals reach the caller.
enum class Reach : std::uint8_t { none, account, caller };

// "arn:aws:sts::111122223333:assumed-role/worker/session" is also "arn:aws:iam::111122223333:role/worker".
std::string role_of(std::string_view arn) {
  constexpr std::string_view mark = ":assumed-role/";
  const std::size_t at = arn.find(mark);
  const std::size_t sts = arn.find(":sts:");
  if (at == std::string_view::npos || sts == std::string_view::npos) {
    return {};
  }
  const std::string_view role = arn.substr(at + mark.size());
  return fmt::format("{}:iam:{}:role/{}", arn.substr(0, sts), arn.substr(sts + 5, at - sts - 5),
                     role.substr(0, role.find('/')));
}

bool names_account(std::string_view principal, std::string_view account) {
  return principal == account ||
         (principal.ends_with(":root") && principal.find(fmt::format(":iam::{}:", account)) != std::string_view::npos);
}

Reach reach_of(const Principals& principals, const Identity& who) {
  if (principals.everyone) {
    return Reach::caller;
  }
  if (!who.service.empty()) {
    return std::ranges::find(principals.services, who.service) != principals.services.end() ? Reach::caller
                                                                                            : Reach::none;
  }
  Reach reach = Reach::none;
  for (const std::string& name : principals.aws) {
    if (who.anonymous()) {
      break;
    }
    if (name == who.arn || name == who.id || name == role_of(who.arn)) {
      return Reach::caller;
    }
    reach = names_account(name, who.account) ? Reach::account : reach;
  }
  return reach;
}

Reach reach_of(const Statement& statement, const Identity& who) {
  const Reach reach = reach_of(statement.principals, who);
  if (!statement.except_principals) {
    return reach;
  }
  return reach == Reach::none ? Reach::caller : Reach::none;
}

bool is_about(const Statement& statement, const Request& request) {
  const bool action = std::ranges::any_of(
      statement.actions, [&](const Pattern& pattern) { return pattern.matches(request.action, request, true); });
  const bool resource = std::ranges::any_of(
      statement.resources, [&](const Pattern& pattern) { return pattern.matches_arn(request.resource, request); });
  return action != statement.except_actions && resource != statement.except_resources &&
         std::ranges::all_of(statement.conditions, [&](const Condition& one) { return one.holds(request); });
}

std::string lower_case(std::string_view text) { return key_of(text); }

}  // namespace

Verdict judge_identity(const Request& request) {
  Verdict verdict = request.who.restricted || request.who.account.empty() ? Verdict::nothing : Verdict::allowed;
  for (const auto& policy : request.who.policies) {
    for (const Statement& statement : policy->statements) {
      if (!is_about(statement, request)) {
        continue;
      }
      if (!statement.allows) {
        return Verdict::denied;
      }
      verdict = Verdict::allowed;
    }
  }
  return verdict;
}

Verdict judge_resource(const Policy& policy, const Request& request) {
  Verdict verdict = Verdict::nothing;
  for (const Statement& statement : policy.statements) {
    const Reach reach = reach_of(statement, request.who);
    if (reach == Reach::none || !is_about(statement, request)) {
      continue;
    }
    if (!statement.allows) {
      return Verdict::denied;
    }
    if (verdict != Verdict::allowed) {
      verdict = reach == Reach::caller ? Verdict::allowed : Verdict::allows_account;
    }
  }
  return verdict;
}

Decision decide(const Identity& who, std::string_view owner_account, Verdict identity, Verdict resource) {
  if (identity == Verdict::denied) {
    return Decision::denied_by_identity;
  }
  if (resource == Verdict::denied) {
    return Decision::denied_by_resource;
  }
  const bool by_resource = resource == Verdict::allowed || resource == Verdict::allows_account;
  if (who.account.empty()) {
    return by_resource ? Decision::allowed : Decision::no_resource_policy;
  }
  if (who.account == owner_account) {
    const bool fine = identity == Verdict::allowed || resource == Verdict::allowed;
    return fine ? Decision::allowed : Decision::no_identity_policy;
  }
  if (identity != Verdict::allowed) {
    return Decision::no_identity_policy;
  }
  return by_resource ? Decision::allowed : Decision::no_resource_policy;
}

std::string sentence(Decision decision, const Request& request) {
  const std::string action = lower_case(request.action);
  const std::string head =
      fmt::format("User: {} is not authorized to perform: {} on resource: {}",
                  request.who.service.empty() ? request.who.arn : request.who.service, action, request.resource);
  switch (decision) {
    case Decision::denied_by_identity:
      return head + " with an explicit deny in an identity-based policy";
    case Decision::denied_by_resource:
      return head + " with an explicit deny in a resource-based policy";
    case Decision::no_identity_policy:
      return fmt::format("{} because no identity-based policy allows the {} action", head, action);
    case Decision::no_resource_policy:
      return fmt::format("{} because no resource-based policy allows the {} action", head, action);
    case Decision::allowed:
      break;
  }
  return head;
}

}  // namespace sluice::iam
