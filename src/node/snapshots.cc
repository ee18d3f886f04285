#include "node/snapshots.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "node/core.h"
#include "node/saved.h"
#include "node/steps.h"

namespace sluice::node {
namespace {

// A snapshot that did not count (disk full) is tried again after this; one that gave too little space back is followed
// by another.
constexpr Milliseconds again_after{1'000};

}  // namespace

// While space is short, what was deleted since is worth a snapshot: only then can its segments go.
bool Snapshots::is_due(Lane& lane) const {
  const std::uint64_t bytes = core_.shared.store.bytes_since_snapshot(lane.number());
  return bytes > (is_short_of_space(lane) ? 0 : core_.shared.limits.snapshot_after_bytes);
}

bool Snapshots::is_short_of_space(Lane& lane) {
  return !lane.journal().failed() && !lane.journal().admits(Need::grows);
}

void Snapshots::consider(Lane& lane) {
  if (!is_due(lane) || core_.is_stopping() || under_way_.contains(lane.number()) ||
      core_.shared.clock.monotonic() < not_before_) {
    return;
  }
  start(lane);
  for (const auto& other : core_.shared.cores) {
    other->loop.post([&other = *other] { other.snapshots.start_all(); });
  }
}

void Snapshots::start_all() {
  for (const auto& lane : core_.lanes) {
    if (lane != nullptr && lane->last_sequence >= lane->replay_from) {
      start(*lane);
    }
  }
}

void Snapshots::start(Lane& lane) {
  if (core_.is_stopping() || lane.journal().failed() || under_way_.contains(lane.number())) {
    return;
  }
  UnderWay& under_way = under_way_[lane.number()];
  under_way.snapshot = core_.shared.store.start_snapshot(lane.number());
  // What is born from here on is replayed from its birth; what dies before its turn, died in the log.
  const Position here{lane.last_sequence, lane.epoch(), lane.number()};
  under_way.replay_from = here.sequence + 1;
  under_way.snapshot->put({journal_item_key, here, saved_time(core_.now())});
  for (const machines::MachineId id : core_.hosts.ids([&](const Host& host) { return &host.lane == &lane; })) {
    under_way.keys.push_back(id.value);
  }
  for (const auto& cell : core_.cells) {
    if (cell != nullptr && !cell->pristine() && core_.shared.placement.journal_of(cell->number()) == lane.number()) {
      under_way.keys.push_back(cell->id().value);
    }
  }
  core_.loop.post([this, journal = lane.number()] { step(journal); });
}

void Snapshots::step(std::uint16_t journal) {
  const auto found = under_way_.find(journal);
  if (found == under_way_.end()) {
    return;
  }
  UnderWay& under_way = found->second;
  Lane& lane = *core_.lanes[journal];
  if (lane.journal().failed()) {
    under_way_.erase(found);
    return;
  }
  StepBudget budget(core_.shared.clock, core_.shared.limits.step_machines_max);
  while (!under_way.keys.empty() && budget.allows()) {
    const std::uint64_t key = under_way.keys.back();
    under_way.keys.pop_back();
    put(lane, under_way, key);
  }
  if (under_way.keys.empty()) {
    finish(lane, under_way);
  } else {
    core_.loop.post([this, journal] { step(journal); });
  }
}

void Snapshots::put(Lane& lane, UnderWay& under_way, std::uint64_t key) {
  const machines::MachineId id{key};
  const Position here{lane.last_sequence, lane.epoch(), lane.number()};
  if (number_in_cell(id) == 0) {
    under_way.snapshot->put({key, here, saved_cell(core_.cell(id.cell()))});
    return;
  }
  const Host* const host = core_.hosts.find(id);
  if (host == nullptr) {
    return;
  }
  if (host->machine != nullptr) {
    under_way.snapshot->put({key, here, saved_machine(*host)});
    return;
  }
  under_way.replay_from = std::min(under_way.replay_from, host->kept.position.sequence + 1);
  under_way.snapshot->put(host->kept);
}

void Snapshots::finish(Lane& lane, UnderWay& under_way) {
  ++core_.pending;
  under_way.finishing = true;
  under_way.snapshot->finish([this, &lane, replay_from = under_way.replay_from](bool counted) {
    const Turn turn(core_);
    under_way_.erase(lane.number());
    core_.ended();
    if (!counted) {
      log(LogLevel::warning, "a snapshot could not be written; it is tried again");
      not_before_ = core_.shared.clock.monotonic() + again_after;
      return;
    }
    if (is_short_of_space(lane)) {
      not_before_ = core_.shared.clock.monotonic() + again_after;
      core_.loop.after(again_after + Milliseconds(1), [this, &lane] { consider(lane); });
    }
    lane.replay_from = replay_from;
    core_.shared.replay_from[lane.number()].store(replay_from, std::memory_order_release);
    Core& reclaiming = *core_.shared.cores.front();
    reclaiming.loop.post([&reclaiming] { reclaiming.reclaim.wake(); });
  });
}

}  // namespace sluice::node
