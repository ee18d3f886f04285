#pragma once

#include "machines/machine.h"
#include "machines/queue/state.h"

namespace sluice::queue {

/// Makes a fact so. A fact that cannot be is our fault: check.
void apply(const machines::Fact& fact, State& state);

}  // namespace sluice::queue
