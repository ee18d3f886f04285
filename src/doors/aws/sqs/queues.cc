// Queues as a whole: made, found, listed, purged, deleted.
#include <fmt/core.h>

#include "base/digest.h"
#include "doors/aws/sqs/queue_attributes.h"
#include "doors/aws/sqs/redrive_policy.h"
#include "doors/aws/sqs/sqs.h"
#include "doors/aws/sqs/tags.h"
#include "wire/http1.h"

namespace sluice::sqs {
namespace {

constexpr std::int32_t list_results_max = 1000;  // ListQueues: MaxResults

std::optional<ServiceError> check_new_name(const QueueName& queue, const std::optional<AttributeMap>& attributes) {
  if (!valid_queue_name(queue.name)) {
    return invalid_parameter_value(
        std::string_view(queue.name).ends_with(".fifo")
            ? "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end "
              "with "
              ".fifo suffix and be 1 to 80 in length"
            : "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
  }
  const bool asked_for_fifo =
      attributes && attributes->contains("FifoQueue") && wire::equal_ignoring_case(attributes->at("FifoQueue"), "true");
  if (asked_for_fifo && !queue.fifo()) {
    return invalid_parameter_value(
        "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with "
        ".fifo "
        "suffix and be 1 to 80 in length");
  }
  if (queue.fifo() && !asked_for_fifo) {
    return invalid_parameter_value(
        "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
  }
  return std::nullopt;
}

/// One page of names: how many, and after which.
struct Page {
  std::size_t count_max = list_results_max;
  std::string after;
};

std::expected<Page, ServiceError> page_of(const std::optional<std::int32_t>& max_results,
                                          const std::optional<std::string>& next_token) {
  if (auto error = check_range(max_results, 1, list_results_max, "MaxResults",
                               "MaxResults must be an integer between 1 and 1000.")) {
    return std::unexpected(*std::move(error));
  }
  Page page;
  page.count_max = static_cast<std::size_t>(max_results.value_or(list_results_max));
  if (next_token) {
    const std::optional<std::string> after = base64url_decode(*next_token);
    if (!after || !parse_arn(*after)) {
      return std::unexpected(invalid_parameter(*next_token, "NextToken", "Invalid or expired next token."));
    }
    page.after = *after;
  }
  return page;
}

/// Turns up to count_max + 1 names into URLs; the token of the next page only when the client asked for pages.
template <class Result>
void fill_page(const aws::Call& call, UrlForm form, std::vector<std::string> names, std::size_t count_max, bool paged,
               std::optional<std::vector<std::string>>& urls, Result& result) {
  if (names.size() > count_max) {
    names.resize(count_max);
    if (paged) {
      result.next_token = base64url_encode(names.back());
    }
  }
  urls.emplace();
  for (const std::string& name : names) {
    if (const std::optional<QueueName> queue = parse_arn(name)) {
      urls->push_back(url_of(call, *queue, form));
    }
  }
}

}  // namespace

Task<aws::Outcome<api::CreateQueueResult>> Sqs::create_queue(aws::Call& call, const api::CreateQueueRequest& request) {
  if (!request.queue_name) {
    co_return std::unexpected(missing_parameter("QueueName"));
  }
  const QueueName queue{call.region, call.account, *request.queue_name};
  if (auto error = forbidden(call, {queue}, iam::Verdict::nothing)) {
    co_return std::unexpected(*std::move(error));
  }
  if (request.tags && !request.tags->empty()) {  // CreateQueue: "you must have the … sqs:TagQueue" permission too
    if (auto error = forbidden(call, {queue, "TagQueue"}, iam::Verdict::nothing)) {
      co_return std::unexpected(*std::move(error));
    }
  }
  if (auto error = check_new_name(queue, request.attributes)) {
    co_return std::unexpected(*std::move(error));
  }
  auto settings = parse_attributes(request.attributes.value_or(AttributeMap{}), queue);
  if (!settings) {
    co_return std::unexpected(std::move(settings.error()));
  }
  if (auto error = check_throughput_limit(*settings, queue::Settings{})) {
    co_return std::unexpected(*std::move(error));
  }
  auto command = std::make_unique<queue::Create>();
  if (request.tags) {
    if (auto error = check_tags(*request.tags, queue.name)) {
      co_return std::unexpected(*std::move(error));
    }
    command->tags = *request.tags;
  }
  if (auto error = co_await check_dead_letter_target(call, queue, *settings, request.attributes)) {
    co_return std::unexpected(*std::move(error));
  }
  command->settings = *std::move(settings);
  const auto reply = reply_as<queue::Description>(co_await ask(call, queue, std::move(command), Milliseconds(0), true));
  if (!reply) {
    co_return std::unexpected(reply.error());
  }
  co_return api::CreateQueueResult{.queue_url = url_of(call, queue, rules_.url_form)};
}

Task<aws::Outcome<api::GetQueueUrlResult>> Sqs::get_queue_url(aws::Call& call, const api::GetQueueUrlRequest& request) {
  if (!request.queue_name || request.queue_name->empty()) {
    co_return std::unexpected(
        invalid_parameter_value("Value for parameter QueueName is invalid. Reason: Must specify a queue name."));
  }
  const QueueName queue{call.region, request.queue_owner_aws_account_id.value_or(call.account), *request.queue_name};
  if (!valid_queue_name(queue.name)) {
    co_return std::unexpected(queue_does_not_exist());
  }
  if (auto error = forbidden(call, {queue})) {
    co_return std::unexpected(*std::move(error));
  }
  const auto reply = reply_as<queue::Description>(co_await describe(call, queue));
  if (!reply) {
    co_return std::unexpected(reply.error());
  }
  co_return api::GetQueueUrlResult{.queue_url = url_of(call, queue, rules_.url_form)};
}

Task<aws::Outcome<std::vector<std::string>>> Sqs::list(node::Listing listing) {
  Result<std::vector<std::string>> names = co_await node::list(gate_, std::move(listing));
  if (!names) {
    co_return std::unexpected(from_refusal(names.error()));
  }
  co_return *std::move(names);
}

Task<aws::Outcome<api::ListQueuesResult>> Sqs::list_queues(aws::Call& call, const api::ListQueuesRequest& request) {
  const QueueName all{call.region, call.account, {}};
  if (auto error = forbidden(call, {all}, iam::Verdict::nothing)) {
    co_return std::unexpected(*std::move(error));
  }
  auto page = page_of(request.max_results, request.next_token);
  if (!page) {
    co_return std::unexpected(std::move(page.error()));
  }
  node::Listing listing;
  listing.prefix = arn_prefix(call.region, call.account) + request.queue_name_prefix.value_or("");
  listing.after = page->after;
  listing.count_max = page->count_max + 1;  // one more than asked for tells whether another page remains
  auto names = co_await list(std::move(listing));
  if (!names) {
    co_return std::unexpected(std::move(names.error()));
  }
  api::ListQueuesResult result;
  fill_page(call, rules_.url_form, *std::move(names), page->count_max, request.max_results.has_value(),
            result.queue_urls, result);
  co_return result;
}

Task<aws::Outcome<api::ListDeadLetterSourceQueuesResult>> Sqs::list_dead_letter_source_queues(
    aws::Call& call, const api::ListDeadLetterSourceQueuesRequest& request) {
  const auto queue = admit(call, request.queue_url);
  if (!queue) {
    co_return std::unexpected(queue.error());
  }
  auto page = page_of(request.max_results, request.next_token);
  if (!page) {
    co_return std::unexpected(co_await unless_missing(call, *queue, std::move(page.error())));
  }
  const auto exists = reply_as<queue::Description>(co_await describe(call, *queue));
  if (!exists) {
    co_return std::unexpected(exists.error());
  }
  node::Listing listing;
  listing.prefix = arn_prefix(queue->region, queue->account);
  listing.after = page->after;
  listing.count_max = page->count_max + 1;
  listing.refers_to = queue->arn();
  auto names = co_await list(std::move(listing));
  if (!names) {
    co_return std::unexpected(std::move(names.error()));
  }
  api::ListDeadLetterSourceQueuesResult result;
  fill_page(call, rules_.url_form, *std::move(names), page->count_max, request.max_results.has_value(),
            result.queue_urls, result);
  co_return result;
}

Task<aws::Outcome<aws::Nothing>> Sqs::delete_queue(aws::Call& call, const api::DeleteQueueRequest& request) {
  const auto queue = admit(call, request.queue_url);
  if (!queue) {
    co_return std::unexpected(queue.error());
  }
  auto command = std::make_unique<queue::Remove>();
  command->keep_name = rules_.recreate_pause;
  const auto reply = reply_as<queue::Description>(co_await ask(call, *queue, std::move(command)));
  if (!reply) {
    co_return std::unexpected(reply.error());
  }
  co_return aws::Nothing{};
}

Task<aws::Outcome<aws::Nothing>> Sqs::purge_queue(aws::Call& call, const api::PurgeQueueRequest& request) {
  const auto queue = admit(call, request.queue_url);
  if (!queue) {
    co_return std::unexpected(queue.error());
  }
  auto command = std::make_unique<queue::Purge>();
  command->pause = rules_.purge_pause;
  node::Answer answer = co_await ask(call, *queue, std::move(command));
  if (!answer && answer.error().reason == Reason::purge_in_progress) {
    co_return fail(api::error::purge_queue_in_progress,
                   fmt::format("Only one PurgeQueue operation on {} is allowed every 60 seconds.", queue->name));
  }
  const auto reply = reply_as<queue::Description>(std::move(answer));
  if (!reply) {
    co_return std::unexpected(reply.error());
  }
  co_return aws::Nothing{};
}

Task<std::optional<ServiceError>> Sqs::check_dead_letter_target(aws::Call& call, const QueueName& source,
                                                                const queue::SettingsChange& settings,
                                                                const std::optional<AttributeMap>& given) {
  if (!settings.dead_letters || settings.dead_letters->target.empty()) {
    co_return std::nullopt;
  }
  const std::string& json = given->at("RedrivePolicy");  // as it came: AWS repeats it with its spaces
  const auto invalid = [&](std::string_view reason) { return invalid_parameter(json, "RedrivePolicy", reason); };
  const std::optional<QueueName> target = parse_arn(settings.dead_letters->target);
  if (target && target->account != source.account) {
    co_return invalid("Dead-letter target owner should be same as the source.");
  }
  if (target && target->fifo() != source.fifo()) {
    co_return invalid("Dead-letter queue must be same type of queue as the source..");  // two points, as on AWS
  }
  if (!target || target->region != source.region) {
    co_return invalid("Dead letter target does not exist.");
  }
  if (*target == source) {
    co_return std::nullopt;  // a queue may name itself, also while it is being made
  }
  node::Answer answer = co_await tell(call, *target, std::make_unique<queue::Describe>());
  if (!answer && answer.error().reason == Reason::not_found) {
    co_return invalid("Dead letter target does not exist.");
  }
  const auto described = reply_as<queue::Description>(std::move(answer));
  if (!described) {
    co_return described.error();
  }
  const std::string_view allowed = label((*described)->settings, "RedriveAllowPolicy");
  if (allowed.empty()) {
    co_return std::nullopt;
  }
  const auto policy = parse_redrive_allow_policy(std::string(allowed));
  co_return policy && policy->allows(source.arn())
      ? std::nullopt
      : std::optional(invalid("The dead-letter queue's redrive allow policy does not permit this source queue."));
}

}  // namespace sluice::sqs
