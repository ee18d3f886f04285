#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "journal/store.h"
#include "machines/queue/queue.h"
#include "node/node.h"

/// What a life is made of, all of it from its seed.
namespace sluice::simulation {

struct QueuePlan {
  std::string name;
  int dead_letters = -1;  ///< index of the queue it sends its dead letters to
  std::uint32_t receive_count_max = 0;
  Seconds visibility_timeout{2};
  Seconds delay{0};
  Seconds retention{345'600};
};

/// How often each thing is done, against the others.
struct Weights {
  unsigned send, send_batch, receive, acknowledge, extend, purge, remove, configure, describe, leave, move;
};

struct Phase {
  Milliseconds span{0};
  Weights weights{};
};

enum class Fault { power_cut, kill, stop, disk_full, sync_fails, slow_disk, wall_jumps, power_cut_in_start };
struct FaultPlan {
  Milliseconds at{0};
  Fault fault = Fault::kill;
};

struct Scenario {
  std::size_t cores = 1;
  journal::Options store;
  node::Limits limits;
  queue::Options queues;
  std::vector<QueuePlan> plans;
  bool ordered = false;  ///< all of them; producers then repeat what was not answered
  bool tenants = false;  ///< messages of standard queues belong to tenants, one of them noisy
  std::size_t clients = 1;
  Milliseconds think_max{100};
  std::size_t body_bytes_max = 100;
  std::chrono::nanoseconds device_time_max{0};
  std::vector<Phase> phases;      ///< one after another
  std::vector<FaultPlan> faults;  ///< by time
  bool clock_is_steady = true;    ///< the wall clock never jumps, so that times can be checked
};

Scenario scenario_of(std::uint64_t seed);
std::string describe(const Scenario& scenario);

}  // namespace sluice::simulation
