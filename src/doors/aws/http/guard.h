#pragma once

#include <optional>
#include <string>

#include "doors/aws/call.h"
#include "doors/aws/error.h"
#include "doors/aws/iam/gatekeeper.h"
#include "doors/aws/iam/identity.h"
#include "io/loop.h"
#include "wire/sigv4.h"

namespace sluice::aws::http {

/// Who may call, and as whom.
struct Admission {
  wire::AccessKeys keys;                        ///< empty: anybody, signed or not
  std::string account;                          ///< of access keys that are not themselves an account
  std::string region;                           ///< where a request names none
  bool only_this_region = false;                ///< strict: a signature must be for ours
  bool single_region = false;                   ///< requests of every region are about `region`
  iam::Identities identities;                   ///< who stands behind each of `keys`
  const iam::Gatekeeper* gatekeeper = nullptr;  ///< outlives the guards; nullptr: policies do not count
};

/// Says who calls: aws::Authorize for one core. One thread.
class Guard {
 public:
  Guard(const Admission& admission, const io::Clock& clock);
  /// Fills account, region and principal of the call, or gives the error.
  std::optional<ServiceError> admit(const wire::HttpRequest& request, Call& call);

 private:
  std::optional<ServiceError> check_scope(const wire::SignatureClaim& claim, const Call& call) const;
  std::optional<ServiceError> check_region(const wire::SignatureClaim& claim) const;
  void fill(Call& call, const wire::SignatureClaim* claim) const;
  std::optional<ServiceError> admit_unknown(const wire::HttpRequest& request, Call& call,
                                            wire::SignatureRefusal refusal) const;
  static std::shared_ptr<const iam::Identity> identity_of(const wire::SignatureClaim& claim, const Call& call);
  void introduce(const wire::HttpRequest& request, Call& call, std::shared_ptr<const iam::Identity> who) const;
  std::optional<ServiceError> check_policies(const Call& call) const;

  Admission admission_;
  const io::Clock& clock_;
  wire::SignatureVerifier verifier_;
};

}  // namespace sluice::aws::http
