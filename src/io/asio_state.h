#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <utility>

#include "io/asio_loop.h"

// Inside io only: Asio's headers are heavy.
namespace sluice::io {

struct AsioLoop::State {
  // Sockets are touched by the loop's thread alone, so the reactor needs no locks for them; posting still has them.
  boost::asio::io_context context{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  boost::asio::steady_timer alarm{context};
  std::chrono::steady_clock::time_point armed_for = std::chrono::steady_clock::time_point::max();
  std::map<std::pair<std::chrono::steady_clock::time_point, TimerId>, Work> timers;
  std::map<TimerId, std::chrono::steady_clock::time_point> due;
  TimerId last_timer = 0;

  void arm();
  void ring();
};

}  // namespace sluice::io
