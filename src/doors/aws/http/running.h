#pragma once

#include <coroutine>
#include <exception>
#include <utility>

#include "base/task.h"
#include "wire/http1.h"

namespace sluice::aws::http {

struct Exchange;

/// The running answer to one request. Unlike sluice::start its owner may drop it while it waits; it tells its end when
/// nothing of it runs any more, so that whoever is told may drop it too.
class Running {
 public:
  struct promise_type {
    Exchange* exchange = nullptr;
    void (*ended)(Exchange&) = nullptr;

    Running get_return_object() { return Running(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    auto final_suspend() noexcept {
      struct Final {
        bool await_ready() noexcept { return false; }
        void await_suspend(std::coroutine_handle<promise_type> self) noexcept {
          const promise_type& promise = self.promise();
          promise.ended(*promise.exchange);  // may destroy self
        }
        void await_resume() noexcept {}
      };
      return Final{};
    }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };

  Running() = default;
  Running(Running&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Running& operator=(Running&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Running() { drop(); }

  explicit operator bool() const { return static_cast<bool>(handle_); }
  /// Runs until it waits or ends; then `ended(exchange)`.
  void go(Exchange& exchange, void (*ended)(Exchange&)) {
    handle_.promise().exchange = &exchange;
    handle_.promise().ended = ended;
    handle_.resume();
  }
  void drop() {
    if (handle_) {
      std::exchange(handle_, nullptr).destroy();
    }
  }

 private:
  explicit Running(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

}  // namespace sluice::aws::http
