#include "doors/aws/http/guard.h"

#include <fmt/format.h>

#include "base/check.h"
#include "doors/aws/shape.h"

namespace sluice::aws::http {
namespace {

// Who may do what is known only there: of queues, from their own policies.
constexpr std::string_view judges_itself = "sqs";
// GetCallerIdentity: "No permissions are required".
constexpr std::string_view open_to_all = "sts";
// Services that policies call otherwise than signatures do.
constexpr std::string_view named_by_id = "cloudwatch";
// Of a header that policies may ask about: matching takes the product of its length and the pattern's.
constexpr std::size_t judged_header_bytes_max = 1'024;
// For our own pages: requests to no service.
constexpr std::string_view own_action = "sluice:Administer";

bool lacks_a_resource(const wire::HttpRequest& request, const Call& call) {
  return call.is_query() && request.path == "/";
}

// A request without credentials: what AWS says depends on the protocol (spec §13.1).
ServiceError missing(const wire::HttpRequest& request, const Call& call) {
  if (lacks_a_resource(request, call)) {
    return {&framework::missing_authentication_token};
  }
  return {&framework::access_denied,
          fmt::format("Access to the resource {}{} is denied.", call.endpoint, request.path)};
}

ServiceError error_of(wire::SignatureRefusal refusal, const wire::HttpRequest& request, const Call& call) {
  switch (refusal.fault) {
    case wire::SignatureFault::missing:
      return missing(request, call);
    case wire::SignatureFault::incomplete:
      return {&framework::incomplete_signature, std::move(refusal.message)};
    case wire::SignatureFault::unknown_key:
      return {&framework::unrecognized_client, std::move(refusal.message)};
    case wire::SignatureFault::mismatch:
    case wire::SignatureFault::out_of_date:
      return {&framework::signature_does_not_match, std::move(refusal.message)};
    case wire::SignatureFault::expired:
      return {&framework::request_expired, std::move(refusal.message)};
  }
  check(false, "a signature's fault has an error");
  return {&framework::access_denied};
}

}  // namespace

Guard::Guard(const Admission& admission, const io::Clock& clock)
    : admission_(admission), clock_(clock), verifier_(admission.keys) {}

std::optional<ServiceError> Guard::admit(const wire::HttpRequest& request, Call& call) {
  if (admission_.keys.empty()) {
    // Whatever cannot be read is no reason to refuse here: nothing is checked.
    const auto claim = wire::read_signature_claim(request);
    const bool signed_by_somebody = claim && *claim;
    if (auto error = signed_by_somebody ? check_region(**claim) : std::nullopt) {
      return error;
    }
    fill(call, signed_by_somebody ? &**claim : nullptr);
    if (admission_.gatekeeper != nullptr) {
      introduce(request, call, signed_by_somebody ? identity_of(**claim, call) : iam::nobody());
    }
    return std::nullopt;
  }
  auto verified = verifier_.verify(request, clock_.wall());
  if (!verified) {
    return admit_unknown(request, call, std::move(verified.error()));
  }
  fill(call, &*verified);
  if (auto error = check_scope(*verified, call)) {
    return error;
  }
  if (admission_.gatekeeper != nullptr) {
    introduce(request, call, identity_of(*verified, call));
  }
  return check_policies(call);
}

// A queue's policy may let anybody in; nothing else can.
std::optional<ServiceError> Guard::admit_unknown(const wire::HttpRequest& request, Call& call,
                                                 wire::SignatureRefusal refusal) const {
  if (refusal.fault != wire::SignatureFault::missing || admission_.gatekeeper == nullptr || call.service == nullptr ||
      call.service->id != judges_itself) {
    return error_of(std::move(refusal), request, call);
  }
  fill(call, nullptr);
  introduce(request, call, iam::nobody());
  return std::nullopt;
}

std::optional<ServiceError> Guard::check_scope(const wire::SignatureClaim& claim, const Call& call) const {
  if (call.service != nullptr && claim.service != call.service->signing_name) {
    return ServiceError{
        &framework::signature_does_not_match,
        fmt::format("Credential should be scoped to correct service: '{}'. ", call.service->signing_name)};
  }
  return check_region(claim);
}

std::optional<ServiceError> Guard::check_region(const wire::SignatureClaim& claim) const {
  if (admission_.only_this_region && claim.region != admission_.region) {
    return ServiceError{&framework::signature_does_not_match,
                        fmt::format("Credential should be scoped to a valid region, not '{}'. ", claim.region)};
  }
  return std::nullopt;
}

void Guard::fill(Call& call, const wire::SignatureClaim* claim) const {
  call.region = claim != nullptr && !admission_.single_region ? claim->region : admission_.region;
  call.is_signed = claim != nullptr;
  if (claim == nullptr) {
    call.account = call.principal = admission_.account;
    return;
  }
  const auto known = admission_.identities.find(claim->access_key);
  if (known != admission_.identities.end()) {
    call.who = known->second;
    call.account = call.who->account;
    call.principal = call.who->id;
    return;
  }
  call.account = iam::is_account(claim->access_key) ? claim->access_key : admission_.account;
  call.principal = iam::unique_id(claim->access_key);
}

std::shared_ptr<const iam::Identity> Guard::identity_of(const wire::SignatureClaim& claim, const Call& call) {
  return call.who != nullptr ? call.who : iam::root_identity(call.account, claim.access_key, call.region);
}

void Guard::introduce(const wire::HttpRequest& request, Call& call, std::shared_ptr<const iam::Identity> who) const {
  auto caller = std::make_shared<iam::Caller>();
  if (who->anonymous()) {
    call.principal = call.address;  // SenderId of who is not known (SQS: "the IP address")
    caller->url = lacks_a_resource(request, call) ? "" : fmt::format("{}{}", call.endpoint, request.path);
  }
  caller->who = std::move(who);
  caller->gatekeeper = admission_.gatekeeper;
  iam::Circumstances& circumstances = caller->circumstances;
  circumstances.source_address = call.address;
  circumstances.user_agent = request.header("User-Agent").substr(0, judged_header_bytes_max);
  circumstances.referer = request.header("Referer").substr(0, judged_header_bytes_max);
  circumstances.region = call.region;
  circumstances.secure = call.secure;
  circumstances.now = clock_.wall();
  call.caller = std::move(caller);
}

// For services whose nouns have no policies: the caller's own alone decide.
std::optional<ServiceError> Guard::check_policies(const Call& call) const {
  const std::string_view id = call.service != nullptr ? call.service->id : std::string_view();
  if (call.caller == nullptr || !call.caller->who->restricted || id == judges_itself || id == open_to_all) {
    return std::nullopt;
  }
  const std::string_view prefix = id.empty() || id == named_by_id ? id : call.service->signing_name;
  const std::string action =
      call.operation == nullptr ? std::string(own_action) : fmt::format("{}:{}", prefix, call.operation->name);
  const iam::Caller& caller = *call.caller;
  const iam::Request request{*caller.who, caller.circumstances, action, "*"};
  const iam::Decision decision =
      iam::decide(*caller.who, caller.who->account, iam::judge_identity(request), iam::Verdict::nothing);
  if (auto words = caller.refusal(decision, request)) {
    return ServiceError{&framework::access_denied, *std::move(words)};
  }
  return std::nullopt;
}

}  // namespace sluice::aws::http
