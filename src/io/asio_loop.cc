#include "io/asio_loop.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>

#include "base/check.h"
#include "io/asio_state.h"

namespace sluice::io {
namespace {
constexpr int events_per_wake = 256;  // so that sockets do not keep posted work and timers waiting
}

using std::chrono::steady_clock;

AsioLoop::AsioLoop() : state_(std::make_unique<State>()) {}
AsioLoop::~AsioLoop() = default;

void AsioLoop::post(Work work) { boost::asio::post(state_->context, std::move(work)); }

void AsioLoop::run() {
  const auto guard = boost::asio::make_work_guard(state_->context);
  state_->context.run();
}

void AsioLoop::stop() { state_->context.stop(); }

TimerId AsioLoop::after(Milliseconds delay, Work work) {
  const TimerId id = ++state_->last_timer;
  const auto when = steady_clock::now() + delay;
  state_->timers.emplace(std::pair(when, id), std::move(work));
  state_->due.emplace(id, when);
  state_->arm();
  return id;
}

void AsioLoop::cancel(TimerId timer) {
  const auto found = state_->due.find(timer);
  if (found != state_->due.end()) {
    state_->timers.erase({found->second, timer});
    state_->due.erase(found);
  }
}

// One alarm for all timers, set to the earliest. It is not moved back when that one is cancelled: ringing early is
// cheap.
void AsioLoop::State::arm() {
  if (timers.empty() || timers.begin()->first.first >= armed_for) {
    return;
  }
  armed_for = timers.begin()->first.first;
  alarm.expires_at(armed_for);
  alarm.async_wait([this](const boost::system::error_code& error) {
    if (!error) {
      ring();
    }
  });
}

void AsioLoop::State::ring() {
  armed_for = steady_clock::time_point::max();
  const auto now = steady_clock::now();
  while (!timers.empty() && timers.begin()->first.first <= now) {
    auto spent = timers.extract(timers.begin());
    due.erase(spent.key().second);
    spent.mapped()();
  }
  arm();
}

void AsioLoop::State::add_socket(int socket, void* subject, TakeEvent take) {
  take_event = take;
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = subject;
  const bool added = epoll_ctl(sockets.native_handle(), EPOLL_CTL_ADD, socket, &event) == 0;
  check(added || errno == ENOMEM || errno == ENOSPC, "a new socket can be watched");
}

void AsioLoop::State::forget(std::shared_ptr<void> subject) {
  if (telling) {
    forgotten.push_back(std::move(subject));
  }
}

void AsioLoop::State::wait_for_sockets() {
  sockets.async_wait(boost::asio::posix::descriptor_base::wait_read, [this](const boost::system::error_code& error) {
    if (!error) {
      tell_sockets();
    }
  });
}

void AsioLoop::State::tell_sockets() {
  epoll_event events[events_per_wake];
  const int count = epoll_wait(sockets.native_handle(), events, events_per_wake, 0);
  telling = true;
  for (int i = 0; i < count; ++i) {
    take_event(events[i].data.ptr, events[i].events);
  }
  telling = false;
  forgotten.clear();
  wait_for_sockets();  // which comes at once when there are more
}

}  // namespace sluice::io
