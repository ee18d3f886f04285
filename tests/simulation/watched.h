#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "machines/machine.h"
#include "machines/queue/queue.h"
#include "mutation.h"

/// Queues that can be looked into while a node owns them, and that may carry a machine's defect.
namespace sluice::simulation {

struct Watch {
  queue::Options options;
  Mutation mutation = Mutation::none;
  std::map<std::uint64_t, const machines::Machine*> machines;  ///< by id: those that live now
  std::uint64_t blocks_read = 0;                               ///< counted over the life, to show that paging happens
  std::uint64_t departures = 0;
};
/// One for the process: a factory is a plain function.
Watch& watch();

std::unique_ptr<machines::Machine> make_watched(machines::Kind kind, machines::MachineId id);

/// What every machine would save now, by id.
std::map<std::uint64_t, std::string> saved_states();

}  // namespace sluice::simulation
