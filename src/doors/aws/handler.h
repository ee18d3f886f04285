#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <utility>

#include "base/task.h"
#include "doors/aws/call.h"
#include "doors/aws/error.h"
#include "doors/aws/shape.h"

namespace sluice::aws {

/// One row of a service's table of handlers: an operation and the function that serves it. Made by `handle`.
struct Handler {
  /// Runs the function on `self`; fills `output` (made by the operation's table), or gives the error.
  using Run = Task<std::optional<ServiceError>> (*)(void* self, Call& call, const void* input, void* output);

  const Service& (*service)();
  std::size_t operation;  ///< index in the service's table
  Run run;
};

namespace detail {

template <class Function>
struct HandlerTraits;
template <class Self, class Input, class Output>
struct HandlerTraits<Task<Outcome<Output>> (Self::*)(Call&, const Input&)> {
  using Object = Self;
};
template <class Self, class Input, class Output>
struct HandlerTraits<Task<Outcome<Output>> (*)(Self&, Call&, const Input&)> {
  using Object = Self;
};

template <class Operation, auto function>
Task<std::optional<ServiceError>> run(void* self, Call& call, const void* input, void* output) {
  using Object = typename HandlerTraits<decltype(function)>::Object;
  Outcome<typename Operation::Output> outcome = co_await std::invoke(
      function, *static_cast<Object*>(self), call, *static_cast<const typename Operation::Input*>(input));
  if (!outcome) {
    co_return std::optional<ServiceError>(std::move(outcome.error()));
  }
  if (output != nullptr) {
    *static_cast<typename Operation::Output*>(output) = std::move(*outcome);
  }
  co_return std::nullopt;
}

}  // namespace detail

/// A row: `handle<operation::SendMessage, &Sqs::send_message>()`. The function is a member
/// `Task<Outcome<Output>> (Call&, const Input&)`, or a free one with the object as its first argument; input and output
/// must be the operation's, else this does not compile. Input and call live until the task ends.
template <class Operation, auto function>
constexpr Handler handle() {
  return {&Operation::service, Operation::index, &detail::run<Operation, function>};
}

}  // namespace sluice::aws
