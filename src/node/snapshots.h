#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "journal/store.h"
#include "machines/machine.h"
#include "node/lane.h"

namespace sluice::node {

class Core;

/// Writes the snapshots of this core's journals, machine by machine between requests, each with its own position, so
/// that a replay stays short and old segments can go. One thread.
class Snapshots {
 public:
  explicit Snapshots(Core& core) : core_(core) {}

  /// Starts one where enough has been appended; then all journals do, on every core, because a segment that all share
  /// can go only when none of them replays it.
  void consider(Lane& lane);
  /// Starts one of every journal of this core that has entries since its last.
  void start_all();
  /// Drops those that are not written to the end.
  void stop() {
    std::erase_if(under_way_, [](const auto& of_journal) { return !of_journal.second.finishing; });
  }

 private:
  struct UnderWay {
    std::unique_ptr<journal::Store::Snapshot> snapshot;
    std::vector<std::uint64_t> keys;  // of the cells and machines still to be saved, the next at the end
    std::uint64_t replay_from = 0;    // once it counts
    bool finishing = false;
  };

  bool is_due(Lane& lane) const;
  static bool is_short_of_space(Lane& lane);
  void start(Lane& lane);
  void step(std::uint16_t journal);
  void put(Lane& lane, UnderWay& under_way, std::uint64_t key);
  void finish(Lane& lane, UnderWay& under_way);

  Core& core_;
  std::map<std::uint16_t, UnderWay> under_way_;
  std::chrono::nanoseconds not_before_{0};  // after one that did not count
};

}  // namespace sluice::node
