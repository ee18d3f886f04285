#include <gtest/gtest.h>

#include "doors/aws/bounds.h"
#include "doors/aws/codec.h"
#include "doors/aws/samples.h"
#include "doors/aws/services.h"
#include "shapes/kinesis.h"
#include "shapes/sqs.h"

namespace sluice::aws {
namespace {

const Operation& operation_of(const Service& service, std::string_view name) { return *find_operation(service, name); }

/// Empty when it is well.
template <class Input>
std::string read(const Service& service, std::string_view operation, std::string_view body, Input& input) {
  const auto error = read_json(*operation_of(service, operation).input.shape, body, &input);
  if (error) {
    EXPECT_EQ(error->shape, &framework::serialization);
  }
  return error ? error->message : "";
}

std::string json_of(const Operation& operation, const void* output, bool omit_empty = true) {
  std::string out;
  append_json(out, *operation.output.shape, output, omit_empty);
  return out;
}

TEST(AwsJsonTest, a_request_becomes_its_struct) {
  sqs::SendMessageRequest request;
  ASSERT_EQ(read(sqs::service(), "SendMessage", R"({"QueueUrl":"http://h/1/q","MessageBody":"h\u00e4 \ud83d\ude00\r\n",
      "DelaySeconds":5,"MessageAttributes":{"b":{"DataType":"Binary","BinaryValue":"AAH/"},
      "n":{"DataType":"Number","StringValue":"1.5"}}})",
                 request),
            "");
  EXPECT_EQ(request.queue_url, "http://h/1/q");
  EXPECT_EQ(request.message_body, "hä \xF0\x9F\x98\x80\r\n");
  EXPECT_EQ(request.delay_seconds, 5);
  ASSERT_EQ(request.message_attributes->size(), 2);
  EXPECT_EQ(request.message_attributes->at("b").binary_value, std::string("\x00\x01\xff", 3));
  EXPECT_EQ(request.message_attributes->at("n").data_type, "Number");
  EXPECT_FALSE(request.message_group_id);
}

TEST(AwsJsonTest, null_is_absent_and_unknown_members_are_ignored) {
  sqs::SendMessageRequest request;
  ASSERT_EQ(read(sqs::service(), "SendMessage",
                 R"({"MessageBody":null,"DelaySeconds":null,"Unknown":{"a":[1,{"b":null}]},"queueurl":"x"})", request),
            "");
  EXPECT_FALSE(request.message_body);
  EXPECT_FALSE(request.delay_seconds);
  EXPECT_FALSE(request.queue_url);
}

TEST(AwsJsonTest, items_are_counted_over_all_lists_and_maps) {
  const auto entries = [](std::size_t count, std::string_view entry) {
    std::string body = R"({"Entries":[)";
    for (std::size_t i = 0; i < count; ++i) {
      body.append(i == 0 ? "" : ",").append(entry);
    }
    return body + "]}";
  };
  sqs::SendMessageBatchRequest request;
  EXPECT_EQ(read(sqs::service(), "SendMessageBatch", entries(request_items_max, "{}"), request), "");
  EXPECT_EQ(read(sqs::service(), "SendMessageBatch", entries(request_items_max + 1, "{}"), request),
            "The lists and maps of a request hold at most 20000 items (Entries[20000])");
  EXPECT_EQ(read(sqs::service(), "SendMessageBatch",
                 entries(request_items_max / 2 + 1, R"({"MessageAttributes":{"a":{}}})"), request),
            "The lists and maps of a request hold at most 20000 items (Entries[10000])");
}

TEST(AwsJsonTest, empty_and_absent_are_two_things) {
  sqs::ReceiveMessageRequest request;
  ASSERT_EQ(read(sqs::service(), "ReceiveMessage",
                 R"({"QueueUrl":"","AttributeNames":[],"MessageAttributeNames":["a",null,"b"]})", request),
            "");
  EXPECT_EQ(request.queue_url, "");
  ASSERT_TRUE(request.attribute_names);
  EXPECT_TRUE(request.attribute_names->empty());
  EXPECT_FALSE(request.message_system_attribute_names);
  EXPECT_EQ(request.message_attribute_names, (std::vector<std::string>{"a", "b"}));
}

struct Malformed {
  std::string_view body;
  std::string_view message;
};

