#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "node/cell.h"
#include "node/lane.h"
#include "node/transfer_letter.h"

namespace sluice::node {

class Core;

/// Carries what stands in the outboxes of this core's cells to its targets, and takes what comes from others
/// (design.md, Between machines: the transfer). Every step is written down before the next is taken, so that at a crash
/// between any two nothing is lost and nothing done twice. One thread; calls inside a Turn.
class Transfers {
 public:
  explicit Transfers(Core& core) : core_(core) {}

  /// After recovery: whatever stands in an outbox leaves again; a target that has taken it says so.
  void begin();
  /// A transfer has just been given: it leaves when that entry is durable.
  void given(Cell& cell, std::uint16_t target_cell);
  /// More of this lane's log is durable.
  void flushed(Lane& lane);

  // For TransferLetter.
  void take(TransferLetter& letter);
  void settle(TransferLetter& letter);
  void write_arrived(TransferLetter& letter, Cell& cell, Lane& lane, Verdict verdict);
  void write_settled(TransferLetter& letter, Cell& cell, Lane& lane);
  void take_next(TransferLetter& letter);
  void settle_next(TransferLetter& letter);

 private:
  struct Waiting {
    std::uint16_t cell;
    std::uint16_t target_cell;
  };

  void send_next(Cell& cell, std::uint16_t target_cell);
  void pack(Cell& cell, Channel& channel, TransferLetter& letter);
  void pack_body(TransferLetter& letter, std::size_t at, Lane& lane, const Reference& body);
  void dispatch_if_packed(TransferLetter& letter);
  void answer(TransferLetter& letter);
  void rest(TransferLetter& letter);
  void try_again(std::uint16_t cell, std::uint16_t target_cell);

  Core& core_;
  std::vector<Waiting> waiting_, looked_at_;  // channels with something that is not durable yet
};

}  // namespace sluice::node
