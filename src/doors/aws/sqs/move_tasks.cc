// StartMessageMoveTask, ListMessageMoveTasks and CancelMessageMoveTask.
#include <fmt/core.h>

#include "base/digest.h"
#include "doors/aws/sqs/limits.h"
#include "doors/aws/sqs/sqs.h"
#include "wire/json.h"
#include "wire/json_document.h"

namespace sluice::sqs {
namespace {

/// What a TaskHandle says: base64 of JSON, since clients look inside.
struct TaskHandle {
  std::string task;
  QueueName source;
};

std::string to_text(const std::string& task, const QueueName& source) {
  std::string json = R"({"taskId":)";
  wire::append_json_string(json, task);
  json += R"(,"sourceArn":)";
  wire::append_json_string(json, source.arn());
  json += '}';
  return base64_encode(json);
}

std::optional<TaskHandle> parse_task_handle(std::string_view text) {
  const std::optional<std::string> json = base64_decode(text);
  if (!json) {
    return std::nullopt;
  }
  auto root = wire::JsonReader::local().read(*json);
  std::string_view task, arn;
  if (root["taskId"].get_string().get(task) != simdjson::SUCCESS ||
      root["sourceArn"].get_string().get(arn) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  std::optional<QueueName> source = parse_arn(arn);
  return source ? std::optional(TaskHandle{std::string(task), *std::move(source)}) : std::nullopt;
}

/// The queue of an ARN that must be there and well formed.
std::expected<QueueName, ServiceError> queue_of_arn(const std::optional<std::string>& arn, std::string_view parameter) {
  if (!arn) {
    return std::unexpected(missing_parameter(parameter));
  }
  std::optional<QueueName> queue = parse_arn(*arn);
  if (!queue) {
    return std::unexpected(invalid_parameter_value(fmt::format(
        "You must use this format to specify the {}: arn:<partition>:<service>:<region>:<account-id>:<resource-id>",
        parameter)));
  }
  return *std::move(queue);
}

ServiceError no_such_resource(std::string_view parameter) {
  return {&api::error::resource_not_found_exception,
          fmt::format("The resource that you specified for the {} parameter doesn't exist.", parameter)};
}

/// The refusal of a question about the queue that `parameter` names.
ServiceError refused(const Refusal& refusal, std::string_view parameter) {
  return refusal.reason == Reason::not_found ? no_such_resource(parameter) : from_refusal(refusal);
}

std::string_view name_of(queue::MoveStatus status) {
  switch (status) {
    case queue::MoveStatus::running:
      return "RUNNING";
    case queue::MoveStatus::completed:
      return "COMPLETED";
    case queue::MoveStatus::cancelling:
      return "CANCELLING";
    case queue::MoveStatus::cancelled:
      return "CANCELLED";
    case queue::MoveStatus::failed:
      return "FAILED";
  }
  return "FAILED";
}

/// As AWS names it, the query code of an error where there is one.
std::string_view name_of(queue::MoveFailure failure) {
  switch (failure) {
    case queue::MoveFailure::none:
      return "";
    case queue::MoveFailure::no_destination:
      return api::error::queue_does_not_exist.query_code;
    case queue::MoveFailure::no_source:
      return "CouldNotDetermineMessageSource";
    case queue::MoveFailure::unreadable:
      return "InternalError";
    case queue::MoveFailure::too_long:
      return "MaximumDurationExceeded";
  }
  return "InternalError";
}

api::ListMessageMoveTasksResultEntry entry_of(const queue::MoveTask& task, const QueueName& source) {
  api::ListMessageMoveTasksResultEntry entry;
  if (task.status == queue::MoveStatus::running) {
    entry.task_handle = to_text(task.id, source);
  }
  entry.status = name_of(task.status);
  entry.source_arn = source.arn();
  if (!task.destination.empty()) {
    entry.destination_arn = task.destination;
  }
  if (task.rate_max > 0) {
    entry.max_number_of_messages_per_second = static_cast<std::int32_t>(task.rate_max);
  }
  entry.approximate_number_of_messages_moved = static_cast<std::int64_t>(task.moved);
  entry.approximate_number_of_messages_to_move = static_cast<std::int64_t>(task.to_move);
  if (task.failure != queue::MoveFailure::none) {
    entry.failure_reason = name_of(task.failure);
  }
  entry.started_timestamp = to_milliseconds(task.started_at);
  return entry;
}

}  // namespace

Task<std::optional<ServiceError>> Sqs::check_move_source(aws::Call& call, const QueueName& source) {
  // To move is also to receive and to delete ("Amazon SQS API permissions").
  for (const std::string_view operation : {"", "ReceiveMessage", "DeleteMessage"}) {
    if (auto error = forbidden(call, {source, operation})) {
      co_return error;
    }
  }
  node::Answer answer = co_await describe(call, source);
  if (!answer) {
    co_return refused(answer.error(), "SourceArn");
  }
  node::Listing sources;
  sources.prefix = arn_prefix(source.region, source.account);
  sources.count_max = 1;
  sources.refers_to = source.arn();
  auto names = co_await list(std::move(sources));
  if (!names) {
    co_return std::move(names.error());
  }
  if (names->empty()) {
    co_return invalid_parameter_value("Source queue must be configured as a Dead Letter Queue.");
  }
  if (rules_.move_tasks_max == 0) {
    co_return std::nullopt;
  }
  node::Listing moving;
  moving.prefix = arn_prefix(source.region, source.account);
  moving.count_max = rules_.move_tasks_max;
  moving.refers_to = queue::moving_mark;
  auto active = co_await list(std::move(moving));
  if (!active) {
    co_return std::move(active.error());
  }
  if (active->size() >= rules_.move_tasks_max) {
    co_return ServiceError{&api::error::request_throttled,
                           fmt::format("At most {} message move tasks are active per account.", rules_.move_tasks_max)};
  }
  co_return std::nullopt;
}

Task<std::optional<ServiceError>> Sqs::check_move_destination(aws::Call& call, const QueueName& source,
                                                              const QueueName& destination) {
  const Wish wish{destination, "SendMessage"};
  if (auto error = forbidden(call, wish)) {
    co_return error;
  }
  auto command = std::make_unique<queue::Describe>();
  command->proviso = proviso_of(call, wish);
  node::Answer answer = co_await tell(call, destination, std::move(command));
  if (!answer) {
    co_return refused(answer.error(), "DestinationArn");
  }
  if (destination.fifo() != source.fifo()) {
    co_return invalid_parameter_value("The source queue and the destination queue must be of the same type.");
  }
  co_return std::nullopt;
}

Task<aws::Outcome<api::StartMessageMoveTaskResult>> Sqs::start_message_move_task(
    aws::Call& call, const api::StartMessageMoveTaskRequest& request) {
  const auto source = queue_of_arn(request.source_arn, "SourceArn");
  if (!source) {
    co_return std::unexpected(source.error());
  }
  std::optional<QueueName> destination;
  if (request.destination_arn) {
    auto parsed = queue_of_arn(request.destination_arn, "DestinationArn");
    if (!parsed) {
      co_return std::unexpected(std::move(parsed.error()));
    }
    destination = *std::move(parsed);
  }
  if (auto error =
          check_range(request.max_number_of_messages_per_second, 1, move_rate_max, "MaxNumberOfMessagesPerSecond",
                      "MaxNumberOfMessagesPerSecond must be an integer between 1 and 500.")) {
    co_return std::unexpected(*std::move(error));
  }
  if (auto error = co_await check_move_source(call, *source)) {
    co_return std::unexpected(*std::move(error));
  }
  if (destination) {
    if (auto error = co_await check_move_destination(call, *source, *destination)) {
      co_return std::unexpected(*std::move(error));
    }
  }
  auto command = std::make_unique<queue::StartMove>();
  command->task = make_uuid(gate_.random());
  command->destination = destination ? destination->arn() : std::string();
  command->rate_max = static_cast<std::uint32_t>(request.max_number_of_messages_per_second.value_or(0));
  node::Answer answer = co_await ask(call, *source, std::move(command));
  if (!answer) {
    co_return std::unexpected(refused(answer.error(), "SourceArn"));
  }
  const auto started = reply_as<queue::MoveTasks>(std::move(answer));
  co_return api::StartMessageMoveTaskResult{.task_handle = to_text((*started)->tasks[0].id, *source)};
}

Task<aws::Outcome<api::ListMessageMoveTasksResult>> Sqs::list_message_move_tasks(
    aws::Call& call, const api::ListMessageMoveTasksRequest& request) {
  const auto source = queue_of_arn(request.source_arn, "SourceArn");
  if (!source) {
    co_return std::unexpected(source.error());
  }
  if (auto error = check_range(request.max_results, 1, static_cast<std::int32_t>(queue::move_tasks_max), "MaxResults",
                               "MaxResults must be an integer between 1 and 10.")) {
    co_return std::unexpected(*std::move(error));
  }
  if (auto error = forbidden(call, {*source})) {
    co_return std::unexpected(*std::move(error));
  }
  node::Answer answer = co_await ask(call, *source, std::make_unique<queue::ListMoves>());
  if (!answer) {
    co_return std::unexpected(refused(answer.error(), "SourceArn"));
  }
  const auto known = reply_as<queue::MoveTasks>(std::move(answer));
  api::ListMessageMoveTasksResult result;
  result.results.emplace();
  const auto count_max = static_cast<std::size_t>(request.max_results.value_or(1));
  for (const queue::MoveTask& task : (*known)->tasks) {
    if (result.results->size() < count_max) {
      result.results->push_back(entry_of(task, *source));
    }
  }
  co_return result;
}

Task<aws::Outcome<api::CancelMessageMoveTaskResult>> Sqs::cancel_message_move_task(
    aws::Call& call, const api::CancelMessageMoveTaskRequest& request) {
  if (!request.task_handle) {
    co_return std::unexpected(missing_parameter("TaskHandle"));
  }
  const std::optional<TaskHandle> handle = parse_task_handle(*request.task_handle);
  if (!handle) {
    co_return std::unexpected(invalid_parameter_value("Value for parameter TaskHandle is invalid."));
  }
  if (auto error = forbidden(call, {handle->source})) {
    co_return std::unexpected(*std::move(error));
  }
  auto command = std::make_unique<queue::CancelMove>();
  command->task = handle->task;
  node::Answer answer = co_await ask(call, handle->source, std::move(command));
  if (!answer) {
    co_return std::unexpected(refused(answer.error(), "SourceArn"));
  }
  const auto cancelled = reply_as<queue::MoveTasks>(std::move(answer));
  co_return api::CancelMessageMoveTaskResult{.approximate_number_of_messages_moved =
                                                 static_cast<std::int64_t>((*cancelled)->tasks[0].moved)};
}

}  // namespace sluice::sqs
