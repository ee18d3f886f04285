#include "io/asio_loop.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include "io/asio_state.h"

namespace sluice::io {

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

}  // namespace sluice::io
