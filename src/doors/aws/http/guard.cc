#include "doors/aws/http/guard.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/digest.h"
#include "doors/aws/shape.h"

namespace sluice::aws::http {
namespace {

constexpr std::size_t account_digits = 12;

bool is_account(std::string_view text) {
  return text.size() == account_digits &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Stands for the user behind an access key in attributes such as SenderId: the same for the same key.
std::string principal_of(std::string_view access_key) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string text = "AIDA";
  std::uint64_t hash = stable_hash(access_key);
  for (int i = 0; i < 17; ++i) {
    text.push_back(letters[hash % letters.size()]);
    hash = hash / letters.size() + (hash % letters.size() << 58);
  }
  return text;
}

// A request without credentials: what AWS says depends on the protocol (spec §13.1).
ServiceError missing(const wire::HttpRequest& request, const Call& call) {
  if (call.is_query() && request.path == "/") {
    return {&framework::missing_authentication_token, "Request is missing Authentication Token"};
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
    fill(call, claim && *claim ? &**claim : nullptr);
    return std::nullopt;
  }
  auto verified = verifier_.verify(request, clock_.wall());
  if (!verified) {
    return error_of(std::move(verified.error()), request, call);
  }
  fill(call, &*verified);
  return check_scope(*verified, call);
}

std::optional<ServiceError> Guard::check_scope(const wire::SignatureClaim& claim, const Call& call) const {
  if (call.service != nullptr && claim.service != call.service->signing_name) {
    return ServiceError{
        &framework::signature_does_not_match,
        fmt::format("Credential should be scoped to correct service: '{}'. ", call.service->signing_name)};
  }
  if (admission_.only_this_region && claim.region != admission_.region) {
    return ServiceError{&framework::signature_does_not_match,
                        fmt::format("Credential should be scoped to a valid region, not '{}'. ", claim.region)};
  }
  return std::nullopt;
}

void Guard::fill(Call& call, const wire::SignatureClaim* claim) const {
  const bool own_account = claim != nullptr && is_account(claim->access_key);
  call.account = own_account ? claim->access_key : admission_.account;
  call.region = claim != nullptr && !admission_.single_region ? claim->region : admission_.region;
  call.principal = claim != nullptr ? principal_of(claim->access_key) : call.account;
}

}  // namespace sluice::aws::http
