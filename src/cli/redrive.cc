#include "cli/redrive.h"

#include <chrono>
#include <thread>

#include "cli/session.h"
#include "cli/table.h"
#include "shapes/sqs.h"

namespace sluice::cli {
namespace {

namespace api = aws::sqs;
using Task = api::ListMessageMoveTasksResultEntry;

constexpr std::int64_t rate_max = 500;           // StartMessageMoveTask: MaxNumberOfMessagesPerSecond
constexpr std::int32_t tasks_shown_max = 10;     // ListMessageMoveTasks: MaxResults
constexpr std::chrono::milliseconds pause{500};  // between two looks with --wait
constexpr std::string_view running = "RUNNING";

Outcome<std::string> arn_of(Client& client, const std::string& queue) {
  const auto url = client.queue_url(queue);
  auto attributes = url ? attributes_of(client, *url) : std::unexpected(url.error());
  return attributes ? Outcome<std::string>((*attributes)["QueueArn"]) : std::unexpected(attributes.error());
}

Outcome<api::ListMessageMoveTasksResult> tasks_of(Client& client, const std::string& arn) {
  api::ListMessageMoveTasksRequest request;
  request.source_arn = arn;
  request.max_results = tasks_shown_max;
  return client.call<api::operation::ListMessageMoveTasks>(request);
}

void show(const api::ListMessageMoveTasksResult& tasks) {
  Table table({"STATUS", "STARTED", "#MOVED", "#TO MOVE", "TO", "WHY"});
  for (const Task& task : tasks.results.value_or(std::vector<Task>{})) {
    std::string started;
    aws::append_iso8601(started, from_milliseconds(task.started_timestamp.value_or(0)));
    const std::string to(name_of(task.destination_arn.value_or("")));
    table.add({task.status.value_or(""), started, std::to_string(task.approximate_number_of_messages_moved.value_or(0)),
               std::to_string(task.approximate_number_of_messages_to_move.value_or(0)),
               to.empty() ? "where each came from" : to, task.failure_reason.value_or("")});
  }
  print(table.empty() ? "" : table.text());
}

Outcome<void> show_tasks(Client& client, const Arguments& arguments, const std::string& arn) {
  const auto tasks = tasks_of(client, arn);
  if (!tasks) {
    return std::unexpected(tasks.error());
  }
  if (wants_json(arguments)) {
    print_json<api::operation::ListMessageMoveTasks>(*tasks);
  } else {
    show(*tasks);
  }
  return {};
}

Outcome<void> cancel(Client& client, const Arguments& arguments, const std::string& arn) {
  const auto tasks = tasks_of(client, arn);
  if (!tasks) {
    return std::unexpected(tasks.error());
  }
  for (const Task& task : tasks->results.value_or(std::vector<Task>{})) {
    if (task.status != running) {
      continue;
    }
    const auto ended = client.call<api::operation::CancelMessageMoveTask>({.task_handle = task.task_handle});
    if (!ended) {
      return std::unexpected(ended.error());
    }
    if (wants_json(arguments)) {
      print_json<api::operation::CancelMessageMoveTask>(*ended);
    } else {
      print(
          fmt::format("cancelled; {} messages were moved\n", ended->approximate_number_of_messages_moved.value_or(0)));
    }
    return {};
  }
  return refuse(exit_refused, fmt::format("no task is moving messages from {}", name_of(arn)));
}

// Until the newest task has ended.
Outcome<void> wait(Client& client, const std::string& arn) {
  for (;;) {
    const auto tasks = tasks_of(client, arn);
    if (!tasks) {
      return std::unexpected(tasks.error());
    }
    if (!tasks->results || tasks->results->empty() || tasks->results->front().status != running) {
      const bool failed = tasks->results && !tasks->results->empty() && tasks->results->front().status == "FAILED";
      return failed ? refuse(exit_refused, "the task failed: " + tasks->results->front().failure_reason.value_or(""))
                    : Outcome<void>();
    }
    std::this_thread::sleep_for(pause);
  }
}

Outcome<void> begin(Client& client, const Arguments& arguments, const std::string& arn) {
  api::StartMessageMoveTaskRequest request;
  request.source_arn = arn;
  if (const auto to = arguments.value("--to")) {
    auto target = arn_of(client, *to);
    if (!target) {
      return std::unexpected(target.error());
    }
    request.destination_arn = *std::move(target);
  }
  if (arguments.has("--rate")) {
    const auto rate = number_of(arguments, "--rate", 0, 1, rate_max);
    if (!rate) {
      return std::unexpected(rate.error());
    }
    request.max_number_of_messages_per_second = static_cast<std::int32_t>(*rate);
  }
  const auto begun = client.call<api::operation::StartMessageMoveTask>(request);
  if (!begun) {
    return std::unexpected(begun.error());
  }
  if (arguments.has("--wait")) {
    const auto waited = wait(client, arn);
    const auto shown = show_tasks(client, arguments, arn);
    return waited ? shown : waited;
  }
  if (wants_json(arguments)) {
    print_json<api::operation::StartMessageMoveTask>(*begun);
  } else {
    print(fmt::format("moving; `sluice redrive {} --status` tells how far\n", name_of(arn)));
  }
  return {};
}

Outcome<void> move_messages(Client& client, const Arguments& arguments) {
  if (arguments.rest().empty()) {
    return refuse(exit_bad_usage, "name the dead-letter queue (`sluice queues` lists them)");
  }
  const auto arn = arn_of(client, arguments.rest()[0]);
  if (!arn) {
    return std::unexpected(arn.error());
  }
  return arguments.has("--status")   ? show_tasks(client, arguments, *arn)
         : arguments.has("--cancel") ? cancel(client, arguments, *arn)
                                     : begin(client, arguments, *arn);
}

}  // namespace

int redrive(std::span<const std::string> arguments) { return run("redrive", arguments, move_messages); }

}  // namespace sluice::cli
