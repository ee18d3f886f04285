// Queues as a whole: listed, emptied.
#include "cli/queues.h"

#include <unistd.h>

#include <iostream>

#include "cli/session.h"
#include "cli/table.h"
#include "doors/aws/sqs/redrive_policy.h"
#include "shapes/sqs.h"
#include "wire/json.h"

namespace sluice::cli {
namespace {

namespace api = aws::sqs;
using Attributes = std::map<std::string, std::string>;

constexpr std::int32_t page_size = 1000;  // ListQueues: MaxResults

Outcome<std::vector<std::string>> all_urls(Client& client, const std::string& prefix) {
  std::vector<std::string> urls;
  api::ListQueuesRequest request;
  request.max_results = page_size;
  if (!prefix.empty()) {
    request.queue_name_prefix = prefix;
  }
  do {
    auto page = client.call<api::operation::ListQueues>(request);
    if (!page) {
      return std::unexpected(page.error());
    }
    for (std::string& url : page->queue_urls.value_or(std::vector<std::string>{})) {
      urls.push_back(std::move(url));
    }
    request.next_token = page->next_token;
  } while (request.next_token && !request.next_token->empty());
  return urls;
}

std::string at(const Attributes& attributes, const char* name) {
  const auto found = attributes.find(name);
  return found == attributes.end() ? "" : found->second;
}

std::string dead_letter_queue(const Attributes& attributes) {
  const auto policy = sqs::parse_redrive_policy(at(attributes, "RedrivePolicy"));
  return policy ? std::string(name_of(policy->dead_letter_target_arn)) : "";
}

constexpr struct {
  const char* attribute;
  const char* json;
} counts[] = {
    {"ApproximateNumberOfMessages", "visible"},
    {"ApproximateNumberOfMessagesNotVisible", "in_flight"},
    {"ApproximateNumberOfMessagesDelayed", "delayed"},
};

Attributes unknown_counts() {
  Attributes unknown;
  for (const auto& [attribute, _] : counts) {
    unknown.emplace(attribute, "?");
  }
  return unknown;
}

void append_json(std::string& json, const std::string& url, const Attributes& attributes) {
  const auto text = [&](std::string_view name, std::string_view value) {
    json += fmt::format("\"{}\":", name);
    wire::append_json_string(json, value);
    json += ',';
  };
  json += '{';
  text("name", name_of(url));
  text("url", url);
  text("arn", at(attributes, "QueueArn"));
  for (const auto& [attribute, name] : counts) {
    const std::string value = at(attributes, attribute);
    json += fmt::format("\"{}\":{},", name, value == "?" ? "null" : value);
  }
  text("dead_letter_queue", dead_letter_queue(attributes));
  wire::close_json(json, '}');
  json += ',';
}

Outcome<void> list_queues(Client& client, const Arguments& arguments) {
  const auto urls = all_urls(client, arguments.rest().empty() ? "" : arguments.rest()[0]);
  if (!urls) {
    return std::unexpected(urls.error());
  }
  Table table({"QUEUE", "#VISIBLE", "#IN FLIGHT", "#DELAYED", "DEAD LETTERS TO"});
  std::string json = "[";
  for (const std::string& url : *urls) {
    if (arguments.has("--names") && !wants_json(arguments)) {
      print(fmt::format("{}\n", name_of(url)));
      continue;
    }
    auto attributes = attributes_of(client, url);
    if (!attributes && attributes.error().error_code.ends_with("NonExistentQueue")) {
      continue;  // deleted meanwhile
    }
    if (!attributes && attributes.error().error_code.find("AccessDenied") != std::string::npos) {
      attributes = unknown_counts();  // who may list queues may not always look into each
    }
    if (!attributes) {
      return std::unexpected(attributes.error());
    }
    append_json(json, url, *attributes);
    table.add({std::string(name_of(url)), at(*attributes, counts[0].attribute), at(*attributes, counts[1].attribute),
               at(*attributes, counts[2].attribute), dead_letter_queue(*attributes)});
  }
  if (wants_json(arguments)) {
    wire::close_json(json, ']');
    print(json + "\n");
  } else if (!table.empty()) {
    print(table.text());
  }
  return {};
}

bool is_confirmed(std::string_view queue) {
  fmt::print(stderr, "Delete every message of {}, those in flight too? [y/N] ", queue);
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

Outcome<void> purge_queues(Client& client, const Arguments& arguments) {
  if (arguments.rest().empty()) {
    return refuse(exit_bad_usage, "name a queue (`sluice queues` lists them)");
  }
  for (const std::string& queue : arguments.rest()) {
    const auto url = client.queue_url(queue);
    if (!url) {
      return std::unexpected(url.error());
    }
    if (!arguments.has("--yes") && (isatty(STDIN_FILENO) == 0 || !is_confirmed(queue))) {
      return refuse(exit_bad_usage, fmt::format("{} is left as it is; --yes empties it without a question", queue));
    }
    api::PurgeQueueRequest request;
    request.queue_url = *url;
    if (const auto done = client.call<api::operation::PurgeQueue>(request); !done) {
      return std::unexpected(done.error());
    }
    print(wants_json(arguments) ? "" : fmt::format("{} is empty\n", queue));
  }
  return {};
}

}  // namespace

int queues(std::span<const std::string> arguments) { return run("queues", arguments, list_queues); }
int purge(std::span<const std::string> arguments) { return run("purge", arguments, purge_queues); }

}  // namespace sluice::cli
