#include "doors/aws/codec.h"
#include "round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice;
  check_round_trip(
      data, size,
      [](const aws::Shape& shape, std::string_view body, void* into) { return !aws::read_json(shape, body, into); },
      [](std::string& out, const aws::Shape& shape, const void* value) { aws::append_json(out, shape, value, false); });
  return 0;
}
