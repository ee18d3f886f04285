#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/task.h"
#include "machines/queue/commands.h"
#include "node/node.h"

namespace sluice::census {

/// One queue of the node.
struct Counted {
  std::string arn;
  std::unique_ptr<queue::Measurement> measured;
};

struct Census {
  std::vector<Counted> queues;  ///< in the order of their names
  bool more = false;            ///< there are others, beyond those asked for
};

/// Asks the first `queues_max` queues of all accounts and regions, several at a time, so that no core is kept long.
/// What cannot be asked now is left out.
Task<Census> take(node::Gate& gate, std::size_t queues_max);

}  // namespace sluice::census
