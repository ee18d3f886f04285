#include <gtest/gtest.h>

#include <map>
#include <set>

#include "doors/aws/samples.h"
#include "doors/aws/services.h"
#include "shapes/kinesis.h"
#include "shapes/mq.h"
#include "shapes/sns.h"
#include "shapes/sqs.h"

namespace sluice::aws {
namespace {

const Member& member(const Whole& whole, std::string_view name) {
  for (const Member& each : whole.shape->members) {
    if (each.name == name) {
      return each;
    }
  }
  ADD_FAILURE() << whole.shape->name << " has no " << name;
  return whole.shape->members[0];
}

TEST(ShapesTest, the_pinned_models_have_these_operations) {
  std::map<std::string_view, std::size_t> counts;
  std::size_t sum = 0;
  for (const Service* service : all_services()) {
    counts[service->id] = service->operations.size();
    sum += service->operations.size();
  }
  const std::map<std::string_view, std::size_t> expected{{"sqs", 23},
                                                         {"sns", 42},
                                                         {"kinesis", 57},
                                                         {"firehose", 12},
                                                         {"kinesisanalytics", 20},
                                                         {"kinesisanalyticsv2", 41},
                                                         {"kinesisvideo", 32},
                                                         {"kinesis-video-archived-media", 6},
                                                         {"kinesis-video-media", 1},
                                                         {"kinesis-video-signaling", 2},
                                                         {"kinesis-video-webrtc-storage", 2},
                                                         {"mq", 25},
                                                         {"sts", 11},
                                                         {"cloudwatch", 59}};
  EXPECT_EQ(counts, expected);
  EXPECT_EQ(sum, 333);
}

TEST(ShapesTest, operations_are_found_by_name_and_by_index) {
  for (const Service* service : all_services()) {
    for (const Operation& operation : service->operations) {
      EXPECT_EQ(find_operation(*service, operation.name), &operation);
    }
    EXPECT_EQ(find_operation(*service, "NoSuchOperation"), nullptr);
    EXPECT_EQ(find_operation(*service, ""), nullptr);
  }
  EXPECT_EQ(sqs::service().operations[sqs::operation::SendMessage::index].name, "SendMessage");
  EXPECT_EQ(mq::service().operations[mq::operation::RebootBroker::index].name, "RebootBroker");
}

TEST(ShapesTest, every_input_and_output_can_be_made_filled_and_freed) {
  for (const Service* service : all_services()) {
    for (const Operation& operation : service->operations) {
      for (const Whole* whole : {&operation.input, &operation.output}) {
        if (whole->shape != nullptr) {
          const samples::Sample sample(*whole);
          samples::fill(*whole->shape, sample.get());
        }
      }
    }
  }
}

TEST(ShapesTest, offsets_are_those_of_the_members) {
  const Operation& operation = sqs::service().operations[sqs::operation::SendMessage::index];
  sqs::SendMessageRequest request;
  const Member& delay = member(operation.input, "DelaySeconds");
  *static_cast<std::int32_t*>(delay.shape->access->engage(reinterpret_cast<char*>(&request) + delay.offset)) = 7;
  EXPECT_EQ(request.delay_seconds, 7);
  EXPECT_FALSE(request.message_body);
}

TEST(ShapesTest, names_on_the_wire_need_no_escape) {
  std::set<std::string_view> odd;
  for (const Service* service : all_services()) {
    for (const Operation& operation : service->operations) {
      for (const Member& each : operation.input.shape->members) {
        if (each.wire_name.find_first_of("\"\\<>&\n") != std::string_view::npos) {
          odd.insert(each.wire_name);
        }
      }
    }
  }
  EXPECT_TRUE(odd.empty());
}

TEST(ShapesTest, every_flattened_collection_of_sqs_has_its_query_name) {
  for (const Operation& operation : sqs::service().operations) {
    for (const Whole* whole : {&operation.input, &operation.output}) {
      for (const Member& each : whole->shape != nullptr ? whole->shape->members : std::span<const Member>()) {
        const bool collection = each.shape->type == Type::list || each.shape->type == Type::map;
        EXPECT_EQ(collection, each.flattened) << operation.name << "." << each.name;
        EXPECT_NE(collection, each.query_name == each.name) << operation.name << "." << each.name;
      }
    }
  }
}

TEST(ShapesTest, sqs_speaks_query_by_the_overlay) {
  const auto& operations = sqs::service().operations;
  EXPECT_EQ(member(operations[sqs::operation::CreateQueue::index].input, "tags").query_name, "Tag");
  EXPECT_EQ(member(operations[sqs::operation::CreateQueue::index].input, "Attributes").shape->key_name, "Name");
  EXPECT_EQ(operations[sqs::operation::ReceiveMessage::index].result_wrapper, "ReceiveMessageResult");
  EXPECT_EQ(operations[sqs::operation::DeleteMessage::index].result_wrapper, "");
  EXPECT_TRUE(operations[sqs::operation::ListQueues::index].root_only);
  EXPECT_EQ(sqs::error::receipt_handle_is_invalid.status, 404);
  EXPECT_EQ(sqs::error::queue_name_exists.query_code, "QueueAlreadyExists");
}

TEST(ShapesTest, what_a_model_says_is_in_the_tables) {
  EXPECT_EQ(sns::error::not_found_exception.query_code, "NotFound");
  EXPECT_EQ(sns::error::not_found_exception.status, 404);
  EXPECT_FALSE(mq::error::internal_server_error_exception.sender);
  const Operation& put = kinesis::service().operations[kinesis::operation::PutRecord::index];
  EXPECT_FALSE(member(put.input, "PartitionKey").required);
  EXPECT_TRUE(member(put.input, "Data").required);
  EXPECT_EQ(member(put.input, "PartitionKey").shape->limits->maximum, 256);
  const Operation& create = mq::service().operations[mq::operation::CreateUser::index];
  EXPECT_EQ(create.path, "/v1/brokers/{broker-id}/users/{username}");
  EXPECT_EQ(member(create.input, "BrokerId").place, Place::path);
  EXPECT_EQ(member(create.input, "BrokerId").wire_name, "broker-id");
  EXPECT_EQ(member(create.input, "Password").wire_name, "password");
}

}  // namespace
}  // namespace sluice::aws
