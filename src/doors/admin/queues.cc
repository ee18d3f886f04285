// GET /_sluice/queues: every queue of every account and region, with its counts.
#include <fmt/format.h>

#include "doors/admin/admin.h"
#include "doors/aws/sqs/names.h"
#include "machines/queue/commands.h"
#include "wire/json.h"

namespace sluice::admin {
namespace {

constexpr std::size_t queues_per_page = 100;  // asked together, so that no core is kept long

void append_queue(std::string& out, const sqs::QueueName& name, const queue::Description& queue) {
  fmt::format_to(std::back_inserter(out),
                 "{{\"name\":\"{}\",\"account\":\"{}\",\"region\":\"{}\",\"arn\":\"{}\",\"visible\":{},"
                 "\"in_flight\":{},\"delayed\":{},\"created_at_milliseconds\":{}}},",
                 name.name, name.account, name.region, name.arn(), queue.counts.visible, queue.counts.in_flight,
                 queue.counts.delayed, to_milliseconds(queue.created_at));
}

}  // namespace

Task<wire::HttpResponse> Admin::queues(Asked asked) {
  node::Listing listing{.prefix = "arn:", .count_max = queues_per_page};
  if (const std::string* next = asked.parameter("next")) {
    listing.after = *next;
  }
  auto names = co_await node::list(gate_, std::move(listing));
  if (!names) {
    co_return refusal_page(names.error());
  }
  std::vector<node::Question> questions;
  for (const std::string& name : *names) {
    questions.push_back({.name = name, .command = std::make_unique<queue::Describe>()});
  }
  const std::vector<node::Answer> answers = co_await node::ask_all(gate_, std::move(questions));
  std::string out = "{\"queues\":[";
  for (std::size_t at = 0; at < answers.size(); ++at) {
    const auto name = sqs::parse_arn((*names)[at]);
    if (name && answers[at]) {
      append_queue(out, *name, static_cast<const queue::Description&>(**answers[at]));
    }
  }
  wire::close_json(out, ']');
  if (names->size() == queues_per_page) {
    out.append(",\"next\":");
    wire::append_json_string(out, names->back());
  }
  co_return json_page(out + "}\n");
}

}  // namespace sluice::admin
