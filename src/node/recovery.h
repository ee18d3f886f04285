#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "io/disk.h"
#include "node/core.h"

namespace sluice::node {

/// Builds the state of all cores from snapshots and log, before any loop runs; on the thread that starts the node.
/// A machine that cannot be brought back is set aside: its log is kept, the others serve.
class Recovery {
 public:
  explicit Recovery(Shared& shared) : shared_(shared) {}

  /// A fault is fatal to the start: the store's own, or a cell (not a machine) that cannot be brought back.
  io::Outcome<void> run();

  /// The newest journal time found; the clocks go on from there.
  Time last_record() const { return last_record_; }

 private:
  struct Loaded {
    std::uint64_t through = 0;  ///< sequence of the newest fact that the state holds
  };

  io::Outcome<void> load_snapshots();
  void load(std::uint16_t journal, journal::SnapshotItem&& item);
  void load_machine(std::uint16_t journal, const journal::SnapshotItem& item, std::string_view state);
  io::Outcome<void> replay();
  void take(Position position, std::string_view entry);
  void take_cell_fact(const machines::Fact& fact, const Frame& frame);
  void take_machine_fact(const machines::Fact& fact, const Frame& frame);
  void apply(Host& host, const machines::Fact& fact);
  io::Outcome<void> keep_what_is_set_aside();

  void fault(Position position, std::string_view what);
  void set_aside(Host& host, std::string why);

  Core& core_of(std::uint16_t cell) { return *shared_.cores[shared_.placement.core_of(cell)]; }
  Lane& lane_of(std::uint16_t journal) {
    return *shared_.cores[shared_.placement.core_of_journal(journal)]->lanes[journal];
  }

  Shared& shared_;
  Time last_record_{};
  std::vector<std::uint64_t> from_;                           // by journal: what to replay first
  std::unordered_map<std::uint64_t, std::uint64_t> through_;  // by id: the newest fact that its snapshot holds
  std::unordered_set<std::uint64_t> died_;                    // in the replayed log
  std::unordered_set<std::uint64_t> unknown_;                 // addressed, not there: must have died later on
  std::string fault_;                                         // what makes the start impossible
};

}  // namespace sluice::node
