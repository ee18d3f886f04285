// AddPermission and RemovePermission: statements of the queue's policy.
#include "doors/aws/sqs/queue_attributes.h"
#include "doors/aws/sqs/queue_policy.h"
#include "doors/aws/sqs/sqs.h"

namespace sluice::sqs {
namespace {

constexpr int attempts_max = 8;  // each lost to somebody who changed the policy in between

/// The policy is still the one that the new one was made from.
class PolicyUnchanged final : public machines::Proviso {
 public:
  explicit PolicyUnchanged(std::string policy) : policy_(std::move(policy)) {}
  std::optional<Refusal> refusal(const machines::Labels& labels) const override {
    const auto found = labels.find(std::string(policy_attribute));
    const std::string_view present = found == labels.end() ? std::string_view() : std::string_view(found->second);
    return present == policy_ ? std::nullopt : std::optional(Refusal{Reason::proviso_fails, {}});
  }

 private:
  std::string policy_;
};

}  // namespace

Task<std::optional<ServiceError>> Sqs::edit_policy(aws::Call& call, const std::optional<std::string>& url,
                                                   const PolicyEdit& edit) {
  const auto queue = admit(call, url);
  if (!queue) {
    co_return queue.error();
  }
  for (int attempt = 0; attempt < attempts_max; ++attempt) {
    const auto described = reply_as<queue::Description>(co_await describe(call, *queue));
    if (!described) {
      co_return described.error();
    }
    std::string present(label((*described)->settings, policy_attribute));
    auto edited = edit(present, *queue);
    if (!edited) {
      co_return std::move(edited.error());
    }
    auto command = std::make_unique<queue::Configure>();
    command->settings.labels[std::string(policy_attribute)] =
        edited->empty() ? std::nullopt : std::optional(*std::move(edited));
    command->proviso = std::make_shared<PolicyUnchanged>(std::move(present));
    node::Answer answer = co_await ask(call, *queue, std::move(command));
    if (answer || answer.error().reason != Reason::proviso_fails) {
      const auto reply = reply_as<queue::Description>(std::move(answer));
      co_return reply ? std::nullopt : std::optional(reply.error());
    }
  }
  co_return ServiceError{&aws::framework::service_unavailable};
}

Task<aws::Outcome<aws::Nothing>> Sqs::add_permission(aws::Call& call, const api::AddPermissionRequest& request) {
  static const std::vector<std::string> none;
  const Permission permission{request.label.value_or(""), request.aws_account_ids ? *request.aws_account_ids : none,
                              request.actions ? *request.actions : none};
  const PolicyEdit edit = [&](std::string_view policy, const QueueName& queue) {
    auto wrong = check_permission(permission);
    return wrong ? std::expected<std::string, ServiceError>(std::unexpected(*std::move(wrong)))
                 : with_permission(policy, queue, permission);
  };
  if (auto error = co_await edit_policy(call, request.queue_url, edit)) {
    co_return std::unexpected(*std::move(error));
  }
  co_return aws::Nothing{};
}

Task<aws::Outcome<aws::Nothing>> Sqs::remove_permission(aws::Call& call, const api::RemovePermissionRequest& request) {
  const PolicyEdit edit = [&](std::string_view policy, const QueueName&) {
    return request.label.value_or("").empty()
               ? std::expected<std::string, ServiceError>(std::unexpected(missing_parameter("Label")))
               : without_permission(policy, *request.label);
  };
  if (auto error = co_await edit_policy(call, request.queue_url, edit)) {
    co_return std::unexpected(*std::move(error));
  }
  co_return aws::Nothing{};
}

}  // namespace sluice::sqs
