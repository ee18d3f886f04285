#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "doors/aws/call.h"
#include "doors/aws/sqs/errors.h"
#include "doors/aws/sqs/names.h"
#include "machines/machine.h"

/// What a key service would answer when SQS asks it to encrypt and decrypt for queues with a KmsMasterKeyId. The
/// answers alone: nothing is encrypted, here or on the disk. docs/decisions/limits-and-keys.md.
namespace sluice::sqs {

enum class KeyState : std::uint8_t {
  enabled,
  disabled,
  pending_deletion,
  access_denied,
  invalid_key_usage,
  throttled,
  opt_in_required,
};
/// By the name that a configuration has for it.
std::optional<KeyState> key_state_of(std::string_view name);
/// All of those: "enabled, disabled, …".
std::string key_state_names();

struct Key {
  std::string region;
  std::string account;
  std::string id;
  std::vector<std::string> aliases{};  ///< "alias/orders"
  KeyState state = KeyState::enabled;

  std::string arn() const;
};

/// What a call needs the key for.
enum class KeyUse : std::uint8_t { encrypts, decrypts };

/// Who needs the key, for the words of a refusal.
struct KeyUser {
  std::string arn;
  std::string request_id;
};

/// The keys that there are. Without any, every name of a key will do. Never changes; any thread.
class KeyService {
 public:
  explicit KeyService(const std::vector<Key>& keys);

  bool empty() const { return keys_.empty(); }
  /// Why it cannot be used, the key that the queue's KmsMasterKeyId names: its id, its ARN, an alias or an alias' ARN.
  std::optional<ServiceError> refusal(const KeyUser& user, const QueueName& queue, std::string_view key,
                                      KeyUse use) const;

 private:
  std::map<std::string, Key, std::less<>> keys_;  ///< by ARN and by the ARNs of their aliases
};

/// What encryption demands of calls to a queue.
struct EncryptionRules {
  const KeyService* keys = nullptr;
  bool needs_tls = false;  ///< a queue with a key is for signed requests over TLS alone

  bool any() const { return needs_tls || (keys != nullptr && !keys->empty()); }
  /// What a command must bring for a queue that has a key; nullptr: nothing. `use`: what the command needs the key for.
  std::shared_ptr<const machines::Proviso> proviso(const aws::Call& call, const QueueName& queue,
                                                   std::optional<KeyUse> use) const;
};

}  // namespace sluice::sqs
