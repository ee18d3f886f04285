#include "doors/census/census.h"

#include <algorithm>

namespace sluice::census {
namespace {

constexpr std::size_t names_at_a_time = 1'000;
constexpr std::size_t questions_at_a_time = 64;

}  // namespace

Task<Census> take(node::Gate& gate, std::size_t queues_max) {
  Census census;
  std::string after;
  while (census.queues.size() < queues_max) {
    node::Listing listing{.prefix = "arn:"};
    listing.after = after;
    listing.count_max = names_at_a_time;
    auto names = co_await node::list(gate, std::move(listing));
    if (!names || names->empty()) {
      co_return census;
    }
    after = names->back();
    if (names->size() > queues_max - census.queues.size()) {
      census.more = true;
      names->resize(queues_max - census.queues.size());
    }
    for (std::size_t first = 0; first < names->size(); first += questions_at_a_time) {
      const std::size_t last = std::min(first + questions_at_a_time, names->size());
      std::vector<node::Question> questions;
      for (std::size_t at = first; at < last; ++at) {
        questions.push_back({.name = (*names)[at], .command = std::make_unique<queue::Measure>()});
      }
      std::vector<node::Answer> answers = co_await node::ask_all(gate, std::move(questions));
      for (std::size_t at = first; at < last; ++at) {
        if (node::Answer& answer = answers[at - first]) {
          census.queues.push_back({std::move((*names)[at]), std::unique_ptr<queue::Measurement>(
                                                                static_cast<queue::Measurement*>(answer->release()))});
        }
      }
    }
    if (census.more) {
      co_return census;
    }
  }
  census.more = true;
  co_return census;
}

}  // namespace sluice::census
