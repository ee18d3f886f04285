#include "node/reclaim.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/log.h"
#include "node/core.h"

namespace sluice::node {
namespace {

// A segment is rewritten when less than this part of it lives, and (once rewritten) when half of that has died.
constexpr std::uint64_t sparse_below_percent = 25;
// Less than this is not worth a rewrite.
constexpr std::uint64_t gain_bytes_min = 16U << 10;

}  // namespace

void Reclaim::wake() {
  const Turn turn(core_);
  again_ = true;
  if (!busy_) {
    begin_round();
  }
}

void Reclaim::begin_round() {
  again_ = false;
  if (core_.is_stopping()) {
    return;
  }
  std::vector<std::uint64_t> replay_from;
  for (std::uint16_t journal = 0; journal < core_.shared.placement.journals(); ++journal) {
    replay_from.push_back(core_.shared.replay_from[journal].load(std::memory_order_acquire));
  }
  candidates_ = std::make_shared<const Candidates>(core_.shared.store.segments(), replay_from);
  if (candidates_->empty()) {
    return;
  }
  busy_ = true;
  ++core_.pending;
  exact_ = false;
  ask_all({});
}

void Reclaim::ask_all(std::vector<std::size_t> exact_of) {
  surveys_.clear();
  away_ = core_.shared.cores.size();
  for (std::size_t core = 0; core < core_.shared.cores.size(); ++core) {
    Survey& survey = *surveys_.emplace_back(std::make_unique<Survey>());
    survey.candidates = candidates_;
    survey.exact_of = exact_of;
    core_.send(survey, core);
  }
}

void Reclaim::back() {
  if (--away_ > 0) {
    return;
  }
  const bool failed = std::any_of(surveys_.begin(), surveys_.end(), [](const auto& survey) { return survey->failed; });
  if (failed || core_.is_stopping()) {
    end_round();
  } else if (exact_) {
    rewrite();
  } else {
    weigh();
  }
}

// Drops all that is dead; of those in which little lives, the emptiest is rewritten, and another round follows.
void Reclaim::weigh() {
  std::optional<std::size_t> emptiest;
  std::uint64_t emptiest_live = 0;
  away_ = 1;  // this function itself: an action may end at once
  for (std::size_t index = 0; index < candidates_->segments().size(); ++index) {
    const journal::SegmentInfo& segment = candidates_->segments()[index];
    std::uint64_t live = 0;
    bool pinned = false;
    for (const auto& survey : surveys_) {
      live += survey->live_bytes[index];
      pinned = pinned || survey->pinned[index] != 0;
    }
    if (pinned) {
      continue;
    }
    if (live == 0) {
      act(segment.id, true, {});
      continue;
    }
    const auto tried = tried_.find(segment.id);
    const bool little = live * 100 < segment.bytes * sparse_below_percent && segment.bytes >= live + gain_bytes_min;
    if (little && (tried == tried_.end() || live * 2 < tried->second) && (!emptiest || live < emptiest_live)) {
      emptiest = index;
      emptiest_live = live;
    }
  }
  if (emptiest) {
    sparse_ = *emptiest;
    tried_[candidates_->segments()[sparse_].id] = emptiest_live;
  }
  exact_ = emptiest.has_value();
  acted();
}

void Reclaim::rewrite() {
  std::vector<std::pair<std::uint16_t, Reference>> live;
  for (const auto& survey : surveys_) {
    live.insert(live.end(), survey->references.begin(), survey->references.end());
  }
  std::sort(live.begin(), live.end(), [](const auto& a, const auto& b) {
    return std::tuple(a.first, a.second.sequence, a.second.offset) <
           std::tuple(b.first, b.second.sequence, b.second.offset);
  });
  // A message that waits and whose deduplication id is remembered is told twice.
  live.erase(std::unique(live.begin(), live.end()), live.end());
  exact_ = false;
  again_ = true;
  away_ = 1;
  const bool dead = live.empty();
  act(candidates_->segments()[sparse_].id, dead, std::move(live));
  acted();
}

void Reclaim::act(std::uint64_t segment, bool drops, std::vector<std::pair<std::uint16_t, Reference>> live) {
  ++away_;
  const auto done = [this, segment, drops](bool succeeded) {
    const Turn turn(core_);
    if (succeeded && log_enabled(LogLevel::debug)) {
      log(LogLevel::debug, fmt::format("segment {} is {}", segment, drops ? "dropped" : "rewritten"));
    }
    if (succeeded && drops) {
      tried_.erase(segment);
    }
    acted();
  };
  if (drops) {
    core_.shared.store.drop(segment, core_.loop, done);
  } else {
    core_.shared.store.rewrite(segment, std::move(live), core_.loop, done);
  }
}

void Reclaim::acted() {
  if (--away_ > 0) {
    return;
  }
  if (exact_ && !core_.is_stopping()) {
    ask_all({sparse_});
  } else {
    end_round();
  }
}

void Reclaim::end_round() {
  busy_ = false;
  surveys_.clear();
  core_.ended();
  if (again_ && !core_.is_stopping()) {
    begin_round();
  }
}

}  // namespace sluice::node
