// Policy documents: anything may be given as one; what is taken can be asked everything without harm.
#include "doors/aws/iam/policy.h"

#include <cstdint>
#include <string>

#include "base/check.h"
#include "doors/aws/iam/decision.h"

using namespace sluice;

namespace {

void ask_all(const iam::Policy& policy) {
  const iam::Circumstances here{.source_address = "192.0.2.7",
                                .user_agent = "fuzz",
                                .now = from_milliseconds(1'767'323'045'000),
                                .source_arn = "arn:aws:sns:us-east-1:111122223333:t",
                                .more = {{"sqs:colour", "red"}, {"sqs:colour", "blue"}}};
  const iam::Identity askers[] = {
      {},
      {.account = "111122223333", .arn = "arn:aws:iam::111122223333:user/ann", .id = "AIDA1", .name = "ann"},
      {.account = "444455556666",
       .arn = "arn:aws:sts::444455556666:assumed-role/r/s",
       .id = "AROA1",
       .restricted = true},
      {.service = "sns.amazonaws.com"},
  };
  for (const iam::Identity& who : askers) {
    const iam::Request request{who, here, "sqs:SendMessage", "arn:aws:sqs:us-east-1:111122223333:q"};
    const iam::Verdict verdict = iam::judge_resource(policy, request);
    const iam::Decision decision = iam::decide(who, "111122223333", iam::judge_identity(request), verdict);
    check(verdict != iam::Verdict::denied || decision == iam::Decision::denied_by_resource, "a deny wins");
    check(!who.anonymous() || verdict != iam::Verdict::allows_account, "nobody has no account");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(bytes), size);
  constexpr iam::PolicyBounds bounds{8192, 20, 50, 7};
  for (const auto attached : {iam::Attached::to_resource, iam::Attached::to_identity}) {
    const auto policy = iam::parse_policy(text, attached, bounds);
    if (!policy) {
      check(policy.error().fault != iam::PolicyFault::malformed || !policy.error().words.empty(), "a refusal says why");
      continue;
    }
    check(policy->statements.size() <= bounds.statements_max, "bounds hold");
    ask_all(*policy);
  }
  return 0;
}
