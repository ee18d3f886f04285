#include "doors/aws/sqs/access.h"

#include <string>
#include <unordered_map>
#include <utility>

#include "base/check.h"
#include "doors/aws/iam/gatekeeper.h"
#include "doors/aws/shape.h"
#include "doors/aws/sqs/actions.h"
#include "doors/aws/sqs/queue_policy.h"

namespace sluice::sqs {
namespace {

constexpr std::size_t kept_policies_max = 256;  // read documents, per core

/// A queue's policy, read. Documents are kept by their text, so that one that many requests ask is read once a core.
/// Null: it cannot be read (it was set before policies were checked), and then nobody is let in by it.
std::shared_ptr<const iam::Policy> policy_of(const std::string& text) {
  thread_local std::unordered_map<std::string, std::shared_ptr<const iam::Policy>> kept;
  if (const auto found = kept.find(text); found != kept.end()) {
    return found->second;
  }
  auto read = iam::parse_policy(text, iam::Attached::to_resource, policy_bounds);
  auto policy = read ? std::make_shared<const iam::Policy>(*std::move(read)) : nullptr;
  if (kept.size() >= kept_policies_max) {
    kept.clear();
  }
  kept.emplace(text, policy);
  return policy;
}

const Action& action_of(const aws::Call& call, const Wish& wish) {
  const bool own = wish.operation.empty();
  check(!own || call.operation != nullptr, "a call that policies count for has an operation");
  const Action* action = find_action(own ? call.operation->name : wish.operation);
  check(action != nullptr, "each operation of SQS is an action of policies");
  return *action;
}

/// The usual case, told without any text: nothing but a queue's policy could stop them.
bool may_do_all(const iam::Identity& who, const QueueName& queue) {
  return !who.restricted && who.account == queue.account;
}

/// The queue's policy must let the caller.
class AllowedByPolicy final : public machines::Proviso {
 public:
  AllowedByPolicy(std::shared_ptr<const iam::Caller> caller, const Action& action, const QueueName& queue)
      : caller_(std::move(caller)), action_(action), queue_(queue) {}

  std::optional<Refusal> refusal(const machines::Labels& labels) const override {
    const auto text = labels.find(label_name());
    if (text == labels.end() && may_do_all(*caller_->who, queue_)) {
      return std::nullopt;
    }
    const std::string arn = queue_.arn();
    const iam::Request request{*caller_->who, caller_->circumstances, action_.policy, arn};
    iam::Verdict by_queue = iam::Verdict::nothing;
    if (text != labels.end()) {
      if (const auto policy = policy_of(text->second)) {
        by_queue = iam::judge_resource(*policy, request);
      }
    }
    const iam::Decision decision = iam::decide(*caller_->who, queue_.account, iam::judge_identity(request), by_queue);
    std::optional<std::string> words = caller_->refusal(decision, request);
    return words ? std::optional(refusal_of(access_denied(*std::move(words)))) : std::nullopt;
  }

 private:
  static const std::string& label_name() {
    static const std::string name(policy_attribute);
    return name;
  }

  std::shared_ptr<const iam::Caller> caller_;
  const Action& action_;
  QueueName queue_;
};

}  // namespace

std::optional<ServiceError> forbidden(const aws::Call& call, const Wish& wish, iam::Verdict by_queue) {
  if (call.caller == nullptr || may_do_all(*call.caller->who, wish.queue)) {
    return std::nullopt;
  }
  const iam::Caller& caller = *call.caller;
  const Action& action = action_of(call, wish);
  const bool own = caller.who->account == wish.queue.account;
  const std::string arn = wish.queue.arn();
  const iam::Request request{*caller.who, caller.circumstances, action.policy, arn};
  const iam::Decision decision = iam::decide(*caller.who, wish.queue.account, iam::judge_identity(request),
                                             own || action.shared ? by_queue : iam::Verdict::nothing);
  if (auto words = caller.refusal(decision, request)) {
    return access_denied(*std::move(words));
  }
  return std::nullopt;
}

std::shared_ptr<const machines::Proviso> proviso_of(const aws::Call& call, const Wish& wish) {
  return call.caller == nullptr ? nullptr
                                : std::make_shared<AllowedByPolicy>(call.caller, action_of(call, wish), wish.queue);
}

}  // namespace sluice::sqs
