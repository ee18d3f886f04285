#pragma once

#include <cstddef>
#include <memory>

#include "machines/machine.h"
#include "machines/queue/commands.h"

/// The queue machine: see ../README.md for how it holds its messages, commands.h for what it can be told.
namespace sluice::queue {

/// Bounds of what a queue keeps in memory. Not part of the state: a restart may use others.
struct Options {
  std::size_t block_messages = 1'024;     ///< messages in a page of the index
  std::size_t head_messages = 2'048;      ///< of the ready chain in memory, before anything is paged out
  std::size_t delayed_messages = 16'384;  ///< of all delayed chains in memory, before small pages are made
  std::size_t small_block_messages = 64;  ///< a page then, and what stays in memory of each delayed chain
  std::size_t in_flight_max = queue::in_flight_max;
  std::size_t returned_messages = 8'192;  ///< that came back, among the leases, before they wait in a chain
  std::size_t lost_blocks = 64;           ///< of that chain, read to find a message whose lease is settled late
  std::size_t apart_messages = 256;       ///< in memory of a noisy group's own chain, before anything is paged out
  std::size_t looks_max = 1'000;          ///< messages one receive looks at (over, or leaving, or to give out)
  /// Among how many messages, from the front, one is looked for whose receive was lost: a crash loses receives of the
  /// first in_flight_max at most, and they only move on towards the front. Twice that, for blocks that straddle.
  std::size_t lost_messages = 2 * queue::in_flight_max;
  /// Of an ordered queue. While all groups in the head are locked, another is looked for among so many messages.
  std::size_t locked_messages_max = queue::in_flight_max;
  /// And before a group is given out of again, one that was not yet, among so many.
  std::size_t fair_messages_max = 20'000;
  std::size_t ids_in_page = 1'024;  ///< deduplication ids; as many at least are in memory
  Milliseconds ids_pause{10'000};   ///< an id is dropped at most this long after its time
  Milliseconds read_ahead{2'000};   ///< a delayed block is read this long before its first message is due
  Milliseconds expiry_pause{200};   ///< at least, between two looks for messages whose retention is over
};

std::unique_ptr<machines::Machine> make(machines::MachineId id);
std::unique_ptr<machines::Machine> make(machines::MachineId id, const Options& options);

}  // namespace sluice::queue
