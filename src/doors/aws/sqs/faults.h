#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "doors/aws/door.h"
#include "io/loop.h"
#include "shapes/sqs.h"

namespace sluice::sqs {

/// How often something goes wrong with the calls to one queue; shares of 1.
struct FaultRates {
  std::uint64_t seed = 0;
  Milliseconds latency{0};  ///< before each call is served
  double errors_5xx = 0;    ///< of calls: InternalFailure or ServiceUnavailable, and nothing done
  double throttling = 0;    ///< of calls: RequestThrottled, and nothing done
  double duplicates = 0;    ///< of messages given out: given out once more, also when deleted; not of FIFO queues
  double partial_batch_failures = 0;  ///< of a batch's entries: failed with InternalError, and not done
  std::vector<std::pair<const aws::ErrorShape*, double>> errors{};  ///< of calls: any error of SQS, and nothing done
};

/// Switches with which users see how their programs bear what AWS may do to them. Of the whole process; any thread.
class Faults {
 public:
  static constexpr std::size_t queues_max = 1'000;
  static constexpr std::size_t duplicates_kept_max = 100;  ///< a queue

  /// All calls are left alone: the one thing asked while nothing is set.
  bool none() const { return count_.load(std::memory_order_relaxed) == 0; }

  /// The draws begin anew with the seed. False: too many queues.
  bool set(const std::string& arn, const FaultRates& rates);
  void remove(const std::string& arn);
  void clear();
  std::optional<FaultRates> find(const std::string& arn) const;

  /// What happens to one call.
  struct Draw {
    Milliseconds latency{0};
    const aws::ErrorShape* error = nullptr;
  };
  std::optional<Draw> draw(const std::string& arn);
  bool fails_entry(const std::string& arn);
  /// Remembers some of these messages, to be given out once more.
  void received(const std::string& arn, const std::vector<aws::sqs::Message>& messages);
  /// Up to so many of those.
  std::vector<aws::sqs::Message> again(const std::string& arn, std::size_t count_max);

 private:
  struct Queue {
    FaultRates rates;
    Random random;
    std::deque<aws::sqs::Message> duplicates;
  };

  mutable std::mutex mutex_;
  std::map<std::string, Queue> queues_;
  std::atomic<std::size_t> count_{0};
};

/// Does to the calls of one core what the switches say. On that core's thread.
class Disturbance final : public aws::Interposer {
 public:
  /// Both outlive it.
  Disturbance(Faults& faults, io::Loop& loop) : faults_(faults), loop_(loop) {}

  bool idle() const override { return faults_.none(); }
  Task<std::optional<aws::ServiceError>> run(aws::Handler::Run next, void* object, aws::Call& call, void* input,
                                             void* output) override;

 private:
  Faults& faults_;
  io::Loop& loop_;
};

}  // namespace sluice::sqs
