// POST /_sluice/reset: as after the first start.
#include <fmt/format.h>

#include "doors/admin/admin.h"
#include "doors/aws/sqs/faults.h"
#include "machines/queue/commands.h"

namespace sluice::admin {
namespace {

constexpr std::size_t queues_at_a_time = 100;

}  // namespace

Task<wire::HttpResponse> Admin::reset(Asked) {
  if (!desk_.reset) {
    co_return error_page(403,
                         "Deletes every queue: a server with access keys, or told admin_open, does so only when it was "
                         "started with --reset.");
  }
  std::size_t deleted = 0;
  std::string after;
  while (true) {
    node::Listing listing{.prefix = "arn:"};
    listing.after = after;
    listing.count_max = queues_at_a_time;
    auto names = co_await node::list(gate_, std::move(listing));
    if (!names) {
      co_return refusal_page(names.error());
    }
    if (names->empty()) {
      break;
    }
    after = names->back();
    std::vector<node::Question> questions;
    for (const std::string& name : *names) {
      questions.push_back({.name = name, .command = std::make_unique<queue::Remove>()});
    }
    for (const node::Answer& answer : co_await node::ask_all(gate_, std::move(questions))) {
      deleted += answer ? 1 : 0;
      if (!answer && answer.error().reason != Reason::not_found) {
        co_return refusal_page(answer.error());
      }
    }
  }
  desk_.faults->clear();
  if (desk_.forget_history) {
    desk_.forget_history();
  }
  co_return json_page(fmt::format("{{\"deleted_queues\":{}}}\n", deleted));
}

}  // namespace sluice::admin
