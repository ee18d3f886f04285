#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

#include "io/loop.h"

namespace sluice::io {

/// A Worker with a thread of its own. Ending it first runs what was submitted.
class ThreadWorker final : public Worker {
 public:
  /// `name` is what the system's tools show, at most 15 letters.
  explicit ThreadWorker(std::string name);
  ~ThreadWorker() override;
  void submit(Work job) override;

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable woken_;
  std::deque<Work> jobs_;
  bool ending_ = false;
  std::string name_;
  std::thread thread_;
};

}  // namespace sluice::io
