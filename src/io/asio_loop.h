#pragma once

#include <memory>

#include "io/loop.h"

namespace sluice::io {

/// A Loop over Boost.Asio (epoll). `run` is called by the thread that becomes its thread.
class AsioLoop final : public Loop {
 public:
  AsioLoop();
  ~AsioLoop() override;
  AsioLoop(const AsioLoop&) = delete;
  AsioLoop& operator=(const AsioLoop&) = delete;

  void post(Work work) override;
  TimerId after(Milliseconds delay, Work work) override;
  void cancel(TimerId timer) override;

  /// Until `stop`.
  void run();
  /// From any thread. What is posted later does not run.
  void stop();

  struct State;
  State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

}  // namespace sluice::io
