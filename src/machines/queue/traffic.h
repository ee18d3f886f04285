#pragma once

#include "machines/machine.h"
#include "machines/queue/commands.h"

/// What a queue counts of its commands, in the machine's Tally: a few additions a command, no state.
namespace sluice::queue {

// Called after each decision; one that has not ended (a block is needed, nothing there yet) counts nothing.
void count(const Send& command, const machines::Outcome& outcome, const machines::Moment& moment);
void count(const Receive& command, const machines::Outcome& outcome, const machines::Moment& moment);
void count(const Acknowledge& command, const machines::Outcome& outcome, const machines::Moment& moment);

Traffic traffic_of(const machines::Tally& tally);
/// Of the messages sent in the minute that `at` is in.
SizeRange sizes_of(const machines::Tally& tally, Time at);

}  // namespace sluice::queue
