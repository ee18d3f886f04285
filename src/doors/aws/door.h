#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/task.h"
#include "doors/aws/call.h"
#include "doors/aws/error.h"
#include "doors/aws/handler.h"
#include "wire/http1.h"

namespace sluice::aws {

/// Says who calls: fills account, region and principal of the call, whose service and operation are known by then
/// (service may be null), or gives the error.
using Authorize = std::function<std::optional<ServiceError>(const wire::HttpRequest& request, Call& call)>;

/// Stands between the door and its handlers: may delay a call, refuse it, or change what goes in and comes out.
class Interposer {
 public:
  virtual ~Interposer() = default;
  /// There is nothing to do now: handlers are run without it.
  virtual bool idle() const = 0;
  /// In place of `next` on `object`, which is the handler.
  virtual Task<std::optional<ServiceError>> run(Handler::Run next, void* object, Call& call, void* input,
                                                void* output) = 0;
};

/// The door of all AWS services on one core: request in, answer out. Finds service and operation, asks `authorize`,
/// decodes by the operation's tables, runs the handler, encodes. An operation without a handler answers NotImplemented.
class Door {
 public:
  explicit Door(Authorize authorize);
  ~Door();

  /// Takes a table of handlers of one service, all run on `object`, which outlives the door. Before the first answer.
  template <class Object>
  void serve(Object& object, std::span<const Handler> handlers) {
    add(&object, handlers);
  }

  /// Before the first answer; it outlives the door.
  void interpose(Interposer& interposer) { interposer_ = &interposer; }

  /// The answer to one request; never fails otherwise. Request and call must live until the task ends; destroying the
  /// task before that drops the call.
  Task<wire::HttpResponse> answer(const wire::HttpRequest& request, Call& call);

  /// The answer for an error met before or around `answer` (in the form the request asks for).
  wire::HttpResponse refuse(const wire::HttpRequest& request, Call& call, const ServiceError& error);

  /// One line a service: "SQS 18 of 23", served and known operations, in the order of all_services().
  std::vector<std::string> coverage() const;

 private:
  struct Bound {
    Handler::Run run = nullptr;
    void* object = nullptr;
  };
  void add(void* object, std::span<const Handler> handlers);
  Bound& bound(const Service& service, std::size_t operation);

  Authorize authorize_;
  Interposer* interposer_ = nullptr;
  std::vector<std::vector<Bound>> bound_;  ///< by place in all_services(), then operation
};

}  // namespace sluice::aws
