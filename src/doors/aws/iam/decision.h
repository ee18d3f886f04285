#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "doors/aws/iam/policy.h"
#include "doors/aws/iam/request.h"

/// What policies say to a request. Pure functions.
namespace sluice::iam {

enum class Verdict : std::uint8_t {
  nothing,         ///< no statement is about it
  allowed,         ///< the caller itself, or everyone
  allows_account,  ///< the caller's account: it may pass that on to its users (resource policies only)
  denied,          ///< explicitly, which wins over everything
};

/// Of the caller's own policies; `allowed` for who has none and is not restricted.
Verdict judge_identity(const Request& request);
/// Of a resource's policy.
Verdict judge_resource(const Policy& policy, const Request& request);

enum class Decision : std::uint8_t {
  allowed,
  denied_by_identity,  ///< an explicit deny in a policy of the caller's
  denied_by_resource,  ///< … in the resource's
  no_identity_policy,  ///< nothing allows it, and a policy of the caller's would have to
  no_resource_policy,  ///< … the resource's would have to
};

/// The two verdicts together. In the resource's own account either may allow; across accounts both must. Services and
/// who is not known have no policies of their own: the resource's decides.
Decision decide(const Identity& who, std::string_view owner_account, Verdict identity, Verdict resource);

/// "User: {arn} is not authorized to perform: sqs:sendmessage on resource: {arn} because …", as AWS says it.
std::string sentence(Decision decision, const Request& request);

}  // namespace sluice::iam
