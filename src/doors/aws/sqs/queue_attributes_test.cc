#include "doors/aws/sqs/queue_attributes.h"

#include <gtest/gtest.h>

#include <chrono>

#include "doors/aws/sqs/redrive_policy.h"

namespace sluice::sqs {
namespace {

const QueueName standard{"us-east-1", "000000000000", "jobs"};

std::string error_of(const AttributeMap& given) {
  const auto change = parse_attributes(given, standard);
  return change ? "" : std::string(change.error().shape->shape) + ": " + change.error().message;
}

}  // namespace

TEST(QueueAttributesTest, ranges_are_held_at_both_ends) {
  struct Row {
    std::string name;
    int minimum, maximum;
  };
  // spec: Queue attributes
  for (const Row& row : {Row{"VisibilityTimeout", 0, 43200}, Row{"DelaySeconds", 0, 900},
                         Row{"MaximumMessageSize", 1024, 1048576}, Row{"MessageRetentionPeriod", 60, 1209600},
                         Row{"ReceiveMessageWaitTimeSeconds", 0, 20}, Row{"KmsDataKeyReusePeriodSeconds", 60, 86400}}) {
    EXPECT_EQ(error_of({{row.name, std::to_string(row.minimum)}}), "");
    EXPECT_EQ(error_of({{row.name, std::to_string(row.maximum)}}), "");
    const std::string words = "InvalidAttributeValue: Invalid value for the parameter " + row.name + ".";
    EXPECT_EQ(error_of({{row.name, std::to_string(row.minimum - 1)}}), words);
    EXPECT_EQ(error_of({{row.name, std::to_string(row.maximum + 1)}}), words);
    EXPECT_EQ(error_of({{row.name, "ten"}}), words);
    EXPECT_EQ(error_of({{row.name, ""}}), words);
  }
}

TEST(QueueAttributesTest, unknown_and_read_only_ones_are_refused) {
  EXPECT_EQ(error_of({{"Nope", "1"}}), "InvalidAttributeName: Unknown Attribute Nope.");
  EXPECT_EQ(error_of({{"QueueArn", "1"}}), "InvalidAttributeName: Unknown Attribute QueueArn.");
  EXPECT_EQ(error_of({{"FifoQueue", "false"}}), "InvalidAttributeName: Unknown Attribute FifoQueue.");
  EXPECT_EQ(error_of({{"DeduplicationScope", "queue"}}),
            "InvalidAttributeName: You can specify the DeduplicationScope only when FifoQueue is set to true.");
}

TEST(QueueAttributesTest, one_kind_of_encryption_at_a_time) {
  EXPECT_NE(error_of({{"KmsMasterKeyId", "k"}, {"SqsManagedSseEnabled", "true"}}).find("one type of server-side"),
            std::string::npos);
  const auto change = parse_attributes({{"KmsMasterKeyId", "k"}}, standard);
  ASSERT_TRUE(change);
  EXPECT_EQ(change->labels.at("SqsManagedSseEnabled"), "false");
}

TEST(QueueAttributesTest, all_shows_what_applies) {
  queue::Description description;
  description.created_at = description.changed_at = from_milliseconds(1'700'000'000'123);
  description.counts = {3, 2, 1};
  description.settings.dead_letter_target = "arn:aws:sqs:us-east-1:000000000000:dead";
  description.settings.receive_count_max = 5;
  const auto shown = show_attributes(description, standard, {"All"});
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->at("VisibilityTimeout"), "30");
  EXPECT_EQ(shown->at("MaximumMessageSize"), "1048576");
  EXPECT_EQ(shown->at("CreatedTimestamp"), "1700000000");
  EXPECT_EQ(shown->at("ApproximateNumberOfMessages"), "3");
  EXPECT_EQ(shown->at("ApproximateNumberOfMessagesNotVisible"), "2");
  EXPECT_EQ(shown->at("ApproximateNumberOfMessagesDelayed"), "1");
  EXPECT_EQ(shown->at("SqsManagedSseEnabled"), "true");
  EXPECT_EQ(shown->at("QueueArn"), "arn:aws:sqs:us-east-1:000000000000:jobs");
  EXPECT_EQ(shown->at("RedrivePolicy"),
            R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":5})");
  EXPECT_FALSE(shown->contains("Policy") || shown->contains("FifoQueue") || shown->contains("KmsMasterKeyId"));
  EXPECT_FALSE(show_attributes(description, standard, {"Nope"}));
  EXPECT_TRUE(show_attributes(description, standard, {})->empty());
}

TEST(QueueAttributesTest, however_often_one_is_asked_for_it_is_shown_once) {
  queue::Description description;
  description.settings.labels["Policy"] = std::string(8'192, 'p');
  const auto began = std::chrono::steady_clock::now();
  const auto shown = show_attributes(description, standard, std::vector<std::string>(1'000'000, "All"));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(10));
  ASSERT_TRUE(shown);
  EXPECT_EQ(*shown, *show_attributes(description, standard, {"All"}));
}

