#pragma once

#include <expected>
#include <memory>
#include <string>

#include "doors/aws/sqs/sqs.h"
#include "server/config.h"

namespace sluice::server {

/// What the operator wants SQS to do to its callers; all cores share it.
struct SqsLimits {
  std::unique_ptr<sqs::Throttle> throttle;  ///< nullptr: no limit of calls is set
  std::unique_ptr<sqs::KeyService> keys;    ///< never null
  sqs::Rules rules;                         ///< refers to the two before
};

/// From the settings, and the declared keys; the error is a sentence for the user.
std::expected<SqsLimits, std::string> sqs_limits_of(const Config& config);

}  // namespace sluice::server
