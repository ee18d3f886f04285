#pragma once

#include <cstdint>
#include <expected>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "base/token_bucket.h"
#include "doors/aws/sqs/actions.h"
#include "doors/aws/sqs/names.h"

namespace sluice::sqs {

/// So many calls a second of one action to one queue. A call that brings ten messages is one call.
struct CallLimit {
  std::string queue;   ///< name of the queue; one '*' stands for any characters
  std::string action;  ///< "SendMessage", which SendMessageBatch is too; "*": each by itself
  std::uint32_t calls_per_second = 0;
};

/// "QUEUE:ACTION=NUMBER"; the error is a sentence for the user.
std::expected<CallLimit, std::string> parse_call_limit(std::string_view text);

/// Who calls a queue too often: the operator's limits, and AWS's on FIFO queues. Of the whole process; any thread.
class Throttle {
 public:
  static constexpr std::size_t queues_max = 10'000;                 ///< remembered; more begin anew
  static constexpr Milliseconds settings_hold{5'000};               ///< how long what `learn` told is taken for true
  static constexpr std::uint32_t calls_per_second_max = 1'000'000;  ///< of a limit

  /// Of several limits that name a queue and action the first counts. `as_aws`: also the figures of "Amazon SQS message
  /// quotas", where they are lower.
  Throttle(std::vector<CallLimit> limits, bool as_aws) : limits_(std::move(limits)), as_aws_(as_aws) {}

  struct Standing {
    bool allowed = true;
    bool asks = false;  ///< the limit depends on the queue's settings: `learn` wants to be told, when there is time
  };
  /// One call; what is not allowed is not counted.
  Standing take(const QueueName& queue, const Action& action, Time now);
  /// Is the FIFO queue in high throughput mode? Until it is told, the usual figure counts.
  void learn(const std::string& arn, bool high_throughput);

 private:
  struct Limited {
    const Action* action;
    bool unlimited;
    TokenBucket bucket;
  };
  struct Queue {
    bool high_throughput = false;
    Time asked_at{};
    std::vector<Limited> actions;  ///< those that were called
  };

  std::uint32_t calls_per_second(const QueueName& queue, const Action& action, bool high_throughput) const;
  Queue& find(const std::string& arn, Time now);

  std::vector<CallLimit> limits_;
  bool as_aws_;
  std::mutex mutex_;
  std::unordered_map<std::string, Queue> queues_;
};

}  // namespace sluice::sqs
