#include "doors/aws/sqs/key_service.h"

#include <gtest/gtest.h>

#include "doors/aws/iam/gatekeeper.h"
#include "doors/aws/iam/identity.h"

namespace sluice::sqs {
namespace {

const QueueName queue{"eu-west-1", "111122223333", "orders"};
const KeyUser user{"arn:aws:iam::111122223333:user/ann", "r-1"};
const std::string arn = "arn:aws:kms:eu-west-1:111122223333:key/k1";

KeyService with(KeyState state) {
  return KeyService(
      {{.region = "eu-west-1", .account = "111122223333", .id = "k1", .aliases = {"alias/a"}, .state = state}});
}

std::string told(const std::optional<ServiceError>& error) {
  return error ? std::string(error->shape->query_code) + ": " + error->message : "fine";
}

TEST(KeyServiceTest, a_key_is_found_by_id_arn_alias_and_the_alias_arn) {
  const KeyService keys = with(KeyState::disabled);
  for (const std::string& name :
       {std::string("k1"), arn, std::string("alias/a"), std::string("arn:aws:kms:eu-west-1:111122223333:alias/a")}) {
    const auto error = keys.refusal(user, queue, name, KeyUse::encrypts);
    ASSERT_TRUE(error) << name;
    EXPECT_EQ(error->shape, &api::error::kms_disabled) << name;
  }
  EXPECT_EQ(told(with(KeyState::enabled).refusal(user, queue, "k1", KeyUse::encrypts)), "fine");
}

TEST(KeyServiceTest, each_state_has_its_error) {
  const std::string tail = "; Request ID: r-1; Proxy: null)";
  const std::string head = " (Service: AWSKMS; Status Code: 400; Error Code: ";
  const struct {
    KeyState state;
    KeyUse use;
    std::string says;
  } table[] = {
      {KeyState::disabled, KeyUse::encrypts,
       "KMS.DisabledException: " + arn + " is disabled." + head + "DisabledException" + tail},
      {KeyState::pending_deletion, KeyUse::decrypts,
       "KMS.InvalidStateException: " + arn + " is pending deletion." + head + "KMSInvalidStateException" + tail},
      {KeyState::access_denied, KeyUse::encrypts,
       "KMS.AccessDeniedException: User: " + user.arn +
           " is not authorized to perform: kms:GenerateDataKey on resource: " + arn +
           " because no identity-based policy allows the kms:GenerateDataKey action" + head + "AccessDeniedException" +
           tail},
      {KeyState::access_denied, KeyUse::decrypts,
       "KMS.AccessDeniedException: The ciphertext refers to a customer master key that does not exist, does not exist "
       "in "
       "this region, or you are not allowed to access." +
           head + "AccessDeniedException" + tail},
      {KeyState::invalid_key_usage, KeyUse::decrypts,
       "KMS.InvalidKeyUsageException: " + arn + " key usage is SIGN_VERIFY which is not valid for Decrypt." + head +
           "InvalidKeyUsageException" + tail},
      {KeyState::throttled, KeyUse::encrypts,
       "KMS.ThrottlingException: You have exceeded the rate at which you may call KMS. Reduce the frequency of your "
       "calls." +
           head + "ThrottlingException" + tail},
      {KeyState::opt_in_required, KeyUse::encrypts,
       "KMS.OptInRequired: The AWS Access Key Id needs a subscription for the service" + head + "OptInRequired" + tail},
  };
  for (const auto& row : table) {
    EXPECT_EQ(told(with(row.state).refusal(user, queue, "alias/a", row.use)), row.says);
  }
}

TEST(KeyServiceTest, a_key_that_is_not_declared_does_not_exist) {
  const KeyService keys = with(KeyState::enabled);
  EXPECT_TRUE(
      told(keys.refusal(user, queue, "k2", KeyUse::encrypts))
          .starts_with("KMS.NotFoundException: Key 'arn:aws:kms:eu-west-1:111122223333:key/k2' does not exist"));
  EXPECT_TRUE(
      told(keys.refusal(user, queue, "alias/b", KeyUse::encrypts))
          .starts_with("KMS.NotFoundException: Alias arn:aws:kms:eu-west-1:111122223333:alias/b is not found."));
  const QueueName elsewhere{"eu-west-2", queue.account, queue.name};
  EXPECT_TRUE(told(keys.refusal(user, elsewhere, "k1", KeyUse::encrypts)).starts_with("KMS.NotFoundException"));
  EXPECT_EQ(told(keys.refusal(user, elsewhere, arn, KeyUse::encrypts)), "fine");
}

TEST(KeyServiceTest, aws_own_key_is_there_without_being_declared) {
  const KeyService keys = with(KeyState::enabled);
  EXPECT_EQ(told(keys.refusal(user, queue, "alias/aws/sqs", KeyUse::encrypts)), "fine");
  EXPECT_NE(told(keys.refusal(user, queue, "alias/not-aws/sqs", KeyUse::encrypts)), "fine");
}

TEST(KeyServiceTest, without_any_key_every_name_will_do) {
  EXPECT_EQ(told(KeyService({}).refusal(user, queue, "whatever", KeyUse::decrypts)), "fine");
}

// A queue's demands, as a command brings them to it.
std::string demanded(const EncryptionRules& rules, const aws::Call& call, std::optional<KeyUse> use,
                     const machines::Labels& labels) {
  const auto proviso = rules.proviso(call, queue, use);
  const auto refusal = proviso != nullptr ? proviso->refusal(labels) : std::nullopt;
  return refusal ? told(from_refusal(*refusal)) : "fine";
}

TEST(KeyServiceTest, only_queues_with_a_key_and_commands_that_need_it_are_refused) {
  const KeyService keys = with(KeyState::disabled);
  const EncryptionRules rules{&keys, false};
  const aws::Call call;
  EXPECT_TRUE(demanded(rules, call, KeyUse::encrypts, {{"KmsMasterKeyId", "k1"}}).starts_with("KMS.DisabledException"));
  EXPECT_EQ(demanded(rules, call, KeyUse::encrypts, {}), "fine");
  EXPECT_EQ(demanded(rules, call, std::nullopt, {{"KmsMasterKeyId", "k1"}}), "fine");
  EXPECT_EQ(demanded({}, call, KeyUse::encrypts, {{"KmsMasterKeyId", "k1"}}), "fine");
}

TEST(KeyServiceTest, a_queue_with_a_key_may_demand_tls_of_every_call) {
  const EncryptionRules rules{nullptr, true};
  aws::Call call;
  EXPECT_EQ(demanded(rules, call, std::nullopt, {{"KmsMasterKeyId", "k1"}}),
            "InvalidSecurity: All requests to this queue must use HTTPS and SigV4.");
  EXPECT_EQ(demanded(rules, call, std::nullopt, {}), "fine");
  call.secure = true;
  EXPECT_TRUE(demanded(rules, call, std::nullopt, {{"KmsMasterKeyId", "k1"}}).starts_with("InvalidSecurity"));
  call.is_signed = true;
  EXPECT_EQ(demanded(rules, call, std::nullopt, {{"KmsMasterKeyId", "k1"}}), "fine");
}

TEST(KeyServiceTest, an_error_goes_through_a_proviso_unharmed) {
  const ServiceError error{&api::error::kms_throttled, "two words"};
  const ServiceError again = from_refusal(refusal_of(error));
  EXPECT_EQ(again.shape, error.shape);
  EXPECT_EQ(again.message, "two words");
  const ServiceError nobody = from_refusal(refusal_of(access_denied("")));
  EXPECT_EQ(nobody.shape, &aws::framework::missing_authentication_token);
  EXPECT_EQ(nobody.message, "");
}

}  // namespace
}  // namespace sluice::sqs
