#include "doors/aws/cbor_walk.h"
#include "round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice;
  constexpr aws::CborTime time = aws::CborTime::milliseconds;
  check_round_trip(
      data, size,
      [](const aws::Shape& shape, std::string_view body, void* into) {
        return !aws::read_cbor(shape, body, into, time);
      },
      [](std::string& out, const aws::Shape& shape, const void* value) {
        aws::append_cbor(out, shape, value, false, time);
      });
  return 0;
}
