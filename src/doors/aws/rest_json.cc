#include "doors/aws/codec.h"
#include "wire/json.h"

// REST JSON: method and path name the operation. No operation of such a service is served yet, so what stands here is
// the form of the refusal; decode and encode come with the first handler (members have their place in the tables).
namespace sluice::aws {
namespace {

std::optional<ServiceError> decode(const Incoming&, const Call&, void*) {
  return ServiceError{&framework::not_implemented, "REST JSON requests are not read yet."};
}

wire::HttpResponse refuse(const Call&, const ServiceError& error) {
  wire::HttpResponse reply;
  reply.status = error.shape->status;
  reply.add_header("Content-Type", "application/json");
  reply.add_header("x-amzn-ErrorType", error.shape->shape);
  reply.body = "{\"message\":";
  wire::append_json_string(reply.body, message_of(error, false));
  reply.body.push_back('}');
  return reply;
}

wire::HttpResponse encode(const Call& call, const void*) {
  return refuse(call, {&framework::not_implemented, "REST JSON replies are not written yet."});
}

}  // namespace

const Codec rest_json_codec{&decode, &encode, &refuse};

}  // namespace sluice::aws
