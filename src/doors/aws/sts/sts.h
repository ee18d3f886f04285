#pragma once

#include <span>

#include "base/task.h"
#include "doors/aws/call.h"
#include "doors/aws/handler.h"
#include "doors/aws/iam/identity.h"
#include "shapes/sts.h"

namespace sluice::sts {

namespace api = aws::sts;

/// The STS door: tells callers who they are. One per core.
class Sts {
 public:
  /// Access keys that are known, and who stands behind each; outlives the door.
  explicit Sts(const iam::Identities& identities) : identities_(identities) {}

  Task<aws::Outcome<api::GetCallerIdentityResponse>> get_caller_identity(aws::Call& call,
                                                                         const api::GetCallerIdentityRequest& request);
  Task<aws::Outcome<api::GetAccessKeyInfoResponse>> get_access_key_info(aws::Call& call,
                                                                        const api::GetAccessKeyInfoRequest& request);

 private:
  const iam::Identities& identities_;
};

/// The rows for aws::Door::serve.
std::span<const aws::Handler> handlers();

}  // namespace sluice::sts
