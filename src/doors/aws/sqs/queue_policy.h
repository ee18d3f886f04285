#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "doors/aws/iam/policy.h"
#include "doors/aws/sqs/errors.h"
#include "doors/aws/sqs/names.h"

/// A queue's policy: the document under its attribute, and the statements that AddPermission puts into it.
namespace sluice::sqs {

inline constexpr std::string_view policy_attribute = "Policy";

/// "Amazon SQS policy quotas".
inline constexpr iam::PolicyBounds policy_bounds{
    .bytes_max = 8192, .statements_max = 20, .principals_max = 50, .actions_per_statement_max = 7};

/// What is wrong with a policy that SetQueueAttributes or CreateQueue gives; nullopt: nothing.
std::optional<ServiceError> check_policy(std::string_view text);

/// AddPermission.
struct Permission {
  std::string label;
  std::span<const std::string> accounts;
  std::span<const std::string> actions;  ///< "SendMessage", "*"
};

/// What is wrong with it, in AWS's order.
std::optional<ServiceError> check_permission(const Permission& permission);

/// The policy with one statement more; `policy` is empty when there is none yet. What stands in it stays as it is.
std::expected<std::string, ServiceError> with_permission(std::string_view policy, const QueueName& queue,
                                                         const Permission& permission);

/// The policy without the statement of that label; empty when that was the last one.
std::expected<std::string, ServiceError> without_permission(std::string_view policy, std::string_view label);

}  // namespace sluice::sqs
