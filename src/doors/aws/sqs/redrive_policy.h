#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "doors/aws/sqs/errors.h"

namespace sluice::sqs {

/// Where a queue's messages go after too many receives.
struct RedrivePolicy {
  std::string dead_letter_target_arn;
  std::uint32_t receive_count_max = 0;  ///< 1–1000
};

/// The attribute's JSON; extra fields are dropped. What the text alone can tell is checked here, whether the target
/// exists is not.
std::expected<RedrivePolicy, ServiceError> parse_redrive_policy(const std::string& json);
/// The canonical form, without spaces.
std::string to_json(const RedrivePolicy& policy);

/// Which queues may name this one as their dead-letter queue.
struct RedriveAllowPolicy {
  enum class Permission { allow_all, deny_all, by_queue };
  Permission permission = Permission::allow_all;
  std::vector<std::string> source_arns;  ///< by_queue: 1–10

  bool allows(std::string_view source_arn) const;
};

std::expected<RedriveAllowPolicy, ServiceError> parse_redrive_allow_policy(const std::string& json);
std::string to_json(const RedriveAllowPolicy& policy);

}  // namespace sluice::sqs
