#include "doors/aws/sqs/key_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "doors/aws/iam/gatekeeper.h"
#include "doors/aws/sqs/queue_attributes.h"

namespace sluice::sqs {
namespace {

constexpr std::string_view alias_prefix = "alias/";
constexpr std::string_view own_key_end = ":alias/aws/sqs";  // AWS' own for SQS: in every account, never ours to disable

struct State {
  std::string_view name;
  KeyState state;
  const aws::ErrorShape* error;          ///< SQS'; nullptr: the key will do
  std::string_view code;                 ///< the key service's own
  std::array<std::string_view, 2> text;  ///< by KeyUse: of {key}, {user}, {operation}
};
// Texts as AWS KMS words them ("Key states of AWS KMS keys" says which error comes of which state).
constexpr std::string_view disabled = "{key} is disabled.";
constexpr std::string_view pending = "{key} is pending deletion.";
constexpr std::string_view denied =
    "User: {user} is not authorized to perform: kms:{operation} on resource: {key} because no identity-based policy "
    "allows the kms:{operation} action";
constexpr std::string_view hidden =
    "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not "
    "allowed to access.";
constexpr std::string_view usage = "{key} key usage is SIGN_VERIFY which is not valid for {operation}.";
constexpr std::string_view rate =
    "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.";
constexpr std::string_view subscription = "The AWS Access Key Id needs a subscription for the service";
const State states[] = {
    {"enabled", KeyState::enabled, nullptr, "", {}},
    {"disabled", KeyState::disabled, &api::error::kms_disabled, "DisabledException", {disabled, disabled}},
    {"pending_deletion",
     KeyState::pending_deletion,
     &api::error::kms_invalid_state,
     "KMSInvalidStateException",
     {pending, pending}},
    {"access_denied",
     KeyState::access_denied,
     &api::error::kms_access_denied,
     "AccessDeniedException",
     {denied, hidden}},
    {"invalid_key_usage",
     KeyState::invalid_key_usage,
     &api::error::kms_invalid_key_usage,
     "InvalidKeyUsageException",
     {usage, usage}},
    {"throttled", KeyState::throttled, &api::error::kms_throttled, "ThrottlingException", {rate, rate}},
    {"opt_in_required",
     KeyState::opt_in_required,
     &api::error::kms_opt_in_required,
     "OptInRequired",
     {subscription, subscription}},
};

std::string arn_of(std::string_view region, std::string_view account, std::string_view resource) {
  return fmt::format("arn:{}:kms:{}:{}:{}", partition_of(region), region, account, resource);
}

/// The ARN that a KmsMasterKeyId stands for: without one it is of the queue's own region and account.
std::string arn_of_name(std::string_view name, const QueueName& queue) {
  if (name.starts_with("arn:")) {
    return std::string(name);
  }
  return arn_of(queue.region, queue.account,
                name.starts_with(alias_prefix) ? std::string(name) : fmt::format("key/{}", name));
}

/// A key service's error as SQS hands it on: with the words of the client by which SQS asks it.
ServiceError handed_on(const KeyUser& user, const aws::ErrorShape& shape, std::string_view code,
                       const std::string& text) {
  return {&shape, fmt::format("{} (Service: AWSKMS; Status Code: 400; Error Code: {}; Request ID: {}; Proxy: null)",
                              text, code, user.request_id)};
}

KeyUser user_of(const aws::Call& call) {
  return {
      call.who != nullptr ? call.who->arn : fmt::format("arn:{}:iam::{}:root", partition_of(call.region), call.account),
      call.request_id};
}

class AllowedByEncryption final : public machines::Proviso {
 public:
  AllowedByEncryption(const aws::Call& call, const QueueName& queue, const EncryptionRules& rules,
                      std::optional<KeyUse> use)
      : user_(user_of(call)), queue_(queue), rules_(rules), use_(use), open_(!call.secure || !call.is_signed) {}

  std::optional<Refusal> refusal(const machines::Labels& labels) const override {
    const auto key = labels.find(std::string(kms_key_attribute));
    if (key == labels.end()) {
      return std::nullopt;
    }
    // "Encryption at rest": "All requests to queues with SSE enabled must use HTTPS and Signature Version 4".
    if (rules_.needs_tls && open_) {
      return refusal_of({&api::error::invalid_security, "All requests to this queue must use HTTPS and SigV4."});
    }
    const auto error = use_ ? rules_.keys->refusal(user_, queue_, key->second, *use_) : std::nullopt;
    return error ? std::optional(refusal_of(*error)) : std::nullopt;
  }

 private:
  KeyUser user_;
  QueueName queue_;
  EncryptionRules rules_;
  std::optional<KeyUse> use_;
  bool open_;  ///< not over TLS, or not signed
};

}  // namespace

std::optional<KeyState> key_state_of(std::string_view name) {
  const auto* row = std::ranges::find(states, name, &State::name);
  return row == std::end(states) ? std::nullopt : std::optional(row->state);
}

std::string key_state_names() {
  std::string names;
  for (const State& row : states) {
    names.append(names.empty() ? "" : ", ").append(row.name);
  }
  return names;
}

std::string Key::arn() const { return arn_of(region, account, "key/" + id); }

KeyService::KeyService(const std::vector<Key>& keys) {
  for (const Key& key : keys) {
    keys_.emplace(key.arn(), key);
    for (const std::string& alias : key.aliases) {
      keys_.emplace(arn_of(key.region, key.account, alias), key);
    }
  }
}

std::optional<ServiceError> KeyService::refusal(const KeyUser& user, const QueueName& queue, std::string_view key,
                                                KeyUse use) const {
  if (empty()) {
    return std::nullopt;
  }
  const std::string arn = arn_of_name(key, queue);
  const auto found = keys_.find(arn);
  if (found == keys_.end()) {
    const bool alias = arn.find(":alias/") != std::string::npos;
    return arn.ends_with(own_key_end) ? std::nullopt
                                      : std::optional(handed_on(user, api::error::kms_not_found, "NotFoundException",
                                                                alias ? fmt::format("Alias {} is not found.", arn)
                                                                      : fmt::format("Key '{}' does not exist", arn)));
  }
  const State& state = *std::ranges::find(states, found->second.state, &State::state);
  if (state.error == nullptr) {
    return std::nullopt;
  }
  return handed_on(user, *state.error, state.code,
                   fmt::format(fmt::runtime(state.text[static_cast<std::size_t>(use)]),
                               fmt::arg("key", found->second.arn()), fmt::arg("user", user.arn),
                               fmt::arg("operation", use == KeyUse::encrypts ? "GenerateDataKey" : "Decrypt")));
}

std::shared_ptr<const machines::Proviso> EncryptionRules::proviso(const aws::Call& call, const QueueName& queue,
                                                                  std::optional<KeyUse> use) const {
  if (keys == nullptr || keys->empty()) {
    use.reset();
  }
  return needs_tls || use ? std::make_shared<AllowedByEncryption>(call, queue, *this, use) : nullptr;
}

}  // namespace sluice::sqs
