#pragma once

#include <vector>

#include "machines/machine.h"
#include "machines/queue/commands.h"
#include "machines/queue/facts.h"
#include "machines/queue/state.h"

/// What should happen, one function per command. They read the state and write facts; nothing is changed here.
namespace sluice::queue {

/// What every decision is handed.
struct Decision {
  const State& state;
  const machines::Moment& moment;
  machines::Facts& facts;
  std::vector<machines::Departure>& departures;

  template <class Fill>
  void tell(FactKind kind, Fill fill) const {
    facts.add(static_cast<std::uint16_t>(kind), fill);
  }
  void tell(FactKind kind) const {
    facts.add(static_cast<std::uint16_t>(kind), [](Writer&) {});
  }
  void tell_numbers(FactKind kind, const std::vector<std::uint64_t>& numbers) const {
    if (!numbers.empty()) {
      tell(kind, [&](Writer& out) { Numbers::write(out, numbers); });
    }
  }
};

using machines::Outcome;

// decide_settings.cc
Outcome decide(const Create& command, const Decision& decision);
Outcome decide(const Configure& command, const Decision& decision);
Outcome decide(const Describe& command, const Decision& decision);
Outcome decide(const Remove& command, const Decision& decision);
Outcome decide(const Purge& command, const Decision& decision);
Outcome decide(const Tag& command, const Decision& decision);
// decide_send.cc
Outcome decide(const Send& command, const Decision& decision);
Outcome decide(const machines::Arrival& command, const Decision& decision);
// decide_receive.cc
Outcome decide(const Receive& command, const Decision& decision);
/// Adds a message that is given out now: to the fact that leases it, and to the reply.
void give_out(const Waiting& message, const Decision& decision, std::vector<LeasedFact::One>& leased, Batch& batch);
/// These leave for the dead-letter queue.
void tell_leaving(const std::vector<std::uint64_t>& numbers, const Decision& decision);
// decide_ordered.cc
Outcome receive_in_order(const Receive& command, const Decision& decision);
// decide_settle.cc
Outcome decide(const Acknowledge& command, const Decision& decision);
Outcome decide(const Extend& command, const Decision& decision);
// decide_time.cc
Outcome decide(const machines::Tick& command, const Decision& decision);
Outcome decide(const machines::BlockRead& command, const Decision& decision);
Outcome decide(const machines::Departed& command, const Decision& decision);
Outcome decide(const machines::TurnedBack& command, const Decision& decision);
// decide_measure.cc
Outcome decide(const Measure& command, const Decision& decision);
// decide_peek.cc
Outcome decide(const Peek& command, const Decision& decision);

// decide_move.cc
Outcome decide(const StartMove& command, const Decision& decision);
Outcome decide(const ListMoves& command, const Decision& decision);
Outcome decide(const CancelMove& command, const Decision& decision);
/// What the running move task does at this time.
void tell_moves(const Decision& decision);
/// The envelope of the message that it moves next has been read, or cannot be.
void tell_moved(const machines::BlockRead& command, const Decision& decision);
/// A message that it sent away was refused: it fails.
void tell_move_refused(const machines::TurnedBack& command, const Decision& decision);

/// What is over in blocks of chains is not read, but dropped, along with everything else that is: told when there is
/// such a block.
bool tell_expired_blocks(Time limit, const Decision& decision);

/// The messages of a block that still wait, when its bytes are at hand; nullopt: they are not, or cannot be read.
std::optional<std::vector<Waiting>> read_block(const Block& block, const Decision& decision);

}  // namespace sluice::queue
