#include <cstddef>
#include <cstdint>
#include <string_view>

#include "doors/aws/codec.h"
#include "doors/aws/route.h"

// Query: the input is a form body, sent to the path of a queue or to the root as its first byte says. Routed, read into
// the operation's input, and refused in both renderings.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice;
  if (size < 1) {
    return 0;
  }
  wire::HttpRequest request;
  request.method = "POST";
  request.path = data[0] % 2 == 0 ? "/" : "/000000000000/%71ueue";
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  request.body = std::string_view(reinterpret_cast<const char*>(data) + 1, size - 1);
  aws::Route route = aws::route(request);
  aws::Call call;
  call.service = route.service;
  call.operation = route.operation;
  call.encoding = route.encoding;
  if (route.error) {
    aws::codec_of(route.encoding).refuse(call, *route.error);
    return 0;
  }
  const aws::Whole& input = route.operation->input;
  void* value = input.make();
  if (const auto error = aws::codec_of(route.encoding).decode({request, route.parameters}, call, value)) {
    aws::query_xml_codec.refuse(call, *error);
    aws::query_json_codec.refuse(call, *error);
  }
  input.destroy(value);
  return 0;
}