TEST(QueueAttributesTest, those_of_fifo_queues_are_for_fifo_queues) {
  const QueueName fifo{"us-east-1", "000000000000", "jobs.fifo"};
  const auto change = parse_attributes({{"FifoQueue", "TRUE"},
                                        {"ContentBasedDeduplication", "True"},
                                        {"DeduplicationScope", "messageGroup"},
                                        {"FifoThroughputLimit", "perMessageGroupId"}},
                                       fifo);
  ASSERT_TRUE(change);
  EXPECT_TRUE(change->ordered.value() && change->deduplicates_by_content.value());
  EXPECT_EQ(change->deduplication_scope, queue::DeduplicationScope::group);
  EXPECT_FALSE(check_throughput_limit(*change, {}));
  for (const auto& [name, value] : AttributeMap{{"FifoQueue", "false"},
                                                {"ContentBasedDeduplication", "1"},
                                                {"DeduplicationScope", "group"},
                                                {"FifoThroughputLimit", "perQueueId"}}) {
    EXPECT_FALSE(parse_attributes({{name, value}}, fifo)) << name;
    EXPECT_FALSE(parse_attributes({{name, value}}, standard)) << name;
  }
}

TEST(QueueAttributesTest, a_limit_by_group_needs_the_scope_of_a_group) {
  const QueueName fifo{"us-east-1", "000000000000", "jobs.fifo"};
  const auto by_group = parse_attributes({{"FifoThroughputLimit", "perMessageGroupId"}}, fifo);
  const auto by_queue = parse_attributes({{"DeduplicationScope", "queue"}}, fifo);
  ASSERT_TRUE(by_group && by_queue);
  queue::Settings scoped;
  scoped.deduplication_scope = queue::DeduplicationScope::group;
  EXPECT_TRUE(check_throughput_limit(*by_group, {}));
  EXPECT_FALSE(check_throughput_limit(*by_group, scoped));
  EXPECT_FALSE(check_throughput_limit(*by_queue, scoped));
  scoped.labels["FifoThroughputLimit"] = "perMessageGroupId";
  EXPECT_TRUE(check_throughput_limit(*by_queue, scoped));
  EXPECT_FALSE(touches_throughput_limit(*parse_attributes({{"DelaySeconds", "1"}}, fifo)));
}

TEST(QueueAttributesTest, a_fifo_queue_shows_its_own_with_their_defaults) {
  const QueueName fifo{"us-east-1", "000000000000", "jobs.fifo"};
  queue::Description description;
  description.settings.ordered = true;
  const auto shown = show_attributes(description, fifo, {"All"});
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->at("FifoQueue"), "true");
  EXPECT_EQ(shown->at("ContentBasedDeduplication"), "false");
  EXPECT_EQ(shown->at("DeduplicationScope"), "queue");
  EXPECT_EQ(shown->at("FifoThroughputLimit"), "perQueue");
}

TEST(RedrivePolicyTest, is_kept_in_its_canonical_form) {
  const auto policy = parse_redrive_policy(
      R"( {"maxReceiveCount" : "3", "extra": [1], "deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead"} )");
  ASSERT_TRUE(policy);
  EXPECT_EQ(to_json(*policy),
            R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":3})");
}

TEST(RedrivePolicyTest, each_mistake_has_its_reason) {
  const std::string target = R"("deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead")";
  for (const auto& [json, words] : std::map<std::string, std::string>{
           {"nonsense", "Redrive policy is not a valid JSON map."},
           {"[]", "Redrive policy is not a valid JSON map."},
           {R"({"maxReceiveCount":1})", "does not contain mandatory attribute: deadLetterTargetArn."},
           {"{" + target + "}", "does not contain mandatory attribute: maxReceiveCount."},
           {"{" + target + R"(,"maxReceiveCount":0})",
            "Invalid value for maxReceiveCount: 0, valid values are from 1 to 1000"},
           {"{" + target + R"(,"maxReceiveCount":1001})", "Invalid value for maxReceiveCount: 1001"},
           {R"({"deadLetterTargetArn":"arn:aws:sns:us-east-1:000000000000:dead","maxReceiveCount":1})",
            "Only SQS queues are valid resources for deadLetterTargetArn."},
           {R"({"deadLetterTargetArn":"dead","maxReceiveCount":1})", "Invalid value for deadLetterTargetArn"}}) {
    const auto policy = parse_redrive_policy(json);
    ASSERT_FALSE(policy) << json;
    EXPECT_NE(policy.error().message.find(words), std::string::npos) << policy.error().message;
    EXPECT_TRUE(
        policy.error().message.starts_with("Value " + json + " for parameter RedrivePolicy is invalid. Reason: "));
  }
}

TEST(RedriveAllowPolicyTest, says_who_may) {
  const std::string source = "arn:aws:sqs:us-east-1:000000000000:jobs";
  EXPECT_TRUE(parse_redrive_allow_policy(R"({"redrivePermission":"allowAll"})")->allows(source));
  EXPECT_FALSE(parse_redrive_allow_policy(R"({"redrivePermission":"denyAll"})")->allows(source));
  const auto by_queue =
      parse_redrive_allow_policy(R"({"redrivePermission":"byQueue","sourceQueueArns":[")" + source + "\"]}");
  ASSERT_TRUE(by_queue);
  EXPECT_TRUE(by_queue->allows(source));
  EXPECT_FALSE(by_queue->allows(source + "2"));
  EXPECT_FALSE(parse_redrive_allow_policy(R"({"redrivePermission":"byQueue"})"));
  EXPECT_FALSE(parse_redrive_allow_policy(R"({"redrivePermission":"denyAll","sourceQueueArns":[")" + source + "\"]}"));
  EXPECT_FALSE(parse_redrive_allow_policy(R"({"redrivePermission":"some"})"));
}

}  // namespace sluice::sqs
