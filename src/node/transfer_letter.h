#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "node/cell.h"
#include "node/matter.h"

namespace sluice::node {

/// Transfers of one channel, oldest first, on their way to the target's core and back. A matter twice over: at the
/// target one Arrival after another, back home one Departed or TurnedBack after another. Belongs to the channel.
struct TransferLetter final : Matter {
  struct Item {
    machines::MachineId source;
    std::uint64_t token = 0;
    std::string target;
    std::string source_name;
    std::string header;
    std::string body;
    bool is_void = false;  ///< nothing to give: its source is gone, or its bytes cannot be read
  };

  void arrive(Core& here) override;
  void released(Core& here, bool durable) override;
  void concluded(Core& here, Conclusion conclusion) override;
  void machine_gone(Core& here, Host& host) override;
  void ride(Core& here, Cell& cell, Lane& lane, const machines::Outcome& outcome) override;

  std::uint16_t source_cell = 0;
  std::uint16_t target_cell = 0;
  std::uint64_t first = 0;            ///< number of items[0]
  std::uint64_t settled_through = 0;  ///< at the source, durably
  std::vector<Item> items;
  std::vector<Verdict> verdicts;  ///< as far as the target came
  bool returning = false;
  bool failed = false;  ///< the target's journal is final: no verdict counts

  std::size_t at = 0;             ///< the item being decided
  std::size_t reads_pending = 0;  ///< bodies still on their way from the log
  bool deciding = false;          ///< guards against answers that come while it asks
  bool stopped = false;           ///< the last item was not decided: go no further now
};

}  // namespace sluice::node
