#include "doors/aws/cbor_walk.h"

#include <gtest/gtest.h>

#include "doors/aws/bounds.h"
#include "doors/aws/codec.h"
#include "doors/aws/route.h"
#include "doors/aws/samples.h"
#include "doors/aws/services.h"
#include "shapes/cloudwatch.h"
#include "shapes/kinesis.h"
#include "wire/cbor.h"

namespace sluice::aws {
namespace {

std::string json_of(const Whole& whole, const void* value) {
  std::string out;
  append_json(out, *whole.shape, value, false);
  return out;
}

TEST(CborWalkTest, every_input_of_every_service_reads_back_as_it_was_written) {
  for (const Service* service : all_services()) {
    for (const Operation& operation : service->operations) {
      for (const CborTime time : {CborTime::milliseconds, CborTime::seconds}) {
        const samples::Sample written(operation.input), read(operation.input);
        samples::fill(*operation.input.shape, written.get());
        std::string bytes;
        append_cbor(bytes, *operation.input.shape, written.get(), false, time);
        const auto error = read_cbor(*operation.input.shape, bytes, read.get(), time);
        ASSERT_FALSE(error) << operation.name << ": " << error->message;
        EXPECT_EQ(json_of(operation.input, read.get()), json_of(operation.input, written.get())) << operation.name;
      }
    }
  }
}

const Whole& put_record() { return kinesis::service().operations[kinesis::operation::PutRecord::index].input; }

std::string problem_of(std::string_view bytes) {
  kinesis::PutRecordInput input;
  const auto error = read_cbor(*put_record().shape, bytes, &input, CborTime::milliseconds);
  return error ? error->message : "";
}

TEST(CborWalkTest, null_is_absent_and_unknown_members_are_ignored) {
  std::string bytes;
  wire::append_cbor_map(bytes, 3);
  wire::append_cbor_text(bytes, "PartitionKey");
  bytes.push_back('\xf6');
  wire::append_cbor_text(bytes, "Unknown");
  wire::append_cbor_array(bytes, 1);
  wire::append_cbor_number(bytes, 1.5);
  wire::append_cbor_text(bytes, "Data");
  wire::append_cbor_bytes(bytes, "x");
  kinesis::PutRecordInput input;
  EXPECT_FALSE(read_cbor(*put_record().shape, bytes, &input, CborTime::milliseconds));
  EXPECT_FALSE(input.partition_key);
  EXPECT_EQ(input.data, "x");
}

TEST(CborWalkTest, what_does_not_fit_is_told) {
  EXPECT_EQ(problem_of("\x80"), "PutRecordInput is not a structure");
  EXPECT_EQ(problem_of("\xa1"), "The request body is not well-formed CBOR");
  EXPECT_EQ(problem_of("\xa1\x64"
                       "Data"
                       "\x61x"),
            "Data is not a byte string");
  EXPECT_EQ(problem_of("\xa1\x01\x01\x01"), "More follows the request's map");
  EXPECT_EQ(problem_of(""), "");
  EXPECT_EQ(problem_of("\xbf\xff"), "");
  EXPECT_EQ(problem_of("\xbb\x7f\xff\xff\xff\xff\xff\xff\xff"), "The request body is not well-formed CBOR");
}

TEST(CborWalkTest, items_are_counted) {
  const auto problem_of_records = [](std::size_t count) {
    std::string bytes;
    wire::append_cbor_map(bytes, 1);
    wire::append_cbor_text(bytes, "Records");
    wire::append_cbor_array(bytes, count);
    bytes.append(count, '\xa0');
    kinesis::PutRecordsInput input;
    const Whole& whole = kinesis::service().operations[kinesis::operation::PutRecords::index].input;
    const auto error = read_cbor(*whole.shape, bytes, &input, CborTime::milliseconds);
    return error ? error->message : "";
  };
  EXPECT_EQ(problem_of_records(request_items_max), "");
  EXPECT_EQ(problem_of_records(request_items_max + 1), "The lists and maps of a request hold at most 20000 items");
}

TEST(CborWalkTest, the_path_of_smithy_rpc_names_the_operation) {
  wire::HttpRequest request;
  request.method = "POST";
  request.headers = {{"smithy-protocol", "rpc-v2-cbor"}};
  request.path = "/service/GraniteServiceVersion20100801/operation/ListMetrics";
  const Route found = route(request);
  ASSERT_NE(found.operation, nullptr);
  EXPECT_EQ(found.operation->name, "ListMetrics");
  EXPECT_EQ(found.encoding, Encoding::rpc_cbor);
  for (const auto* path : {"/", "/service/operation/", "/service//operation/X", "/operation/service/X",
                           "/service/Granite/operation/ListMetrics"}) {
    request.path = path;
    EXPECT_TRUE(route(request).error) << path;
  }
}

}  // namespace
}  // namespace sluice::aws
