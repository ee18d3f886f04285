#include "doors/aws/query.h"

#include <gtest/gtest.h>

#include "doors/aws/samples.h"
#include "doors/aws/services.h"
#include "shapes/sns.h"
#include "shapes/sqs.h"

namespace sluice::aws {
namespace {

using Texts = std::map<std::string, std::string>;
using Strings = std::vector<std::string>;
using Messages = std::vector<sqs::Message>;

Call call_of(const Service& service, std::string_view operation) {
  Call call;
  call.request_id = "r-1";
  call.service = &service;
  call.operation = find_operation(service, operation);
  call.encoding = Encoding::query_xml;
  return call;
}

/// Decodes a form body into `input`; empty when it is well.
template <class Input>
std::string read(const Service& service, std::string_view operation, std::string_view form, Input& input,
                 std::string_view path = "/") {
  wire::HttpRequest request;
  request.path = path;
  std::vector<wire::FormField> fields;
  EXPECT_TRUE(wire::read_form(form, fields));
  const Call call = call_of(service, operation);
  const auto error = query_xml_codec.decode({request, fields}, call, &input);
  return error ? error->message : "";
}

template <class Output>
std::string xml(const Service& service, std::string_view operation, const Output& output) {
  return query_xml_codec.encode(call_of(service, operation), &output).body;
}

constexpr std::string_view prolog = "<?xml version=\"1.0\"?>";
constexpr std::string_view sqs_names = " xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"";
constexpr std::string_view metadata = "<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>";

std::string sqs_reply(std::string operation, std::string_view content) {
  return std::string(prolog)
      .append("<" + operation + "Response")
      .append(sqs_names)
      .append(">")
      .append(content)
      .append(metadata)
      .append("</" + operation + "Response>");
}

TEST(QueryTest, message_attributes_and_scalars_are_read) {
  sqs::SendMessageRequest request;
  ASSERT_EQ(
      read(
          sqs::service(), "SendMessage",
          "Action=SendMessage&QueueUrl=http%3A%2F%2Fh%2F1%2Fq&MessageBody=a+b%0D%0A&DelaySeconds=7"
          "&MessageAttribute.1.Name=n&MessageAttribute.1.Value.StringValue=1.5&MessageAttribute.1.Value.DataType=Number"
          "&MessageAttribute.2.Name=b&MessageAttribute.2.Value.BinaryValue=AAH%2F&MessageAttribute.2.Value.DataType="
          "Binary"
          "&MessageAttribute.2.Value.StringListValue.1=x"
          "&MessageSystemAttribute.1.Name=AWSTraceHeader&MessageSystemAttribute.1.Value.StringValue=Root%3D1"
          "&MessageSystemAttribute.1.Value.DataType=String",
          request),
      "");
  EXPECT_EQ(request.queue_url, "http://h/1/q");
  EXPECT_EQ(request.message_body, "a b\r\n");
  EXPECT_EQ(request.delay_seconds, 7);
  ASSERT_EQ(request.message_attributes->size(), 2);
  EXPECT_EQ(request.message_attributes->at("b").binary_value, std::string("\x00\x01\xff", 3));
  EXPECT_EQ(request.message_attributes->at("b").string_list_values, Strings{"x"});
  EXPECT_EQ(request.message_attributes->at("n").string_value, "1.5");
  EXPECT_EQ(request.message_system_attributes->at("AWSTraceHeader").string_value, "Root=1");
}

TEST(QueryTest, lists_take_the_order_of_their_numbers) {
  sqs::ReceiveMessageRequest request;
  ASSERT_EQ(read(sqs::service(), "ReceiveMessage",
                 "AttributeName.10=c&AttributeName.2=b&AttributeName.0=a&AttributeName.x=no&AttributeName.1000000=d"
                 "&AttributeNames.1=no&MessageSystemAttributeName.1=s&MessageAttributeName.7=.*",
                 request),
            "");
  EXPECT_EQ(request.attribute_names, (Strings{"a", "b", "c", "d"}));
  EXPECT_EQ(request.message_system_attribute_names, Strings{"s"});
  EXPECT_EQ(request.message_attribute_names, Strings{".*"});
}

TEST(QueryTest, names_that_only_begin_alike_are_kept_apart) {
  sqs::SendMessageBatchRequest request;
  ASSERT_EQ(read(sqs::service(), "SendMessageBatch",
                 "SendMessageBatchRequestEntry.1.Id=a&SendMessageBatchRequestEntry.1-x.Id=no&"
                 "SendMessageBatchRequestEntry.10.Id=c"
                 "&SendMessageBatchRequestEntry.1.MessageBody=A&SendMessageBatchRequestEntry.2.Id=b&"
                 "SendMessageBatchRequestEntry=no"
                 "&SendMessageBatchRequestEntry=no&SendMessageBatchRequestEntry.=no&SendMessageBatchRequestEntry..Id=no"
                 "&SendMessageBatchRequestEntry.2.MessageAttribute.1.Name=n&SendMessageBatchRequestEntry.2."
                 "MessageAttribute.1.Value.DataType=String",
                 request),
            "");
  ASSERT_EQ(request.entries->size(), 3);
  EXPECT_EQ(request.entries->at(0).id, "a");
  EXPECT_EQ(request.entries->at(0).message_body, "A");
  EXPECT_EQ(request.entries->at(1).id, "b");
  EXPECT_EQ(request.entries->at(1).message_attributes->at("n").data_type, "String");
  EXPECT_EQ(request.entries->at(2).id, "c");
}

TEST(QueryTest, old_clients_send_one_attribute_without_a_number) {
  sqs::SetQueueAttributesRequest set;
  ASSERT_EQ(read(sqs::service(), "SetQueueAttributes", "Attribute.Name=VisibilityTimeout&Attribute.Value=35", set), "");
  EXPECT_EQ(set.attributes, (Texts{{"VisibilityTimeout", "35"}}));
  sqs::GetQueueAttributesRequest get;
  ASSERT_EQ(read(sqs::service(), "GetQueueAttributes", "AttributeName=All", get), "");
  EXPECT_EQ(get.attribute_names, Strings{"All"});
}

TEST(QueryTest, an_empty_list_is_present) {
  sqs::GetQueueAttributesRequest request;
  ASSERT_EQ(read(sqs::service(), "GetQueueAttributes", "AttributeName=", request), "");
  ASSERT_TRUE(request.attribute_names);
  EXPECT_TRUE(request.attribute_names->empty());
}

TEST(QueryTest, attributes_and_tags_are_maps) {
  sqs::CreateQueueRequest request;
  ASSERT_EQ(read(sqs::service(), "CreateQueue",
                 "QueueName=q&Attribute.1.Name=A&Attribute.1.Value=1&Attribute.3.Name=B&Attribute.3.Value=&Tag.1.Key=k&"
                 "Tag.1.Value=v%26"
                 "&Attribute.4.Name=C",
                 request),
            "");
  EXPECT_EQ(request.attributes, (Texts{{"A", "1"}, {"B", ""}, {"C", ""}}));
  EXPECT_EQ(request.tags, (Texts{{"k", "v&"}}));
}

TEST(QueryTest, a_flattened_map_may_be_called_as_its_member) {
  sqs::TagQueueRequest request;
  ASSERT_EQ(read(sqs::service(), "TagQueue", "Tags.1.Key=k&Tags.1.Value=v", request), "");
  EXPECT_EQ(request.tags, (Texts{{"k", "v"}}));
  sqs::TagQueueRequest both;
  ASSERT_EQ(read(sqs::service(), "TagQueue", "Tags.1.Key=k&Tag.1.Key=t&Tag.1.Value=v", both), "");
  EXPECT_EQ(both.tags, (Texts{{"t", "v"}}));
}

TEST(QueryTest, the_path_stands_for_a_missing_queue_url) {
  sqs::SendMessageRequest request;
  ASSERT_EQ(read(sqs::service(), "SendMessage", "MessageBody=a", request, "/000000000000/my%2Dqueue"), "");
  EXPECT_EQ(request.queue_url, "/000000000000/my-queue");
  sqs::SendMessageRequest both;
  ASSERT_EQ(read(sqs::service(), "SendMessage", "QueueUrl=other", both, "/000000000000/q"), "");
  EXPECT_EQ(both.queue_url, "other");
  sqs::SendMessageRequest root;
  ASSERT_EQ(read(sqs::service(), "SendMessage", "MessageBody=a", root, "/"), "");
  EXPECT_FALSE(root.queue_url);
}

TEST(QueryTest, what_does_not_fit_is_malformed_input) {
  for (const std::string_view form :
       {"DelaySeconds=", "DelaySeconds=5x", "DelaySeconds=+5", "DelaySeconds=2147483648", "DelaySeconds=1.0",
        "MessageAttribute.1.Name=a&MessageAttribute.1.Value.BinaryValue=*"}) {
    sqs::SendMessageRequest request;
    EXPECT_NE(read(sqs::service(), "SendMessage", form, request), "") << form;
  }
  sqs::SendMessageRequest request;
  EXPECT_EQ(read(sqs::service(), "SendMessage", "DelaySeconds=five", request),
            "The value of parameter DelaySeconds must be an integer.");
}

TEST(QueryTest, sns_nests_its_lists_and_maps) {
  sns::PublishInput request;
  ASSERT_EQ(read(sns::service(), "Publish",
                 "TopicArn=t&MessageAttributes.entry.1.Name=a&MessageAttributes.entry.1.Value.DataType=String&"
                 "MessageAttributes.entry.1.Value.StringValue=b",
                 request),
            "");
  EXPECT_EQ(request.message_attributes->at("a").string_value, "b");
  sns::CreateTopicInput create;
  ASSERT_EQ(read(sns::service(), "CreateTopic",
                 "Name=n&Attributes.entry.1.key=k&Attributes.entry.1.value=v&Tags.member.1.Key=a&Tags.member.1.Value=b",
                 create),
            "");
  EXPECT_EQ(create.attributes, (Texts{{"k", "v"}}));
  EXPECT_EQ(create.tags->at(0).value, "b");
}

TEST(QueryTest, every_input_of_sqs_and_sns_is_read_as_an_sdk_sends_it) {
  for (const Service* service : {&sqs::service(), &sns::service()}) {
    for (const Operation& operation : service->operations) {
      const samples::Sample before(operation.input);
      const samples::Sample after(operation.input);
      samples::fill(*operation.input.shape, before.get());
      std::vector<wire::FormField> fields = samples::parameters_of(*operation.input.shape, before.get());
      wire::HttpRequest request;
      const auto error = query_xml_codec.decode({request, fields}, call_of(*service, operation.name), after.get());
      ASSERT_FALSE(error) << operation.name << ": " << error->message;
      std::string first, second;
      append_json(first, *operation.input.shape, before.get(), false);
      append_json(second, *operation.input.shape, after.get(), false);
      EXPECT_EQ(first, second) << operation.name;
    }
  }
}

TEST(QueryXmlTest, an_empty_receive_is_an_empty_result) {
  EXPECT_EQ(xml(sqs::service(), "ReceiveMessage", sqs::ReceiveMessageResult{}),
            sqs_reply("ReceiveMessage", "<ReceiveMessageResult/>"));
  EXPECT_EQ(xml(sqs::service(), "ReceiveMessage", sqs::ReceiveMessageResult{.messages = Messages{}}),
            sqs_reply("ReceiveMessage", "<ReceiveMessageResult/>"));
}

TEST(QueryXmlTest, an_operation_without_output_has_no_result) {
  const Call call = call_of(sqs::service(), "DeleteMessage");
  EXPECT_EQ(query_xml_codec.encode(call, nullptr).body, sqs_reply("DeleteMessage", ""));
}

TEST(QueryXmlTest, messages_are_flat_with_their_attributes) {
  sqs::Message message{.message_id = "i", .body = "a<\"\r\n"};
  message.attributes = Texts{{"SenderId", "me"}, {"SentTimestamp", "1"}};
  message.message_attributes.emplace();
  (*message.message_attributes)["b"] = {.binary_value = std::string("\x00\xff", 2), .data_type = "Binary"};
  EXPECT_EQ(
      xml(sqs::service(), "ReceiveMessage", sqs::ReceiveMessageResult{.messages = Messages{message, {}}}),
      sqs_reply(
          "ReceiveMessage",
          "<ReceiveMessageResult><Message><MessageId>i</MessageId><Body>a&lt;&quot;&#xD;\n</Body>"
          "<Attribute><Name>SenderId</Name><Value>me</Value></Attribute>"
          "<Attribute><Name>SentTimestamp</Name><Value>1</Value></Attribute>"
          "<MessageAttribute><Name>b</Name><Value><BinaryValue>AP8=</BinaryValue><DataType>Binary</DataType></Value>"
          "</MessageAttribute></Message><Message/></ReceiveMessageResult>"));
}

TEST(QueryXmlTest, batches_tags_and_urls_have_their_element_names) {
  sqs::SendMessageBatchResult batch;
  batch.successful.emplace().push_back({.id = "a"});
  batch.failed.emplace().push_back({.id = "b", .sender_fault = true, .code = "InvalidParameterValue"});
  EXPECT_EQ(
      xml(sqs::service(), "SendMessageBatch", batch),
      sqs_reply("SendMessageBatch",
                "<SendMessageBatchResult><SendMessageBatchResultEntry><Id>a</Id></SendMessageBatchResultEntry>"
                "<BatchResultErrorEntry><Id>b</Id><SenderFault>true</SenderFault><Code>InvalidParameterValue</Code>"
                "</BatchResultErrorEntry></SendMessageBatchResult>"));
  EXPECT_EQ(xml(sqs::service(), "ListQueueTags", sqs::ListQueueTagsResult{.tags = Texts{{"k", ""}}}),
            sqs_reply("ListQueueTags", "<ListQueueTagsResult><Tag><Key>k</Key><Value/></Tag></ListQueueTagsResult>"));
  EXPECT_EQ(
      xml(sqs::service(), "ListQueues", sqs::ListQueuesResult{.queue_urls = Strings{"u", "v"}}),
      sqs_reply("ListQueues", "<ListQueuesResult><QueueUrl>u</QueueUrl><QueueUrl>v</QueueUrl></ListQueuesResult>"));
  EXPECT_EQ(xml(sqs::service(), "ListDeadLetterSourceQueues",
                sqs::ListDeadLetterSourceQueuesResult{.queue_urls = Strings{"u"}}),
            sqs_reply("ListDeadLetterSourceQueues",
                      "<ListDeadLetterSourceQueuesResult><QueueUrl>u</QueueUrl></ListDeadLetterSourceQueuesResult>"));
}

TEST(QueryXmlTest, sns_lists_have_members_even_when_empty) {
  const std::string reply =
      xml(sns::service(), "ListTopics", sns::ListTopicsResponse{.topics = std::vector<sns::Topic>{{.topic_arn = "t"}}});
  EXPECT_EQ(reply,
            std::string(prolog) +
                "<ListTopicsResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><ListTopicsResult><Topics>"
                "<member><TopicArn>t</TopicArn></member></Topics></ListTopicsResult>" +
                std::string(metadata) + "</ListTopicsResponse>");
  EXPECT_NE(
      xml(sns::service(), "ListTopics", sns::ListTopicsResponse{.topics = std::vector<sns::Topic>{}}).find("<Topics/>"),
      std::string::npos);
  EXPECT_NE(xml(sns::service(), "GetTopicAttributes", sns::GetTopicAttributesResponse{.attributes = Texts{{"a", "b"}}})
                .find("<Attributes><entry><key>a</key><value>b</value></entry></Attributes>"),
            std::string::npos);
}

TEST(QueryXmlTest, an_error_says_code_type_and_text) {
  const Call call = call_of(sqs::service(), "SendMessage");
  const wire::HttpResponse reply = query_xml_codec.refuse(call, {&sqs::error::queue_does_not_exist});
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.header("content-type"), "text/xml");
  EXPECT_EQ(reply.body,
            std::string(prolog) +
                "<ErrorResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"><Error><Type>Sender</Type>"
                "<Code>AWS.SimpleQueueService.NonExistentQueue</Code><Message>The specified queue does not exist for "
                "this wsdl version."
                "</Message><Detail/></Error><RequestId>r-1</RequestId></ErrorResponse>");
  const wire::HttpResponse ours = query_xml_codec.refuse(call, {&framework::internal_failure, "a<b"});
  EXPECT_EQ(ours.status, 500);
  EXPECT_NE(ours.body.find("<Type>Receiver</Type><Code>InternalError</Code><Message>a&lt;b</Message>"),
            std::string::npos);
}

TEST(QueryJsonTest, the_same_tree_as_json) {
  const auto json = [](std::string_view operation, const auto& output) {
    return query_json_codec.encode(call_of(sqs::service(), operation), &output).body;
  };
  sqs::Message message{.body = "b\r"};
  message.attributes = Texts{{"SenderId", "me"}};
  EXPECT_EQ(json("ReceiveMessage", sqs::ReceiveMessageResult{.messages = Messages{message}}),
            R"({"ReceiveMessageResponse":{"ReceiveMessageResult":{"messages":[{"Body":"b\r",)"
            R"("Attributes":[{"Name":"SenderId","Value":"me"}]}]},)"
            R"("ResponseMetadata":{"RequestId":"r-1"}}})");
  EXPECT_EQ(
      json("ListQueues", sqs::ListQueuesResult{.queue_urls = Strings{"u"}}),
      R"({"ListQueuesResponse":{"ListQueuesResult":{"queueUrls":["u"]},"ResponseMetadata":{"RequestId":"r-1"}}})");
  EXPECT_EQ(query_json_codec.encode(call_of(sqs::service(), "DeleteQueue"), nullptr).body,
            R"({"DeleteQueueResponse":{"ResponseMetadata":{"RequestId":"r-1"}}})");
  const wire::HttpResponse refused = query_json_codec.refuse(call_of(sqs::service(), "DeleteMessage"),
                                                             {&sqs::error::receipt_handle_is_invalid, "\"h\""});
  EXPECT_EQ(refused.status, 404);
  EXPECT_EQ(refused.header("content-type"), "application/json");
  EXPECT_EQ(refused.body,
            R"({"Error":{"Code":"ReceiptHandleIsInvalid","Message":"\"h\"","Type":"Sender"},"RequestId":"r-1"})");
}

}  // namespace
}  // namespace sluice::aws
