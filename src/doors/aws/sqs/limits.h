#pragma once

#include <cstddef>
#include <cstdint>

/// Amazon SQS' quotas that more than one operation holds a request to ("Amazon SQS message quotas",
/// SetQueueAttributes).
namespace sluice::sqs {

inline constexpr std::int32_t visibility_seconds_max = 43'200;  ///< VisibilityTimeout, of queues and of calls
inline constexpr std::int32_t delay_seconds_max = 900;          ///< DelaySeconds, of queues and of messages
inline constexpr std::int32_t wait_seconds_max = 20;            ///< ReceiveMessageWaitTimeSeconds, WaitTimeSeconds
inline constexpr std::int32_t message_bytes_min = 1'024;        ///< MaximumMessageSize, at least
inline constexpr std::int32_t message_bytes_max = 1'048'576;    ///< MaximumMessageSize; a batch as a whole
inline constexpr std::int32_t move_rate_max = 500;              ///< StartMessageMoveTask: MaxNumberOfMessagesPerSecond

}  // namespace sluice::sqs
