#include "doors/aws/route.h"

#include <gtest/gtest.h>

#include <set>

#include "doors/aws/services.h"
#include "shapes/sqs.h"

namespace sluice::aws {
namespace {

constexpr std::string_view form = "application/x-www-form-urlencoded";

std::string authorization(std::string_view service) {
  return "AWS4-HMAC-SHA256 Credential=KEY/20230101/us-east-1/" + std::string(service) +
         "/aws4_request, SignedHeaders=host, Signature=00";
}

wire::HttpRequest request(std::string_view method, std::string_view path, std::string_view query = "",
                          std::vector<wire::HttpHeader> headers = {}, std::string_view body = "") {
  wire::HttpRequest made;
  made.method = method;
  made.path = path;
  made.query = query;
  made.headers = std::move(headers);
  made.body = body;
  return made;
}

/// "sqs SendMessage", or the error's shape and text.
std::string where(const wire::HttpRequest& request) {
  const Route found = route(request);
  if (found.error) {
    return std::string(found.error->shape->shape) + ": " + found.error->message;
  }
  return std::string(found.service->id) + " " + std::string(found.operation->name);
}

std::string target(std::string_view name) {
  return where(request("POST", "/any", "", {{"Content-Type", "application/x-amz-json-1.0"}, {"x-amz-target", name}}));
}

TEST(RouteTest, the_target_names_service_and_operation) {
  EXPECT_EQ(target("AmazonSQS.SendMessage"), "sqs SendMessage");
  EXPECT_EQ(target("Kinesis_20131202.PutRecord"), "kinesis PutRecord");
  EXPECT_EQ(target("KinesisAnalytics_20150814.CreateApplication"), "kinesisanalytics CreateApplication");
  EXPECT_EQ(target("KinesisAnalytics_20180523.CreateApplication"), "kinesisanalyticsv2 CreateApplication");
  EXPECT_EQ(where(request("POST", "/", "", {{"X-Amz-Target", "Firehose_20150804.PutRecord"}})), "firehose PutRecord");
}

TEST(RouteTest, an_unknown_target_is_an_unknown_operation) {
  for (const std::string_view name :
       {"AmazonSQS.Nothing", "AmazonSQS.", "AmazonSQS", "Nobody.SendMessage", ".", "AmazonSQS.sendmessage"}) {
    EXPECT_TRUE(target(name).starts_with("UnknownOperationException")) << name;
  }
  EXPECT_TRUE(where(request("POST", "/", "", {{"Content-Type", "Application/X-Amz-Json-1.0; charset=utf-8"}}, "{}"))
                  .starts_with("UnknownOperationException"));
}

TEST(RouteTest, without_a_target_the_scope_names_the_service_of_the_error) {
  const std::string signed_by = authorization("kinesis");
  const Route found =
      route(request("POST", "/", "", {{"Content-Type", "application/x-amz-json-1.1"}, {"Authorization", signed_by}}));
  ASSERT_TRUE(found.error);
  EXPECT_EQ(found.service->id, "kinesis");
}

TEST(RouteTest, action_and_version_name_them_in_query) {
  const auto posted = [](std::string_view body) {
    return where(request("POST", "/", "", {{"Content-Type", form}}, body));
  };
  EXPECT_EQ(posted("Action=SendMessage&Version=2012-11-05"), "sqs SendMessage");
  EXPECT_EQ(posted("Action=SendMessage"), "sqs SendMessage");
  EXPECT_EQ(posted("Action=Publish&Version=2010-03-31"), "sns Publish");
  EXPECT_EQ(posted("Action=Publish"), "sns Publish");
  EXPECT_EQ(posted("Action=AddPermission&Version=2010-03-31"), "sns AddPermission");
  EXPECT_EQ(posted("Action=AddPermission&Version=2009-02-01"), "sqs AddPermission");
  EXPECT_EQ(posted("Action=AddPermission"), "sqs AddPermission");
  EXPECT_EQ(where(request("GET", "/", "Action=ListQueues")), "sqs ListQueues");
  EXPECT_EQ(where(request("POST", "/", "Action=ListQueues", {{"Content-Type", form}}, "")), "sqs ListQueues");
}

TEST(RouteTest, the_scope_goes_before_the_version) {
  const std::string signed_by = authorization("sns");
  EXPECT_EQ(where(request("GET", "/", "Action=AddPermission", {{"Authorization", signed_by}})), "sns AddPermission");
  EXPECT_EQ(where(request(
                "GET", "/",
                "Action=AddPermission&X-Amz-Credential=KEY%2F20230101%2Fus-east-1%2Fsns%2Faws4_request&X-Amz-Date=x")),
            "sns AddPermission");
}

TEST(RouteTest, an_unknown_action_says_so_in_the_service_s_words) {
  EXPECT_EQ(where(request("GET", "/", "Action=Dance&Version=2012-11-05")),
            "UnknownOperationException: The action Dance is not valid for this endpoint.");
  EXPECT_EQ(where(request("GET", "/", "Action=%7B%7D&Version=2010-03-31")),
            "UnknownOperationException: The action {} is not valid for this web service.");
}

TEST(RouteTest, some_actions_are_not_for_a_queue_s_path) {
  for (const std::string action : {"CreateQueue", "ListQueues"}) {
    EXPECT_EQ(where(request("GET", "/000000000000/q", "Action=" + action)),
              "UnknownOperationException: The action " + action + " is not valid for this endpoint.");
  }
  EXPECT_EQ(where(request("GET", "/000000000000/q", "Action=GetQueueUrl")), "sqs GetQueueUrl");
}

TEST(RouteTest, malformed_parameters_are_refused) {
  EXPECT_TRUE(
      where(request("POST", "/", "", {{"Content-Type", form}}, "Action=%zz")).starts_with("MalformedQueryString"));
  EXPECT_TRUE(where(request("GET", "/", "Action=%ff")).starts_with("MalformedQueryString"));
}

TEST(RouteTest, a_path_that_is_nobody_s_is_not_found) {
  for (const auto& made :
       {request("GET", "/000000000000/queue"), request("GET", "/"), request("PUT", "/", "Action=SendMessage"),
        request("POST", "/", "", {{"Content-Type", form}}, "Version=2012-11-05"), request("GET", "/v1/brokers/")}) {
    const Route found = route(made);
    ASSERT_TRUE(found.error);
    EXPECT_EQ(found.error->shape, &framework::unknown_path);
    EXPECT_EQ(found.encoding, Encoding::query_xml);
  }
}

TEST(RouteTest, method_and_path_name_them_in_rest) {
  EXPECT_EQ(where(request("POST", "/createStream")), "kinesisvideo CreateStream");
  EXPECT_EQ(where(request("POST", "/TagResource")), "kinesisvideo TagResource");
  EXPECT_EQ(where(request("POST", "/v1/get-ice-server-config")), "kinesis-video-signaling GetIceServerConfig");
  EXPECT_EQ(where(request("POST", "/getMedia")), "kinesis-video-media GetMedia");
  EXPECT_EQ(where(request("GET", "/v1/brokers", "maxResults=5")), "mq ListBrokers");
  EXPECT_EQ(where(request("POST", "/v1/brokers")), "mq CreateBroker");
  EXPECT_EQ(where(request("DELETE", "/v1/brokers/b-1/users/ann%2Fe")), "mq DeleteUser");
  EXPECT_EQ(where(request("GET", "/v1/configurations/c/revisions/3")), "mq DescribeConfigurationRevision");
  const std::string signed_by = authorization("mq");
  const Route found = route(request("PATCH", "/v1/brokers", "", {{"Authorization", signed_by}}));
  ASSERT_TRUE(found.error);
  EXPECT_EQ(found.encoding, Encoding::rest_json);
}

TEST(RouteTest, every_operation_of_every_service_is_reached) {
  std::set<std::string> seen;
  for (const Service* service : all_services()) {
    for (const Operation& operation : service->operations) {
      const std::string scope = authorization(service->signing_name);
      std::vector<wire::HttpHeader> headers{{"Authorization", scope}};
      std::string name, query;
      if (service->protocol == Protocol::aws_json) {
        name = std::string(service->target_prefix) + "." + std::string(operation.name);
        headers.push_back({"X-Amz-Target", name});
      } else if (service->protocol == Protocol::query) {
        query = "Action=" + std::string(operation.name) + "&Version=" + std::string(service->versions[0]);
      }
      const std::string_view method = query.empty() ? operation.method : "GET";
      EXPECT_EQ(where(request(method, operation.path, query, headers)),
                std::string(service->id) + " " + std::string(operation.name));
      seen.insert(std::string(service->id) + std::string(operation.name));
    }
  }
  EXPECT_EQ(seen.size(), 333);
}

TEST(RouteTest, a_template_s_label_is_one_segment) {
  EXPECT_TRUE(path_matches("/v1/tags/{resource-arn}", "/v1/tags/arn%3Aaws"));
  EXPECT_FALSE(path_matches("/v1/tags/{resource-arn}", "/v1/tags/"));
  EXPECT_FALSE(path_matches("/v1/tags/{resource-arn}", "/v1/tags/a/b"));
  EXPECT_FALSE(path_matches("/v1/tags/{resource-arn}", "/v1/tags"));
  EXPECT_FALSE(path_matches("/v1/tags", "/v1/tags/a"));
  EXPECT_TRUE(path_matches("/", "/"));
}

TEST(RouteTest, malformed_credentials_have_no_scope) {
  for (const std::string_view value : {"", "Credential=", "Credential=a", "Credential=/", "AWS4 Credential=a/b"}) {
    EXPECT_TRUE(scope_service(request("POST", "/", "", {{"Authorization", value}})).size() <= 1) << value;
  }
  const std::string good = authorization("sqs");
  EXPECT_EQ(scope_service(request("POST", "/", "", {{"Authorization", good}})), "sqs");
}

}  // namespace
}  // namespace sluice::aws
