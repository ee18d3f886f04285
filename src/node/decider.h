#pragma once

#include <memory>
#include <vector>

#include "machines/machine.h"
#include "node/cell.h"
#include "node/host.h"
#include "node/inquiry.h"
#include "node/lane.h"
#include "node/matter.h"

namespace sluice::node {

class Core;

/// The heart of a core: lets machines decide, applies their facts at once, appends the entry, and keeps who must wait.
/// One thread; every call inside a Turn.
class Decider {
 public:
  explicit Decider(Core& core) : core_(core) {}

  /// A question that has reached the core of its name's cell.
  void serve(Inquiry& inquiry);
  /// How a matter lies after it was put to its machine.
  enum class Standing { concluded, blocked, waiting };
  /// Puts a matter to a machine. It ends concluded, or in one of the host's lists. A concluded one must not be touched:
  /// it may be on its way home.
  Standing consult(Host& host, Matter& matter);
  /// A fact of the cell, into the entry being written in `lane`, applied at once.
  template <class Fill>
  void cell_fact(Cell& cell, Lane& lane, CellFact kind, Fill fill) {
    const std::size_t mark = lane.entry.bytes().size();
    machines::Facts facts(lane.entry.bytes(), cell.id());
    facts.add(static_cast<std::uint16_t>(kind), fill);
    apply_cell(cell, lane, mark);
  }
  /// An entry that no machine decides: opened, filled with `cell_fact`, appended.
  template <class Fill>
  void cell_entry(Cell& cell, Lane& lane, Fill fill) {
    open(lane);
    fill();
    commit(nullptr, cell, lane);
  }

  /// The machine's deadline has come.
  void tick(Host& host);
  /// To be tended before this turn ends: waiting commands, read-ahead, deadline.
  void touch(Host& host);
  /// Tends all that were touched; false when there was nothing to do.
  bool tend_touched();
  /// What was removed in this turn may end.
  void bury() { removed_.clear(); }

 private:
  enum class Step { decided, blocked, entry_full };
  enum class Fetched { here, coming, unreadable };

  void open(Lane& lane);
  bool commit(Host* host, Cell& cell, Lane& lane);
  void apply_cell(Cell& cell, Lane& lane, std::size_t mark);
  void apply(Host& host, std::size_t mark);
  machines::Outcome decide(Host& host, const machines::Command& command, bool last_chance, machines::Facts& facts);
  machines::Outcome decide_and_apply(Host& host, const machines::Command& command, bool last_chance);
  Step decide_with_blocks(Host& host, const machines::Command& command, bool last_chance, machines::Outcome& outcome);
  bool bring_up_to_date(Host& host);
  void conclude(Host& host, Matter& matter, machines::Outcome outcome);
  void give_birth(Inquiry& inquiry, machines::Kind kind);
  void remove(Host& host);

  Fetched fetch(Host& host, const machines::NeedsBlock& needed);
  void fetched(machines::MachineId id, std::uint64_t block, std::optional<std::string> bytes);

  void tend(Host& host);
  void ask_waiting(Host& host);
  void read_ahead(Host& host);
  bool give_block(Host& host, std::uint64_t block);
  void set_alarm(Host& host);

  Core& core_;
  std::vector<machines::Departure> departures_;
  std::vector<Host*> touched_, tending_;
  std::vector<std::unique_ptr<Host>> removed_;
};

}  // namespace sluice::node
