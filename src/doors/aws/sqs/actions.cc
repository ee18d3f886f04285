#include "doors/aws/sqs/actions.h"

#include <algorithm>

namespace sluice::sqs {
namespace {

constexpr bool owner_only = false;
constexpr bool shared = true;

// "Amazon SQS API permissions: Actions and resource reference"; "Cross-account permissions don't apply to the following
// actions". By name.
constexpr Action actions[] = {
    {"AddPermission", "sqs:AddPermission", owner_only},
    {"CancelMessageMoveTask", "sqs:CancelMessageMoveTask", owner_only},
    {"ChangeMessageVisibility", "sqs:ChangeMessageVisibility", shared},
    {"CreateQueue", "sqs:CreateQueue", owner_only},
    {"DeleteMessage", "sqs:DeleteMessage", shared},
    {"DeleteQueue", "sqs:DeleteQueue", owner_only},
    {"GetQueueAttributes", "sqs:GetQueueAttributes", shared},
    {"GetQueueUrl", "sqs:GetQueueUrl", shared},
    {"ListDeadLetterSourceQueues", "sqs:ListDeadLetterSourceQueues", shared},
    {"ListMessageMoveTasks", "sqs:ListMessageMoveTasks", owner_only},
    {"ListQueueTags", "sqs:ListQueueTags", owner_only},
    {"ListQueues", "sqs:ListQueues", owner_only},
    {"PurgeQueue", "sqs:PurgeQueue", shared},
    {"ReceiveMessage", "sqs:ReceiveMessage", shared},
    {"RemovePermission", "sqs:RemovePermission", owner_only},
    {"SendMessage", "sqs:SendMessage", shared},
    {"SetQueueAttributes", "sqs:SetQueueAttributes", owner_only},
    {"StartMessageMoveTask", "sqs:StartMessageMoveTask", owner_only},
    {"TagQueue", "sqs:TagQueue", owner_only},
    {"UntagQueue", "sqs:UntagQueue", owner_only},
};
static_assert(std::ranges::is_sorted(actions, {}, &Action::name));

constexpr std::string_view batch_suffix = "Batch";

}  // namespace

const Action* find_action(std::string_view operation) {
  if (operation.ends_with(batch_suffix)) {
    operation.remove_suffix(batch_suffix.size());
  }
  const auto found = std::ranges::lower_bound(actions, operation, {}, &Action::name);
  return found != std::end(actions) && found->name == operation ? found : nullptr;
}

}  // namespace sluice::sqs