TEST(AwsJsonTest, what_does_not_fit_is_a_serialization_error) {
  const Malformed rows[] = {
      {"", "The request body is empty; it must be a JSON object"},
      {"[]", "The request body must be a JSON object"},
      {"null", "The request body must be a JSON object"},
      {"\"text\"", "The request body must be a JSON object"},
      {R"({"DelaySeconds":"5"})", "STRING_VALUE can not be converted to an Integer (DelaySeconds)"},
      {R"({"DelaySeconds":1.5})", "DECIMAL_VALUE can not be converted to an Integer (DelaySeconds)"},
      {R"({"DelaySeconds":true})", "TRUE_VALUE can not be converted to an Integer (DelaySeconds)"},
      {R"({"DelaySeconds":2147483648})", "NUMBER_VALUE can not be converted to an Integer (DelaySeconds)"},
      {R"({"DelaySeconds":1e300})", "DECIMAL_VALUE can not be converted to an Integer (DelaySeconds)"},
      {R"({"DelaySeconds":18446744073709551615})", "NUMBER_VALUE can not be converted to an Integer (DelaySeconds)"},
      {R"({"MessageBody":5})", "NUMBER_VALUE can not be converted to a String (MessageBody)"},
      {R"({"MessageBody":{"a":1}})", "START_OBJECT can not be converted to a String (MessageBody)"},
      {R"({"MessageBody":["a"]})", "START_ARRAY can not be converted to a String (MessageBody)"},
      {R"({"MessageAttributes":[]})", "START_ARRAY can not be converted to a Map (MessageAttributes)"},
      {R"({"MessageAttributes":{"a":"b"}})", "STRING_VALUE can not be converted to a structure (MessageAttributes[a])"},
      {R"({"MessageAttributes":{"a":{"DataType":false}}})",
       "FALSE_VALUE can not be converted to a String (MessageAttributes[a].DataType)"},
      {R"({"MessageAttributes":{"a":{"BinaryValue":"*"}}})",
       "The value is not valid base64 (MessageAttributes[a].BinaryValue)"},
  };
  for (const Malformed& row : rows) {
    sqs::SendMessageRequest request;
    EXPECT_EQ(read(sqs::service(), "SendMessage", row.body, request), row.message) << row.body;
  }
}

TEST(AwsJsonTest, malformed_json_is_a_serialization_error) {
  const std::string deep = "{\"a\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
  for (const std::string_view body : {std::string_view("{"), std::string_view("{\"MessageBody\":\"a}"),
                                      std::string_view("{\"MessageBody\":\"\xC3\x28\"}"), std::string_view("{}{}"),
                                      std::string_view("{\"DelaySeconds\":05}"), std::string_view(deep),
                                      std::string_view("{\"MessageBody\":\"a\0b\"}", 21)}) {
    sqs::SendMessageRequest request;
    EXPECT_TRUE(
        read(sqs::service(), "SendMessage", body, request).starts_with("The request body is not well-formed JSON"))
        << body.substr(0, 40);
  }
}

TEST(AwsJsonTest, errors_in_lists_say_which_element) {
  sqs::SendMessageBatchRequest batch;
  EXPECT_EQ(
      read(sqs::service(), "SendMessageBatch", R"({"Entries":[{"Id":"a"},{"Id":"b","DelaySeconds":"1"}]})", batch),
      "STRING_VALUE can not be converted to an Integer (Entries[1].DelaySeconds)");
  sqs::ReceiveMessageRequest receive;
  EXPECT_EQ(read(sqs::service(), "ReceiveMessage", R"({"AttributeNames":["All",1]})", receive),
            "NUMBER_VALUE can not be converted to a String (AttributeNames[1])");
}

TEST(AwsJsonTest, whole_numbers_may_be_written_as_decimals) {
  sqs::SendMessageRequest request;
  EXPECT_EQ(read(sqs::service(), "SendMessage", R"({"DelaySeconds":3.0})", request), "");
  EXPECT_EQ(request.delay_seconds, 3);
}

