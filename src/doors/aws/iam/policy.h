#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "doors/aws/iam/condition.h"
#include "doors/aws/iam/pattern.h"

namespace sluice::iam {

/// Whom a statement of a resource's policy is about.
struct Principals {
  bool everyone = false;              ///< "*", also those who are not known
  std::vector<std::string> aws;       ///< accounts (12 digits), ARNs, unique ids
  std::vector<std::string> services;  ///< "sns.amazonaws.com"
  std::size_t count = 0;              ///< all that were named, of kinds that nobody here is of too
};

struct Statement {
  std::string id;
  bool allows = false;  ///< else: denies
  Principals principals;
  std::vector<Pattern> actions;
  std::vector<Pattern> resources;
  std::vector<Condition> conditions;
  bool except_principals = false, except_actions = false, except_resources = false;  ///< NotPrincipal …
};

/// A document in IAM's JSON policy language, read. Never changes.
struct Policy {
  std::string id;
  std::vector<Statement> statements;
};

/// To what a policy belongs: one of a resource names principals, one of an identity does not.
enum class Attached : std::uint8_t { to_identity, to_resource };

/// What a service takes.
struct PolicyBounds {
  std::size_t bytes_max;
  std::size_t statements_max;
  std::size_t principals_max;  ///< in the whole document
  std::size_t actions_per_statement_max;
};

/// IAM: an inline policy of a user has 2,048 characters, a managed one 6,144 without white space.
inline constexpr PolicyBounds identity_bounds{65'536, 1'000, 0, 1'000};

enum class PolicyFault : std::uint8_t {
  malformed,
  too_long,
  too_many_statements,
  too_many_principals,
  too_many_actions
};

struct PolicyRefusal {
  PolicyFault fault;
  std::size_t count = 0;  ///< how many there are where there are too many
  std::string words{};    ///< malformed: what is wrong and where, for whoever wrote it
};

std::expected<Policy, PolicyRefusal> parse_policy(std::string_view text, Attached attached, const PolicyBounds& bounds);

}  // namespace sluice::iam
