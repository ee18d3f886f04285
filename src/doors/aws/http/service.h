#pragma once

#include <coroutine>
#include <exception>
#include <string>
#include <utility>

#include "base/task.h"
#include "doors/aws/call.h"
#include "wire/http1.h"

namespace sluice::aws::http {

/// One request on its way: what the connection knows beside its bytes.
struct Visit {
  Call call;         ///< request_id, endpoint, trace_header are filled in
  std::string peer;  ///< "127.0.0.1:40312"
  bool secure = false;
  std::size_t buffered_bytes = 0;  ///< what this request takes of the process's buffers
};

/// Who answers requests, on one core.
class Service {
 public:
  virtual ~Service() = default;
  /// Request and visit live until the task has ended.
  virtual Task<wire::HttpResponse> answer(const wire::HttpRequest& request, Visit& visit) = 0;
  /// The client is gone, and the task waits for what `visit.call.ticket` names: after this it is never resumed.
  virtual void cancel(Visit& visit) = 0;
};

}  // namespace sluice::aws::http