TEST(AwsJsonTest, timestamps_are_seconds_or_text) {
  kinesis::GetShardIteratorInput request;
  EXPECT_EQ(read(kinesis::service(), "GetShardIterator", R"({"Timestamp":1700000000.123})", request), "");
  EXPECT_EQ(to_milliseconds(*request.timestamp), 1'700'000'000'123);
  EXPECT_EQ(read(kinesis::service(), "GetShardIterator", R"({"Timestamp":1700000000})", request), "");
  EXPECT_EQ(to_milliseconds(*request.timestamp), 1'700'000'000'000);
  EXPECT_EQ(read(kinesis::service(), "GetShardIterator", R"({"Timestamp":"2023-11-14T22:13:20.123Z"})", request), "");
  EXPECT_EQ(to_milliseconds(*request.timestamp), 1'700'000'000'123);
  for (const std::string_view body :
       {R"({"Timestamp":1e300})", R"({"Timestamp":"yesterday"})", R"({"Timestamp":{}})"}) {
    EXPECT_NE(read(kinesis::service(), "GetShardIterator", body, request), "") << body;
  }
}

TEST(AwsJsonTest, empty_collections_are_left_out_where_the_service_does) {
  const Operation& receive = operation_of(sqs::service(), "ReceiveMessage");
  sqs::ReceiveMessageResult result;
  EXPECT_EQ(json_of(receive, &result), "{}");
  result.messages.emplace();
  EXPECT_EQ(json_of(receive, &result), "{}");
  EXPECT_EQ(json_of(receive, &result, false), R"({"Messages":[]})");
  result.messages->push_back(
      {.message_id = "i", .body = "a\"\r\n", .attributes = std::map<std::string, std::string>()});
  EXPECT_EQ(json_of(receive, &result), R"({"Messages":[{"MessageId":"i","Body":"a\"\r\n"}]})");
}

TEST(AwsJsonTest, lower_case_members_keep_their_case) {
  sqs::ListDeadLetterSourceQueuesResult result{.queue_urls = std::vector<std::string>{"u"}, .next_token = std::nullopt};
  EXPECT_EQ(json_of(operation_of(sqs::service(), "ListDeadLetterSourceQueues"), &result), R"({"queueUrls":["u"]})");
  sqs::CreateQueueRequest request;
  ASSERT_EQ(read(sqs::service(), "CreateQueue", R"({"QueueName":"q","tags":{"a":""},"Tags":{"b":"c"}})", request), "");
  EXPECT_EQ(request.tags, (std::map<std::string, std::string>{{"a", ""}}));
}

TEST(AwsJsonTest, every_shape_of_every_json_service_comes_back_as_it_was) {
  for (const Service* service : all_services()) {
    if (service->protocol != Protocol::aws_json) {
      continue;
    }
    for (const Operation& operation : service->operations) {
      for (const Whole* whole : {&operation.input, &operation.output}) {
        if (whole->shape == nullptr) {
          continue;
        }
        const samples::Sample before(*whole);
        const samples::Sample after(*whole);
        samples::fill(*whole->shape, before.get());
        std::string first, second;
        append_json(first, *whole->shape, before.get(), false);
        const auto error = read_json(*whole->shape, first, after.get());
        ASSERT_FALSE(error) << operation.name << ": " << error->message;
        append_json(second, *whole->shape, after.get(), false);
        ASSERT_EQ(first, second) << operation.name;
      }
    }
  }
}

TEST(Iso8601Test, times_are_written_and_read) {
  std::string out;
  append_iso8601(out, from_milliseconds(1'700'000'000'007));
  EXPECT_EQ(out, "2023-11-14T22:13:20.007Z");
  out.clear();
  append_iso8601(out, from_milliseconds(-1000));
  EXPECT_EQ(out, "1969-12-31T23:59:59Z");
  EXPECT_EQ(to_milliseconds(*read_iso8601("2023-11-14T22:13:20.1234567Z")), 1'700'000'000'123);
  EXPECT_EQ(to_milliseconds(*read_iso8601("2000-02-29T00:00:00Z")), 951'782'400'000);
  for (const std::string_view text : {"", "Z", "2023", "2023-11-14", "2023-11-14T22:13:20", "2023-02-29T00:00:00Z",
                                      "2023-11-14T24:00:00Z", "2023-11-14T22:13:20.Z", "2023-11-14T22:13:20.1xZ",
                                      "2023-11-14 22:13:20Z", "-023-11-14T22:13:20Z", "2023-11-14T22:13:2Z"}) {
    EXPECT_FALSE(read_iso8601(text)) << text;
  }
}

}  // namespace
}  // namespace sluice::aws
