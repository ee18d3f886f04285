#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "journal/store.h"
#include "machines/machine.h"
#include "node/matter.h"
#include "node/wheel.h"

namespace sluice::node {

/// Blocks of one machine that were read back: bounded in bytes, the oldest read goes first. A cache, never state.
class BlockCache {
 public:
  const machines::Blocks& pages() const { return pages_; }
  bool has(std::uint64_t block) const { return pages_.contains(block); }
  void put(std::uint64_t block, std::string bytes);
  /// Down to the bound: when no command is on its way through blocks, so that one that needs several at a time gets
  /// them.
  void trim(std::size_t bytes_max);
  void drop(std::uint64_t block);

 private:
  machines::Blocks pages_;
  std::vector<std::uint64_t> by_age_;
  std::size_t bytes_ = 0;
};

/// One machine and all that waits for it; no part of its state. On the thread of its core.
struct Host {
  Host(machines::MachineId machine_id, machines::Kind its_kind, std::string its_name, Cell& its_cell, Lane& its_lane)
      : id(machine_id), kind(its_kind), name(std::move(its_name)), cell(its_cell), lane(its_lane) {}

  machines::MachineId id;
  machines::Kind kind;
  std::string name;
  Cell& cell;
  Lane& lane;
  std::unique_ptr<machines::Machine> machine;  ///< null: set aside
  std::string set_aside;                       ///< why
  journal::SnapshotItem kept;                  ///< of one set aside: what snapshots go on to hold of it
  std::uint64_t born = 1;                      ///< sequence of its birth, where that was replayed

  std::uint64_t last_sequence = 0;        ///< of the last entry with a fact of this machine
  machines::Tally tally{};                ///< what the machine counts
  MatterList waiting;                     ///< for the machine to have something: oldest first
  MatterList blocked;                     ///< for a block that is being read
  Alarm alarm{Alarm::Rings::host, this};  ///< the machine's deadline
  bool touched = false;                   ///< its state has changed since it was last tended
  bool gone = false;                      ///< no name leads here any more
  bool tick_blocked = false;              ///< its Tick waits for a block

  BlockCache blocks;
  std::set<std::uint64_t> coming;      ///< blocks that are being read
  std::set<std::uint64_t> unreadable;  ///< blocks that could not be read
  std::optional<std::uint64_t> ahead;  ///< the block that is being read ahead
};

}  // namespace sluice::node
