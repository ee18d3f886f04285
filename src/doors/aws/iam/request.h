#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace sluice::iam {

struct Policy;

/// Who asks: a configured user, an account's root, another AWS service for somebody, or nobody that we know. Never
/// changes once made.
struct Identity {
  std::string account{};       ///< 12 digits; empty: anonymous, or a service
  std::string arn{};           ///< "arn:aws:iam::111122223333:user/ann", "…:root", "arn:aws:sts::…:assumed-role/…"
  std::string id{};            ///< unique id ("AIDA…"): aws:userid, and SQS' SenderId
  std::string name{};          ///< aws:username; empty: not a user
  std::string organization{};  ///< aws:PrincipalOrgID; empty: none
  std::string service{};       ///< "sns.amazonaws.com" when a service asks
  std::map<std::string, std::string> tags{};  ///< aws:PrincipalTag/…
  std::vector<std::shared_ptr<const Policy>> policies{};
  bool restricted = false;  ///< only what `policies` allow; else, as for an account's root, everything

  bool anonymous() const { return account.empty() && service.empty(); }
};

/// From where and how it is asked.
struct Circumstances {
  std::string source_address{};  ///< "192.0.2.7"
  std::string user_agent{};
  std::string referer{};
  std::string region{};  ///< aws:RequestedRegion
  bool secure = false;   ///< over TLS
  Time now{};
  std::string source_arn{};      ///< on whose behalf a service asks
  std::string source_account{};  ///< its account
  /// Keys of the service itself ("sns:endpoint"), in lower case.
  std::multimap<std::string, std::string> more{};
};

/// One question: may it be done? All of it outlives the answer.
struct Request {
  const Identity& who;
  const Circumstances& circumstances;
  std::string_view action;    ///< "sqs:SendMessage"
  std::string_view resource;  ///< an ARN, "*" where there is none
};

/// A condition key as it is looked up: they are the same in any case.
std::string key_of(std::string_view key);

/// What the request has under that key (made by key_of); empty: nothing.
std::vector<std::string> values_of(std::string_view key, const Request& request);

}  // namespace sluice::iam
