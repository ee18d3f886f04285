#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "doors/aws/call.h"
#include "doors/aws/iam/decision.h"
#include "doors/aws/sqs/errors.h"
#include "doors/aws/sqs/names.h"
#include "machines/machine.h"

/// Who may do what to a queue, in two steps: what can be told without the queue comes first, and what its policy says
/// goes with the command as a proviso, to where the policy is. docs/decisions/access.md.
namespace sluice::sqs {

/// Which operation is asked for, on which queue. Empty: the call's own.
struct Wish {
  const QueueName& queue;
  std::string_view operation{};
};

/// Why it must not be done, whatever the queue's policy says. `by_queue`: the most that its policy can say; `nothing`
/// where there may be no queue yet.
std::optional<ServiceError> forbidden(const aws::Call& call, const Wish& wish,
                                      iam::Verdict by_queue = iam::Verdict::allowed);

/// What a command that carries it out demands of the queue's policy; nullptr where policies do not count.
std::shared_ptr<const machines::Proviso> proviso_of(const aws::Call& call, const Wish& wish);

}  // namespace sluice::sqs
