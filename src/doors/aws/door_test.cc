#include "doors/aws/door.h"

#include <gtest/gtest.h>

#include "doors/aws/services.h"
#include "shapes/kinesis.h"
#include "shapes/mq.h"
#include "shapes/sqs.h"

namespace sluice::aws {
namespace {

/// A queue service of three operations, each in another way.
struct Queues {
  Task<Outcome<sqs::GetQueueUrlResult>> get_queue_url(Call& call, const sqs::GetQueueUrlRequest& request) {
    if (!request.queue_name) {
      co_return fail(framework::missing_parameter, "The request must contain the parameter QueueName.");
    }
    if (request.queue_name != "known") {
      co_return fail(sqs::error::queue_does_not_exist);
    }
    co_return sqs::GetQueueUrlResult{.queue_url = call.endpoint + "/" + call.account + "/known"};
  }
  Task<Outcome<Nothing>> delete_queue(Call&, const sqs::DeleteQueueRequest& request) {
    deleted = request.queue_url.value_or("");
    co_return Nothing{};
  }
  std::string deleted;
};

Task<Outcome<sqs::ReceiveMessageResult>> receive_message(Queues&, Call&, const sqs::ReceiveMessageRequest&) {
  co_return fail(sqs::error::over_limit, "enough");
}

constexpr Handler handlers[] = {handle<sqs::operation::GetQueueUrl, &Queues::get_queue_url>(),
                                handle<sqs::operation::DeleteQueue, &Queues::delete_queue>(),
                                handle<sqs::operation::ReceiveMessage, &receive_message>()};

class DoorTest : public testing::Test {
 protected:
  DoorTest() { door.serve(queues, handlers); }

  wire::HttpResponse ask(std::string_view method, std::string_view path, std::string_view query,
                         std::vector<wire::HttpHeader> headers, std::string_view body = "") {
    wire::HttpRequest request;
    request.method = method;
    request.path = path;
    request.query = query;
    request.headers = std::move(headers);
    request.body = body;
    call = Call();
    call.request_id = "r-1";
    call.endpoint = "http://h:1";
    std::optional<wire::HttpResponse> reply;
    start(door.answer(request, call), [&](wire::HttpResponse got) { reply = std::move(got); });
    return reply.value();
  }
  wire::HttpResponse json(std::string_view target, std::string_view body) {
    return ask("POST", "/", "", {{"X-Amz-Target", target}, {"Content-Type", "application/x-amz-json-1.0"}}, body);
  }

