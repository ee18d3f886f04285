#include "doors/aws/sqs/queue_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "doors/aws/iam/identity.h"
#include "doors/aws/sqs/actions.h"
#include "wire/json.h"
#include "wire/json_document.h"

namespace sluice::sqs {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t label_length_max = 80;  // AddPermission: Label

ServiceError over_limit(std::string message) { return {&api::error::over_limit, std::move(message)}; }

bool valid_label(std::string_view label) {
  return label.size() <= label_length_max && std::ranges::all_of(label, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
         });
}

std::optional<ServiceError> check_action(const std::string& name) {
  const Action* action = find_action(name);
  if (name == "*" || (action != nullptr && action->shared && action->name == name)) {
    return std::nullopt;
  }
  const std::string value = "SQS:" + name;
  return action != nullptr && action->name == name
             ? invalid_parameter(value, "ActionName", "Only the queue owner is allowed to invoke this action.")
             : invalid_parameter(value, "ActionName",
                                 "Please refer to the appropriate WSDL for a list of valid actions. ");
}

/// A policy taken apart: its elements before and after the statements, and each of these, as text.
struct Parts {
  std::string before, after;
  std::vector<std::string> labels;
  std::vector<std::string> statements;
};

void add_statement(const dom::element& statement, Parts& parts) {
  std::string_view label;
  const bool labelled = statement["Sid"].get(label) == simdjson::SUCCESS;
  parts.labels.emplace_back(labelled ? label : std::string_view());
  parts.statements.push_back(simdjson::minify(statement));
}

Parts parts_of(std::string_view policy) {
  Parts parts;
  dom::object document;
  if (wire::JsonReader::local().read(policy).get_object().get(document) != simdjson::SUCCESS) {
    return parts;  // set before policies were read at all: begins anew
  }
  bool behind = false;
  for (const auto& [key, value] : document) {
    if (key != "Statement") {
      std::string& out = behind ? parts.after : parts.before;
      wire::append_json_string(out, key);
      out.append(":").append(simdjson::minify(value)).append(",");
      continue;
    }
    behind = true;
    if (!value.is_array()) {
      add_statement(value, parts);
      continue;
    }
    for (const dom::element& one : dom::array(value)) {
      add_statement(one, parts);
    }
  }
  return parts;
}

std::string whole(const Parts& parts) {
  std::string text =
      fmt::format("{{{}\"Statement\":[{}],{}", parts.before, fmt::join(parts.statements, ","), parts.after);
  text.back() = '}';
  return text;
}

// One stands by itself, several in a list (seen on AWS).
std::string one_or_list(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) {
    out.append(out.empty() ? "" : ",");
    wire::append_json_string(out, text);
  }
  return texts.size() == 1 ? out : "[" + out + "]";
}

std::string statement_of(const QueueName& queue, const Permission& permission) {
  std::vector<std::string> principals, actions;
  for (const std::string& account : permission.accounts) {
    principals.push_back(fmt::format("arn:{}:iam::{}:root", partition_of(queue.region), account));
  }
  for (const std::string& action : permission.actions) {
    actions.push_back("SQS:" + action);
  }
  return fmt::format(R"({{"Sid":"{}","Effect":"Allow","Principal":{{"AWS":{}}},"Action":{},"Resource":"{}"}})",
                     permission.label, one_or_list(principals), one_or_list(actions), queue.arn());
}

}  // namespace

std::optional<ServiceError> check_policy(std::string_view text) {
  const auto policy = iam::parse_policy(text, iam::Attached::to_resource, policy_bounds);
  if (policy) {
    return std::nullopt;
  }
  const iam::PolicyRefusal& refusal = policy.error();
  switch (refusal.fault) {
    case iam::PolicyFault::malformed:
      return invalid_attribute_value(fmt::format("Invalid value for the parameter {}.", policy_attribute));
    case iam::PolicyFault::too_long:
      return over_limit("Submitted policy is over max allowed size.");
    case iam::PolicyFault::too_many_statements:
      return over_limit(fmt::format("{} statements were found in the submitted policy, max allowed is {}",
                                    refusal.count, policy_bounds.statements_max));
    case iam::PolicyFault::too_many_principals:
      return over_limit(fmt::format("{} principals were found in the submitted policy, max allowed is {}",
                                    refusal.count, policy_bounds.principals_max));
    case iam::PolicyFault::too_many_actions:
      return over_limit(fmt::format("{} actions were found in a statement from the submitted policy, max allowed is {}",
                                    refusal.count, policy_bounds.actions_per_statement_max));
  }
  return std::nullopt;
}

std::optional<ServiceError> check_permission(const Permission& permission) {
  if (permission.label.empty()) {
    return missing_parameter("Label");
  }
  if (permission.actions.empty()) {
    return missing_parameter("Actions");
  }
  if (permission.accounts.empty() || !std::ranges::all_of(permission.accounts, iam::is_account)) {
    return invalid_parameter(fmt::format("[{}]", fmt::join(permission.accounts, ", ")), "PrincipalId",
                             "Unable to verify.");
  }
  if (permission.actions.size() > policy_bounds.actions_per_statement_max) {
    return over_limit(fmt::format("{} Actions were found, maximum allowed is {}.", permission.actions.size(),
                                  policy_bounds.actions_per_statement_max));
  }
  for (const std::string& action : permission.actions) {
    if (auto error = check_action(action)) {
      return error;
    }
  }
  if (!valid_label(permission.label)) {
    return invalid_parameter(permission.label, "Label",
                             "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.");
  }
  return std::nullopt;
}

std::expected<std::string, ServiceError> with_permission(std::string_view policy, const QueueName& queue,
                                                         const Permission& permission) {
  Parts parts;
  if (policy.empty()) {
    parts.before = fmt::format(R"("Version":"2008-10-17","Id":"{}/SQSDefaultPolicy",)", queue.arn());
  } else {
    parts = parts_of(policy);
  }
  if (std::ranges::find(parts.labels, permission.label) != parts.labels.end()) {
    return std::unexpected(invalid_parameter(permission.label, "Label", "Already exists."));
  }
  parts.statements.push_back(statement_of(queue, permission));
  if (parts.statements.size() > policy_bounds.statements_max) {
    return std::unexpected(over_limit(fmt::format("{} Statements were found, maximum allowed is {}.",
                                                  parts.statements.size(), policy_bounds.statements_max)));
  }
  std::string text = whole(parts);
  if (auto error = check_policy(text)) {
    return std::unexpected(*std::move(error));
  }
  return text;
}

std::expected<std::string, ServiceError> without_permission(std::string_view policy, std::string_view label) {
  Parts parts = policy.empty() ? Parts{} : parts_of(policy);
  const auto found = std::ranges::find(parts.labels, label);
  if (label.empty() || found == parts.labels.end()) {
    return std::unexpected(invalid_parameter(label, "Label", "can't find label."));
  }
  parts.statements.erase(parts.statements.begin() + (found - parts.labels.begin()));
  return parts.statements.empty() ? std::string() : whole(parts);
}

}  // namespace sluice::sqs
