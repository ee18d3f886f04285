#include <fmt/format.h>

#include "doors/aws/cbor_walk.h"
#include "doors/aws/codec.h"
#include "wire/cbor.h"

// Two forms with the same bodies: AWS CBOR 1.1, in which the Java SDKs speak to Kinesis (X-Amz-Target names the
// operation), and Smithy RPC v2, in which current SDKs speak to CloudWatch (the path names it).
namespace sluice::aws {
namespace {

struct Manner {
  std::string_view content_type;
  std::string_view protocol;  ///< of the header smithy-protocol; empty: none
  CborTime time;
};
constexpr Manner aws_manner{"application/x-amz-cbor-1.1", "", CborTime::milliseconds};
constexpr Manner rpc_manner{"application/cbor", "rpc-v2-cbor", CborTime::seconds};

wire::HttpResponse response(const Manner& manner, std::uint16_t status) {
  wire::HttpResponse reply;
  reply.status = status;
  reply.add_header("Content-Type", manner.content_type);
  if (!manner.protocol.empty()) {
    reply.add_header("smithy-protocol", manner.protocol);
  }
  return reply;
}

template <const Manner& manner>
std::optional<ServiceError> decode(const Incoming& incoming, const Call& call, void* input) {
  return read_cbor(*call.operation->input.shape, incoming.request.body, input, manner.time);
}

template <const Manner& manner>
wire::HttpResponse encode(const Call& call, const void* output) {
  wire::HttpResponse reply = response(manner, call.operation->status);
  if (output == nullptr) {
    wire::append_cbor_map(reply.body, 0);
  } else {
    append_cbor(reply.body, *call.operation->output.shape, output, call.service->omit_empty, manner.time);
  }
  return reply;
}

template <const Manner& manner>
wire::HttpResponse refuse(const Call& call, const ServiceError& error) {
  const ErrorShape& shape = *error.shape;
  wire::HttpResponse reply = response(manner, shape.status);
  if (call.service == nullptr || call.service->query_too) {
    reply.add_header("x-amzn-query-error",
                     fmt::format("{};{}", shape.query_code, shape.sender ? "Sender" : "Receiver"));
  }
  wire::append_cbor_map(reply.body, 2);
  wire::append_cbor_text(reply.body, "__type");
  wire::append_cbor_text(reply.body, type_name_of(call, shape));
  wire::append_cbor_text(reply.body, "message");
  wire::append_cbor_text(reply.body, message_of(error, false));
  return reply;
}

}  // namespace

const Codec aws_cbor_codec{&decode<aws_manner>, &encode<aws_manner>, &refuse<aws_manner>};
const Codec rpc_cbor_codec{&decode<rpc_manner>, &encode<rpc_manner>, &refuse<rpc_manner>};

}  // namespace sluice::aws
