#pragma once

#include <vector>

#include "doors/aws/door.h"
#include "doors/aws/sqs/sqs.h"

namespace sluice::sqs {

/// Serves SQS as `sqs` does, but a request to a queue of the caller's own account that is not there makes it first,
/// with the usual attributes; `.fifo` names as FIFO. Only DeleteQueue makes none. One per core.
class AutoCreate {
 public:
  /// `sqs` outlives it.
  explicit AutoCreate(Sqs& sqs);
  /// Takes all operations at the door, which it outlives.
  void serve(aws::Door& door);

 private:
  struct Row {
    Sqs* sqs;
    aws::Handler handler;
  };
  static Task<std::optional<ServiceError>> run(void* row, aws::Call& call, const void* input, void* output);

  std::vector<Row> rows_;
};

}  // namespace sluice::sqs
