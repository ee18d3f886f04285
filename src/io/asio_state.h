#pragma once

#include <sys/epoll.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

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

  // All connections stand in one epoll of their own, entered once, and Asio watches that: a wake costs Asio's system
  // calls once, however many sockets are ready, where each of its own watches costs one.
  using TakeEvent = void (*)(void* subject, std::uint32_t events);
  boost::asio::posix::stream_descriptor sockets{context, epoll_create1(EPOLL_CLOEXEC)};
  TakeEvent take_event = nullptr;
  bool telling = false;
  std::vector<std::shared_ptr<void>> forgotten;  // while events may name them

  State() { wait_for_sockets(); }
  void arm();
  void ring();
  // Edge-triggered, for everything, until the socket is closed.
  void add_socket(int socket, void* subject, TakeEvent take);
  // The socket is closed; its subject lives until no event can name it.
  void forget(std::shared_ptr<void> subject);
  void wait_for_sockets();
  void tell_sockets();
};

}  // namespace sluice::io
