#pragma once

#include <cstddef>

#include "base/time.h"
#include "wire/http1_reader.h"

namespace sluice::aws::http {

/// Every bound of the HTTP door, of one process.
struct Limits {
  wire::HttpLimits request;                     ///< head, target and body of one request
  std::size_t connections_max = 20'000;         ///< past it 503, and closed
  std::size_t buffered_bytes_max = 128U << 20;  ///< of requests and replies in memory; past it 503
  std::size_t pipelined_bytes_max = 64U << 10;  ///< read ahead on one connection while a request is under way
  std::size_t unsent_bytes_max = 64U << 10;     ///< of replies on one connection before its next request begins
  Milliseconds idle_time{120'000};              ///< between requests, and before the first
  Milliseconds head_time{20'000};               ///< from a request's first byte to the end of its head: 408
  Milliseconds body_time{20'000};               ///< for each `body_step_bytes` of the body: 408
  std::size_t body_step_bytes = 16U << 10;
  Milliseconds write_time{30'000};  ///< without any progress in sending: closed
  Milliseconds linger_time{2'000};  ///< an error's reader may still be sending: how long we listen
  Milliseconds stop_time{10'000};   ///< to finish what was accepted when the server stops
};

// What nobody needs to set.
inline constexpr std::size_t receive_bytes = 64U << 10;          ///< per recv; one such buffer per core
inline constexpr std::size_t kept_buffer_bytes_max = 32U << 10;  ///< a buffer larger than this is not kept for reuse
inline constexpr std::size_t kept_exchanges_max = 256;           ///< per core, for reuse
inline constexpr Milliseconds sweep_time{500};                   ///< between two looks at who is late

}  // namespace sluice::aws::http
