#include "node/survey.h"

#include <algorithm>
#include <utility>

#include "node/core.h"
#include "node/steps.h"

namespace sluice::node {
namespace {

// Blocks of one machine that are read from the device for one listing of its references; past it the segment stays.
constexpr std::size_t missing_per_round_max = 256;
constexpr std::size_t rounds_max = 64;

}  // namespace

Candidates::Candidates(const std::vector<journal::SegmentInfo>& segments,
                       const std::vector<std::uint64_t>& replay_from) {
  for (const journal::SegmentInfo& segment : segments) {
    bool replayed = !segment.sealed || segment.of_journal.size() != replay_from.size();
    for (std::size_t journal = 0; journal < segment.of_journal.size() && !replayed; ++journal) {
      const auto& span = segment.of_journal[journal];
      replayed = span.first <= span.last && span.last >= replay_from[journal];
    }
    if (!replayed) {
      segments_.push_back(segment);
    }
  }
  std::sort(segments_.begin(), segments_.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  last_until_.resize(replay_from.size());
  for (std::size_t journal = 0; journal < replay_from.size(); ++journal) {
    std::uint64_t last = 0;
    for (const journal::SegmentInfo& segment : segments_) {
      const auto& span = segment.of_journal[journal];
      last = span.first <= span.last ? std::max(last, span.last) : last;
      last_until_[journal].push_back(last);
    }
  }
}

std::size_t Candidates::first_touched(std::uint16_t journal, std::uint64_t sequence) const {
  const auto& last = last_until_[journal];
  return static_cast<std::size_t>(std::lower_bound(last.begin(), last.end(), sequence) - last.begin());
}

std::uint64_t Candidates::share(const machines::LiveRange& range, const journal::SegmentInfo::Range& span) {
  const double inside = static_cast<double>(std::min(range.last, span.last) - std::max(range.first, span.first) + 1);
  const double whole = static_cast<double>(range.last - range.first + 1);
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(static_cast<double>(range.bytes) * inside / whole));
}

void Survey::arrive(Core& here) {
  if (returning) {
    here.reclaim.back();
    return;
  }
  live_bytes.assign(candidates->segments().size(), 0);
  pinned.assign(candidates->segments().size(), 0);
  machines_ = here.hosts.ids([](const Host&) { return true; });
  step(here);
}

void Survey::step(Core& here) {
  StepBudget budget(here.shared.clock, here.shared.limits.step_machines_max);
  while (!machines_.empty() && !failed && budget.allows()) {
    const Host* const host = here.hosts.find(machines_.back());
    if (host != nullptr && !exact_of.empty() && !list_references(here, *host)) {
      return;  // goes on when its blocks have been read
    }
    if (host != nullptr && exact_of.empty()) {
      look_at(*host);
    }
    machines_.pop_back();
  }
  if (!machines_.empty() && !failed) {
    here.loop.post([this, &here] {
      const Turn turn(here);
      step(here);
    });
    return;
  }
  // What has been deleted may be dropped only when the deletion is durable.
  for (const auto& lane : here.lanes) {
    if (lane != nullptr) {
      waits_.add(*lane, lane->last_sequence);
    }
  }
  wait_for_log(here);
}

void Survey::look_at(const Host& host) {
  const std::uint16_t journal = host.lane.number();
  if (host.machine == nullptr) {
    for (std::size_t index = 0; index < pinned.size(); ++index) {
      const auto& span = candidates->segments()[index].of_journal[journal];
      pinned[index] = static_cast<char>(pinned[index] != 0 || span.first <= span.last);
    }
    return;
  }
  host.machine->live([&](const machines::LiveRange& range) {
    candidates->each(journal, range, [&](std::size_t index, std::uint64_t bytes) { live_bytes[index] += bytes; });
  });
}

bool Survey::touches(const Host& host, std::size_t wanted) const {
  bool touched = false;
  host.machine->live([&](const machines::LiveRange& range) {
    candidates->each(host.lane.number(), range,
                     [&](std::size_t index, std::uint64_t) { touched = touched || index == wanted; });
  });
  return touched;
}

// False: blocks must be read first, and then the same machine is asked again.
bool Survey::list_references(Core& here, const Host& host) {
  const std::size_t wanted = exact_of.front();
  if (host.machine == nullptr || !touches(host, wanted)) {
    return true;
  }
  Lane& lane = host.lane;
  const auto& span = candidates->segments()[wanted].of_journal[lane.number()];
  missing_.clear();
  const auto read = [&](const Reference& block) -> std::optional<std::string> {
    const auto found = std::find_if(read_.begin(), read_.end(), [&](const Bytes& had) { return had.first == block; });
    if (found != read_.end()) {
      return found->second;
    }
    std::string bytes;
    if (lane.journal().read_now(block, bytes)) {
      return bytes;
    }
    if (missing_.size() < missing_per_round_max) {
      missing_.push_back(block);
    }
    return std::nullopt;
  };
  const std::size_t before = references.size();
  const bool all = host.machine->references({span.first, span.last, 0}, read, [&](const Reference& reference) {
    if (reference.sequence >= span.first && reference.sequence <= span.last) {
      references.emplace_back(lane.number(), reference);
    }
  });
  if (all) {
    read_.clear();
    rounds_ = 0;
    return true;
  }
  references.resize(before);
  failed = missing_.empty() || ++rounds_ > rounds_max || lane.journal().failed();
  if (failed) {
    return true;
  }
  read_missing(here, lane);
  return false;
}

void Survey::read_missing(Core& here, Lane& lane) {
  reads_pending_ = missing_.size();
  here.pending += missing_.size();
  for (const Reference& block : missing_) {
    lane.journal().read(block, [this, &here, block](std::optional<std::string> got) {
      const Turn turn(here);
      if (got) {
        read_.emplace_back(block, std::move(*got));
      } else {
        failed = true;
      }
      if (--reads_pending_ == 0) {
        step(here);
      }
      here.ended();
    });
  }
}

void Survey::wait_for_log(Core& here) {
  if (!waits_.over(*this, failed)) {
    return;
  }
  returning = true;
  here.send(*this, 0);
}

void Survey::released(Core& here, bool durable) {
  failed = failed || !durable;
  wait_for_log(here);
}

}  // namespace sluice::node
