#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "doors/aws/cbor_walk.h"
#include "doors/aws/services.h"

// CBOR: the first two bytes choose a service and an operation, the rest is the body. What is read must be written so
// that it reads back as the same.
namespace {

using namespace sluice;

std::string written(const aws::Whole& whole, const void* value) {
  std::string out;
  aws::append_cbor(out, *whole.shape, value, false, aws::CborTime::milliseconds);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  const aws::Service& service = *aws::all_services()[data[0] % aws::all_services().size()];
  const aws::Whole& input = service.operations[data[1] % service.operations.size()].input;
  const std::string_view body(reinterpret_cast<const char*>(data) + 2, size - 2);
  void* first = input.make();
  void* second = input.make();
  if (!aws::read_cbor(*input.shape, body, first, aws::CborTime::milliseconds)) {
    const std::string once = written(input, first);
    check(!aws::read_cbor(*input.shape, once, second, aws::CborTime::milliseconds), "what was written can be read");
    check(written(input, second) == once, "what was read again is the same");
  }
  input.destroy(first);
  input.destroy(second);
  return 0;
}
