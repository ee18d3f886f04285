#include "doors/aws/sts/sts.h"

#include <fmt/format.h>

#include "doors/aws/partition.h"

namespace sluice::sts {
namespace {

constexpr aws::Handler rows[] = {
    aws::handle<api::operation::GetAccessKeyInfo, &Sts::get_access_key_info>(),
    aws::handle<api::operation::GetCallerIdentity, &Sts::get_caller_identity>(),
};

}  // namespace

Task<aws::Outcome<api::GetCallerIdentityResponse>> Sts::get_caller_identity(aws::Call& call,
                                                                            const api::GetCallerIdentityRequest&) {
  std::string arn = call.who != nullptr
                        ? call.who->arn
                        : fmt::format("arn:{}:iam::{}:root", aws::partition_of(call.region), call.account);
  co_return api::GetCallerIdentityResponse{.user_id = call.principal, .account = call.account, .arn = std::move(arn)};
}

Task<aws::Outcome<api::GetAccessKeyInfoResponse>> Sts::get_access_key_info(
    aws::Call& call, const api::GetAccessKeyInfoRequest& request) {
  const std::string key = request.access_key_id.value_or("");
  if (key.empty()) {
    co_return aws::fail(aws::framework::validation, "The request must contain the parameter AccessKeyId.");
  }
  if (const auto known = identities_.find(key); known != identities_.end()) {
    co_return api::GetAccessKeyInfoResponse{.account = known->second->account};
  }
  if (!identities_.empty()) {
    co_return aws::fail(aws::framework::validation, fmt::format("Access key {} is not known.", key));
  }
  co_return api::GetAccessKeyInfoResponse{.account = iam::is_account(key) ? key : call.account};
}

std::span<const aws::Handler> handlers() { return rows; }

}  // namespace sluice::sts
