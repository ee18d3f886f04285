#include "doors/aws/codec.h"

// AWS CBOR 1.1, the form in which the Java SDKs speak to Kinesis. No operation is served in it yet, so what stands here
// is the form of the refusal: a client that sent CBOR cannot read any other.
namespace sluice::aws {
namespace {

/// A text with its head (RFC 8949 §3: major type 3), up to 64 KiB.
void append_text(std::string& out, std::string_view text) {
  text = text.substr(0, 0xffff);
  out.push_back('\x79');  // the length follows in two bytes
  out.push_back(static_cast<char>(text.size() >> 8));
  out.push_back(static_cast<char>(text.size() & 0xff));
  out.append(text);
}

std::optional<ServiceError> decode(const Incoming&, const Call&, void*) {
  return ServiceError{&framework::not_implemented, "CBOR requests are not read yet."};
}

wire::HttpResponse refuse(const Call& call, const ServiceError& error) {
  wire::HttpResponse reply;
  reply.status = error.shape->status;
  reply.add_header("Content-Type", "application/x-amz-cbor-1.1");
  reply.body.push_back('\xa2');  // a map of two
  append_text(reply.body, "__type");
  append_text(reply.body, type_name_of(call, *error.shape));
  append_text(reply.body, "message");
  append_text(reply.body, message_of(error, false));
  return reply;
}

wire::HttpResponse encode(const Call& call, const void*) {
  return refuse(call, {&framework::not_implemented, "CBOR replies are not written yet."});
}

}  // namespace

const Codec aws_cbor_codec{&decode, &encode, &refuse};

}  // namespace sluice::aws
