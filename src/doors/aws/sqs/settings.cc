// A queue's attributes and tags, read and changed.
#include "doors/aws/sqs/queue_attributes.h"
#include "doors/aws/sqs/sqs.h"
#include "doors/aws/sqs/tags.h"

namespace sluice::sqs {

Task<aws::Outcome<api::GetQueueAttributesResult>> Sqs::get_queue_attributes(
    aws::Call& call, const api::GetQueueAttributesRequest& request) {
  const auto queue = admit(call, request.queue_url);
  if (!queue) {
    co_return std::unexpected(queue.error());
  }
  const auto described = reply_as<queue::Description>(co_await describe(call, *queue));
  if (!described) {
    co_return std::unexpected(described.error());
  }
  auto shown = show_attributes(**described, *queue, request.attribute_names.value_or(std::vector<std::string>{}));
  if (!shown) {
    co_return std::unexpected(std::move(shown.error()));
  }
  co_return api::GetQueueAttributesResult{.attributes = *std::move(shown)};
}

Task<aws::Outcome<aws::Nothing>> Sqs::set_queue_attributes(aws::Call& call,
                                                           const api::SetQueueAttributesRequest& request) {
  const auto queue = admit(call, request.queue_url);
  if (!queue) {
    co_return std::unexpected(queue.error());
  }
  auto settings = parse_attributes(request.attributes.value_or(AttributeMap{}), *queue);
  if (!settings) {
    // A missing queue comes before a bad attribute.
    co_return std::unexpected(co_await unless_missing(call, *queue, std::move(settings.error())));
  }
  if (touches_throughput_limit(*settings)) {
    const auto present = reply_as<queue::Description>(co_await describe(call, *queue));
    if (!present) {
      co_return std::unexpected(present.error());
    }
    if (auto error = check_throughput_limit(*settings, (*present)->settings)) {
      co_return std::unexpected(*std::move(error));
    }
  }
  if (auto error = co_await check_dead_letter_target(call, *queue, *settings, request.attributes)) {
    co_return std::unexpected(co_await unless_missing(call, *queue, *std::move(error)));
  }
  auto command = std::make_unique<queue::Configure>();
  command->settings = *std::move(settings);
  const auto reply = reply_as<queue::Description>(co_await ask(call, *queue, std::move(command)));
  if (!reply) {
    co_return std::unexpected(reply.error());
  }
  co_return aws::Nothing{};
}

Task<std::optional<ServiceError>> Sqs::tag(aws::Call& call, const std::optional<std::string>& url,
                                           std::unique_ptr<queue::Tag> command, ServiceError nothing_given) {
  const auto queue = admit(call, url);
  if (!queue) {
    co_return queue.error();
  }
  if (command->set.empty() && command->removed.empty()) {
    co_return co_await unless_missing(call, *queue, std::move(nothing_given));
  }
  if (auto error = check_tags(command->set, queue->name)) {
    co_return co_await unless_missing(call, *queue, *std::move(error));
  }
  command->tags_max = tags_max;
  node::Answer answer = co_await ask(call, *queue, std::move(command));
  if (!answer && answer.error().reason == Reason::invalid_setting) {
    co_return too_many_tags(queue->name);
  }
  const auto reply = reply_as<queue::Description>(std::move(answer));
  co_return reply ? std::nullopt : std::optional(reply.error());
}

Task<aws::Outcome<aws::Nothing>> Sqs::tag_queue(aws::Call& call, const api::TagQueueRequest& request) {
  auto command = std::make_unique<queue::Tag>();
  command->set = request.tags.value_or(std::map<std::string, std::string>());
  if (auto error = co_await tag(call, request.queue_url, std::move(command), missing_parameter("Tags"))) {
    co_return std::unexpected(*std::move(error));
  }
  co_return aws::Nothing{};
}

Task<aws::Outcome<aws::Nothing>> Sqs::untag_queue(aws::Call& call, const api::UntagQueueRequest& request) {
  auto command = std::make_unique<queue::Tag>();
  command->removed = request.tag_keys.value_or(std::vector<std::string>());
  if (auto error = co_await tag(call, request.queue_url, std::move(command), bad_tag_key())) {
    co_return std::unexpected(*std::move(error));
  }
  co_return aws::Nothing{};
}

Task<aws::Outcome<api::ListQueueTagsResult>> Sqs::list_queue_tags(aws::Call& call,
                                                                  const api::ListQueueTagsRequest& request) {
  const auto queue = admit(call, request.queue_url);
  if (!queue) {
    co_return std::unexpected(queue.error());
  }
  const auto described = reply_as<queue::Description>(co_await describe(call, *queue));
  if (!described) {
    co_return std::unexpected(described.error());
  }
  co_return api::ListQueueTagsResult{.tags = (*described)->tags};
}

}  // namespace sluice::sqs
