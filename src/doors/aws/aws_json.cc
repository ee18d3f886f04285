#include <fmt/format.h>

#include "doors/aws/codec.h"
#include "wire/json.h"

// AWS JSON 1.0 and 1.1: the whole input and output are JSON objects; X-Amz-Target names the operation.
namespace sluice::aws {
namespace {

/// What a reply holds beside what its input made it hold; saves growing the string several times.
constexpr std::size_t usual_reply_bytes = 512;

wire::HttpResponse response(const Call& call, std::uint16_t status) {
  wire::HttpResponse reply;
  reply.status = status;
  const bool newer = call.service != nullptr && call.service->json_version == "1.1";
  reply.header_lines =
      newer ? "Content-Type: application/x-amz-json-1.1\r\n" : "Content-Type: application/x-amz-json-1.0\r\n";
  return reply;
}

std::optional<ServiceError> decode(const Incoming& incoming, const Call& call, void* input) {
  return read_json(*call.operation->input.shape, incoming.request.body, input);
}

wire::HttpResponse encode(const Call& call, const void* output) {
  wire::HttpResponse reply = response(call, call.operation->status);
  if (output == nullptr) {
    reply.body = "{}";
    return reply;
  }
  reply.body.reserve(usual_reply_bytes);
  append_json(reply.body, *call.operation->output.shape, output, call.service->omit_empty);
  return reply;
}

wire::HttpResponse refuse(const Call& call, const ServiceError& error) {
  const ErrorShape& shape = *error.shape;
  wire::HttpResponse reply = response(call, shape.status);
  // Services that once spoke Query say their old code too: SDKs show it to their users, and some fail without it.
  if (call.service == nullptr || call.service->query_too) {
    reply.add_header("x-amzn-query-error",
                     fmt::format("{};{}", shape.query_code, shape.sender ? "Sender" : "Receiver"));
  }
  reply.body = fmt::format(R"({{"__type":"{}","message":)", type_name_of(call, shape));
  wire::append_json_string(reply.body, message_of(error, false));
  reply.body.push_back('}');
  return reply;
}

}  // namespace

const Codec aws_json_codec{&decode, &encode, &refuse};

}  // namespace sluice::aws
