#include "doors/aws/iam/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "doors/aws/iam/identity.h"
#include "wire/json_document.h"

namespace sluice::iam {
namespace {

namespace dom = simdjson::dom;
using Words = std::optional<std::string>;  ///< what is wrong; nullopt: nothing

constexpr std::string_view versions[] = {"2008-10-17", "2012-10-17"};

std::string text_of(const dom::element& element) {
  std::string_view text;
  return element.get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

// One text or a list of them; numbers and booleans too where `scalars` says so, as they would be written.
bool read_texts(const dom::element& element, bool scalars, std::vector<std::string>& texts) {
  if (element.is_array()) {
    return std::ranges::all_of(dom::array(element), [&](const dom::element& one) {
      return !one.is_array() && read_texts(one, scalars, texts);
    });
  }
  if (element.is_string()) {
    texts.push_back(text_of(element));
    return true;
  }
  if (scalars && (element.is_number() || element.is_bool())) {
    texts.push_back(simdjson::minify(element));
    return true;
  }
  return false;
}

/// Reads one document; each step says what is wrong with it.
class PolicyReader {
 public:
  PolicyReader(Attached attached, Policy& policy) : attached_(attached), policy_(policy) {}

  Words read(const dom::element& root) {
    dom::object object;
    if (root.get(object) != simdjson::SUCCESS) {
      return "it is not a JSON object";
    }
    std::optional<dom::element> statements;
    std::set<std::string_view> seen;
    for (const auto& [key, value] : object) {
      if (!seen.insert(key).second) {
        return fmt::format("{} stands there twice", key);
      }
      if (key == "Version") {
        const std::string version = text_of(value);
        if (std::ranges::find(versions, version) == std::end(versions)) {
          return fmt::format("Version is neither {} nor {}", versions[0], versions[1]);
        }
        variables_ = version == versions[1];
      } else if (key == "Id") {
        if (!value.is_string()) {
          return "Id is not a text";
        }
        policy_.id = text_of(value);
      } else if (key == "Statement") {
        statements = value;
      } else {
        return fmt::format("there is no element {}", key);
      }
    }
    return statements ? read_statements(*statements) : Words("it has no Statement");
  }

 private:
  Words read_statements(const dom::element& given) {
    if (!given.is_array()) {
      return read_statement(given);
    }
    for (const dom::element& one : dom::array(given)) {
      if (Words wrong = read_statement(one)) {
        return wrong;
      }
    }
    return policy_.statements.empty() ? Words("Statement is empty") : std::nullopt;
  }

  Words read_statement(const dom::element& given) {
    Statement& statement = policy_.statements.emplace_back();
    const auto in_statement = [&](std::string_view words) {
      return Words(fmt::format("statement {}: {}", policy_.statements.size(), words));
    };
    dom::object object;
    if (given.get(object) != simdjson::SUCCESS) {
      return in_statement("not an object");
    }
    std::set<std::string> seen;
    for (const auto& [key, value] : object) {
      if (!seen.insert(std::string(key)).second) {
        return in_statement(fmt::format("{} stands there twice", key));
      }
      if (Words wrong = read_element(key, value, statement)) {
        return in_statement(*wrong);
      }
    }
    const auto one_of = [&](const std::string& name) { return seen.contains(name) != seen.contains("Not" + name); };
    if (!seen.contains("Effect")) {
      return in_statement("no Effect");
    }
    if (!one_of("Action") || !one_of("Resource")) {
      return in_statement("one of Action and NotAction, one of Resource and NotResource");
    }
    if (attached_ == Attached::to_resource ? !one_of("Principal")
                                           : seen.contains("Principal") || seen.contains("NotPrincipal")) {
      return in_statement(attached_ == Attached::to_resource ? "one of Principal and NotPrincipal"
                                                             : "a user's policy names no Principal");
    }
    return std::nullopt;
  }

  Words read_element(std::string_view key, const dom::element& value, Statement& statement) {
    const bool negated = key.starts_with("Not");
    const std::string_view name = negated ? key.substr(3) : key;
    if (key == "Sid") {
      statement.id = text_of(value);
      return value.is_string() ? std::nullopt : Words("Sid is not a text");
    }
    if (key == "Effect") {
      const std::string effect = text_of(value);
      statement.allows = effect == "Allow";
      return effect == "Allow" || effect == "Deny" ? std::nullopt : Words("Effect is neither Allow nor Deny");
    }
    if (key == "Condition") {
      return read_conditions(value, statement);
    }
    if (name == "Principal") {
      statement.except_principals = negated;
      return read_principals(value, statement.principals);
    }
    if (name == "Action") {
      statement.except_actions = negated;
      return read_patterns(value, name, false, statement.actions);
    }
    if (name == "Resource") {
      statement.except_resources = negated;
      return read_patterns(value, name, variables_, statement.resources);
    }
    return fmt::format("there is no element {}", key);
  }

  // An action is "service:Name", a resource an ARN, either "*" for all.
  Words read_patterns(const dom::element& value, std::string_view name, bool variables,
                      std::vector<Pattern>& patterns) {
    std::vector<std::string> texts;
    if (!read_texts(value, false, texts) || texts.empty()) {
      return fmt::format("{} is not a text or a list of texts", name);
    }
    for (const std::string& text : texts) {
      const std::size_t colon = text.find(':');
      const bool formed = name == "Action" ? colon != std::string::npos && colon > 0 && colon + 1 < text.size()
                                           : text.starts_with("arn:");
      if (text != "*" && !formed) {
        return fmt::format("{} is no {}", text, name == "Action" ? "action" : "ARN");
      }
      patterns.emplace_back(text, PatternRules{.wildcards = true, .variables = variables});
    }
    return std::nullopt;
  }

  Words read_principals(const dom::element& value, Principals& principals) {
    if (text_of(value) == "*") {
      principals.everyone = true;
      principals.count = 1;
      return std::nullopt;
    }
    dom::object object;
    if (value.get(object) != simdjson::SUCCESS || object.size() == 0) {
      return "Principal is neither \"*\" nor an object";
    }
    for (const auto& [kind, given] : object) {
      std::vector<std::string> names;
      if (!read_texts(given, false, names) || names.empty()) {
        return fmt::format("Principal {} is not a text or a list of texts", kind);
      }
      principals.count += names.size();
      for (const std::string& name : names) {
        if (Words wrong = add_principal(kind, name, principals)) {
          return wrong;
        }
      }
    }
    return std::nullopt;
  }

  static Words add_principal(std::string_view kind, const std::string& name, Principals& principals) {
    if (kind == "AWS") {
      const bool unique_id = name.starts_with("AIDA") || name.starts_with("AROA") || name.starts_with("ASIA");
      if (name == "*") {
        principals.everyone = true;
      } else if (is_account(name) || name.starts_with("arn:") || unique_id) {
        principals.aws.push_back(name);
      } else {
        return fmt::format("{} is no principal", name);
      }
    } else if (kind == "Service") {
      principals.services.push_back(name);
    } else if (kind != "Federated" && kind != "CanonicalUser") {
      return fmt::format("there is no kind of principal {}", kind);
    }
    return std::nullopt;
  }

  Words read_conditions(const dom::element& value, Statement& statement) const {
    dom::object operators;
    if (value.get(operators) != simdjson::SUCCESS) {
      return "Condition is not an object";
    }
    for (const auto& [name, block] : operators) {
      dom::object keys;
      if (block.get(keys) != simdjson::SUCCESS) {
        return fmt::format("Condition {} is not an object", name);
      }
      for (const auto& [key, given] : keys) {
        std::vector<std::string> values;
        auto condition = read_texts(given, true, values) ? Condition::make(name, key, values, variables_)
                                                         : std::optional<Condition>();
        if (!condition) {
          return fmt::format("Condition {} of {}: there is no such operator, or a value is none of its kind", name,
                             key);
        }
        statement.conditions.push_back(*std::move(condition));
      }
    }
    return std::nullopt;
  }

  Attached attached_;
  Policy& policy_;
  bool variables_ = false;
};

std::optional<PolicyRefusal> check_bounds(const Policy& policy, const PolicyBounds& bounds) {
  if (policy.statements.size() > bounds.statements_max) {
    return PolicyRefusal{PolicyFault::too_many_statements, policy.statements.size()};
  }
  std::size_t principals = 0;
  for (const Statement& statement : policy.statements) {
    if (statement.actions.size() > bounds.actions_per_statement_max) {
      return PolicyRefusal{PolicyFault::too_many_actions, statement.actions.size()};
    }
    principals += statement.principals.count;
  }
  return principals > bounds.principals_max ? std::optional(PolicyRefusal{PolicyFault::too_many_principals, principals})
                                            : std::nullopt;
}

}  // namespace

std::expected<Policy, PolicyRefusal> parse_policy(std::string_view text, Attached attached,
                                                  const PolicyBounds& bounds) {
  if (text.size() > bounds.bytes_max) {
    return std::unexpected(PolicyRefusal{PolicyFault::too_long, text.size()});
  }
  dom::element root;
  if (wire::JsonReader::local().read(text).get(root) != simdjson::SUCCESS) {
    return std::unexpected(PolicyRefusal{PolicyFault::malformed, 0, "it is not JSON"});
  }
  Policy policy;
  if (Words wrong = PolicyReader(attached, policy).read(root)) {
    return std::unexpected(PolicyRefusal{PolicyFault::malformed, 0, *std::move(wrong)});
  }
  if (std::optional<PolicyRefusal> beyond = check_bounds(policy, bounds)) {
    return std::unexpected(*std::move(beyond));
  }
  return policy;
}

}  // namespace sluice::iam
