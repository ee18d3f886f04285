#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "doors/aws/services.h"

namespace sluice {

/// One input for a reader of API shapes: the first two bytes choose a service and an operation, the rest is the body.
/// What `read` takes (it gives true) must be written by `write` so that it reads back as the same.
template <class Read, class Write>
void check_round_trip(const std::uint8_t* data, std::size_t size, Read read, Write write) {
  if (size < 2) {
    return;
  }
  const aws::Service& service = *aws::all_services()[data[0] % aws::all_services().size()];
  const aws::Whole& input = service.operations[data[1] % service.operations.size()].input;
  void* first = input.make();
  void* second = input.make();
  if (read(*input.shape, std::string_view(reinterpret_cast<const char*>(data) + 2, size - 2), first)) {
    std::string once, twice;
    write(once, *input.shape, first);
    check(read(*input.shape, once, second), "what was written can be read");
    write(twice, *input.shape, second);
    check(twice == once, "what was read again is the same");
  }
  input.destroy(first);
  input.destroy(second);
}

}  // namespace sluice
