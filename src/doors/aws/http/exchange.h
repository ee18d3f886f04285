#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "doors/aws/http/running.h"
#include "doors/aws/http/service.h"
#include "wire/http1_reader.h"

namespace sluice::aws::http {

class Front;
class Http1;

/// All that a request needs while it is read and answered. Idle connections have none; a core keeps some for reuse.
struct Exchange {
  explicit Exchange(const wire::HttpLimits& limits) : reader(limits) {}

  Front* front = nullptr;
  Http1* owner = nullptr;  ///< nullptr: the client is gone, the answer is dropped
  std::string input;       ///< from the first byte of the request under way; what follows it are later requests
  std::string inflated;    ///< the body, when it came compressed
  wire::HttpReader reader;
  wire::HttpRequest request;
  wire::HttpResponse response;
  Visit visit;
  Running running;
  bool fresh = true;                 ///< no deadline was set yet for the request under way
  std::size_t counted_bytes = 0;     ///< of ours in the core's gauge
  std::chrono::nanoseconds began{};  ///< when the answer began, where it is logged

  /// As new, but with the room it has.
  void clear() {
    running.drop();
    owner = nullptr;
    input.clear();
    inflated = {};
    response = {};
    visit = {};
    reader.reset();
    fresh = true;
    began = {};
  }
};

}  // namespace sluice::aws::http