  std::optional<ServiceError> refusal;
  Queues queues;
  Call call;
  Door door{[this](const wire::HttpRequest&, Call& asked) {
    asked.account = "000000000000";
    return refusal;
  }};
};

TEST_F(DoorTest, a_json_call_goes_through_and_home) {
  const wire::HttpResponse reply = json("AmazonSQS.GetQueueUrl", R"({"QueueName":"known"})");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("Content-Type"), "application/x-amz-json-1.0");
  EXPECT_EQ(reply.body, R"({"QueueUrl":"http://h:1/000000000000/known"})");
  EXPECT_EQ(call.operation->name, "GetQueueUrl");
}

TEST_F(DoorTest, an_operation_without_output_answers_an_empty_object) {
  EXPECT_EQ(json("AmazonSQS.DeleteQueue", R"({"QueueUrl":"u"})").body, "{}");
  EXPECT_EQ(queues.deleted, "u");
}

TEST_F(DoorTest, an_error_says_shape_text_and_query_code) {
  const wire::HttpResponse reply = json("AmazonSQS.GetQueueUrl", R"({"QueueName":"x"})");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.header("x-amzn-query-error"), "AWS.SimpleQueueService.NonExistentQueue;Sender");
  EXPECT_EQ(reply.body,
            R"({"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."})");
}

TEST_F(DoorTest, an_error_of_the_frame_has_the_frame_s_namespace) {
  EXPECT_EQ(json("AmazonSQS.GetQueueUrl", "{}").body,
            R"({"__type":"com.amazon.coral.service#MissingRequiredParameterException",)"
            R"("message":"The request must contain the parameter QueueName."})");
  const wire::HttpResponse malformed = json("AmazonSQS.GetQueueUrl", "[");
  EXPECT_EQ(malformed.status, 400);
  EXPECT_EQ(malformed.header("x-amzn-query-error"), "MalformedInput;Sender");
  EXPECT_TRUE(malformed.body.starts_with(R"({"__type":"com.amazon.coral.service#SerializationException")"));
  EXPECT_EQ(json("AmazonSQS.Dance", "{}").header("x-amzn-query-error"), "InvalidAction;Sender");
}

TEST_F(DoorTest, the_same_handler_answers_query) {
  const wire::HttpResponse reply = ask("GET", "/", "Action=GetQueueUrl&QueueName=known", {});
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("Content-Type"), "text/xml");
  EXPECT_NE(
      reply.body.find("<GetQueueUrlResult><QueueUrl>http://h:1/000000000000/known</QueueUrl></GetQueueUrlResult>"),
      std::string::npos);
  EXPECT_EQ(ask("GET", "/1/q", "Action=DeleteQueue", {}).status, 200);
  EXPECT_EQ(queues.deleted, "/1/q");
  EXPECT_EQ(ask("GET", "/", "Action=GetQueueUrl&QueueName=known", {{"Accept", "application/json"}}).body,
            R"({"GetQueueUrlResponse":{"GetQueueUrlResult":{"QueueUrl":"http://h:1/000000000000/known"},)"
            R"("ResponseMetadata":{"RequestId":"r-1"}}})");
}

TEST_F(DoorTest, a_free_function_may_handle_an_operation) {
  const wire::HttpResponse reply = json("AmazonSQS.ReceiveMessage", "{}");
  EXPECT_EQ(reply.status, 403);
  EXPECT_EQ(reply.header("x-amzn-query-error"), "OverLimit;Sender");
}

TEST_F(DoorTest, what_has_no_handler_is_not_implemented_in_its_own_form) {
  const wire::HttpResponse sqs_json = json("AmazonSQS.StartMessageMoveTask", "{}");
  EXPECT_EQ(sqs_json.status, 501);
  EXPECT_EQ(sqs_json.header("x-amzn-query-error"), "NotImplemented;Receiver");
  EXPECT_EQ(sqs_json.body,
            R"({"__type":"com.amazon.coral.service#NotImplemented",)"
            R"("message":"The operation StartMessageMoveTask of SQS is not implemented by this server."})");

  const wire::HttpResponse kinesis = json("Kinesis_20131202.PutRecord", "{}");
  EXPECT_EQ(kinesis.status, 501);
  EXPECT_EQ(kinesis.header("Content-Type"), "application/x-amz-json-1.1");
  EXPECT_EQ(kinesis.header("x-amzn-query-error"), "");

  const wire::HttpResponse sns = ask("GET", "/", "Action=Publish", {});
  EXPECT_EQ(sns.status, 501);
  EXPECT_NE(
      sns.body.find(
          "<ErrorResponse "
          "xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Receiver</Type><Code>NotImplemented</Code>"
          "<Message>The operation Publish of SNS"),
      std::string::npos);

  const wire::HttpResponse mq = ask("GET", "/v1/brokers", "", {});
  EXPECT_EQ(mq.status, 501);
  EXPECT_EQ(mq.header("x-amzn-ErrorType"), "NotImplemented");
  EXPECT_EQ(mq.body, R"({"message":"The operation ListBrokers of Amazon MQ is not implemented by this server."})");

  const wire::HttpResponse cbor =
      ask("POST", "/", "",
          {{"X-Amz-Target", "Kinesis_20131202.PutRecord"}, {"Content-Type", "application/x-amz-cbor-1.1"}});
  EXPECT_EQ(cbor.status, 501);
  EXPECT_TRUE(cbor.body.starts_with("\xa2\x66__type"));
}

TEST_F(DoorTest, every_operation_of_every_service_answers) {
  for (const Service* service : all_services()) {
    for (const Operation& operation : service->operations) {
      const std::string target = std::string(service->target_prefix) + "." + std::string(operation.name);
      const std::string query = "Action=" + std::string(operation.name);
      const wire::HttpResponse reply = service->protocol == Protocol::aws_json ? json(target, "{}")
                                       : service->protocol == Protocol::query
                                           ? ask("GET", "/", query, {})
                                           : ask(operation.method, operation.path, "", {});
      const bool served = service == &sqs::service();
      EXPECT_TRUE(reply.status == 501 || served) << target;
      EXPECT_FALSE(reply.body.empty());
    }
  }
}

TEST_F(DoorTest, who_is_not_allowed_is_refused_before_the_body_is_read) {
  refusal = ServiceError{&framework::access_denied, "no"};
  EXPECT_EQ(json("AmazonSQS.GetQueueUrl", "[").header("x-amzn-query-error"), "AccessDenied;Sender");
  EXPECT_EQ(json("AmazonSQS.GetQueueUrl", "[").status, 403);
}

TEST_F(DoorTest, a_queue_s_page_does_not_exist) {
  const wire::HttpResponse reply = ask("GET", "/000000000000/q", "", {{"Accept", "application/json"}});
  EXPECT_EQ(reply.status, 404);
  EXPECT_NE(reply.body.find("<UnknownOperationException"), std::string::npos);
}

TEST_F(DoorTest, an_error_around_the_door_is_said_in_the_request_s_form) {
  wire::HttpRequest request;
  request.headers = {{"X-Amz-Target", "AmazonSQS.SendMessage"}};
  EXPECT_EQ(door.refuse(request, call, {&framework::service_unavailable}).header("x-amzn-query-error"),
            "ServiceUnavailable;Receiver");
}

TEST_F(DoorTest, coverage_counts_what_is_served) {
  const std::vector<std::string> lines = door.coverage();
  ASSERT_EQ(lines.size(), all_services().size());
  EXPECT_EQ(lines[0], "SQS 3 of 23");
  EXPECT_EQ(lines[1], "SNS 0 of 42");
  EXPECT_EQ(lines[11], "Amazon MQ 0 of 25");
}

}  // namespace
}  // namespace sluice::aws
