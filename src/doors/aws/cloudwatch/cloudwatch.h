#pragma once

#include <span>

#include "base/task.h"
#include "doors/aws/call.h"
#include "doors/aws/cloudwatch/history.h"
#include "doors/aws/handler.h"
#include "node/node.h"
#include "shapes/cloudwatch.h"

namespace sluice::cloudwatch {

namespace api = aws::cloudwatch;

/// The metrics of SQS, as CloudWatch answers for them. One per core, on that core's thread.
class CloudWatch {
 public:
  CloudWatch(node::Gate& gate, History& history, std::size_t queues_max)
      : gate_(gate), history_(history), queues_max_(queues_max) {}

  Task<aws::Outcome<api::ListMetricsOutput>> list_metrics(aws::Call& call, const api::ListMetricsInput& request);
  Task<aws::Outcome<api::GetMetricStatisticsOutput>> get_metric_statistics(
      aws::Call& call, const api::GetMetricStatisticsInput& request);
  Task<aws::Outcome<api::GetMetricDataOutput>> get_metric_data(aws::Call& call, const api::GetMetricDataInput& request);

 private:
  node::Gate& gate_;
  History& history_;
  const std::size_t queues_max_;
};

/// The rows for aws::Door::serve.
std::span<const aws::Handler> handlers();

}  // namespace sluice::cloudwatch
