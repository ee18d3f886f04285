#include "scenario.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/random.h"

namespace sluice::simulation {
namespace {

template <class T>
T one_of(Random& random, std::initializer_list<T> choices) {
  return *(choices.begin() + random.below(choices.size()));
}

// Loads: the same things in different shares.
const std::vector<Weights>& loads() {
  static const std::vector<Weights> table = {
      // send batch receive ack extend purge remove configure describe leave move
      {30, 10, 30, 40, 5, 0, 0, 1, 2, 1, 0},   // a usual day
      {40, 40, 5, 3, 0, 0, 0, 0, 1, 0, 0},     // a backlog grows
      {2, 0, 50, 60, 2, 0, 0, 0, 1, 1, 0},     // and is drained
      {20, 10, 50, 5, 10, 0, 0, 0, 1, 3, 0},   // received, and seldom finished: back again, then dead letters
      {20, 10, 50, 10, 10, 0, 0, 0, 1, 3, 8},  // and moved out of where they went
      {20, 10, 30, 30, 5, 3, 3, 3, 2, 2, 2},   // everything is turned about
  };
  return table;
}

std::vector<QueuePlan> queues(Random& random) {
  std::vector<QueuePlan> plans(1 + random.below(5));
  for (std::size_t at = 0; at < plans.size(); ++at) {
    QueuePlan& plan = plans[at];
    plan.name = fmt::format("arn:aws:sqs:us-east-1:000000000000:queue-{}-{}", at, random.below(10'000));
    plan.visibility_timeout = Seconds(1 + random.below(4));
    plan.delay = Seconds(random.chance(0.3) ? 1 + random.below(3) : 0);
    plan.retention = random.chance(0.1) ? Seconds(8) : Seconds(345'600);
    if (plans.size() > 1 && random.chance(0.5)) {
      plan.dead_letters = static_cast<int>((at + 1 + random.below(plans.size() - 1)) % plans.size());
      plan.receive_count_max = static_cast<std::uint32_t>(1 + random.below(3));
    }
  }
  return plans;
}

std::vector<FaultPlan> faults(Random& random, Milliseconds span) {
  std::vector<FaultPlan> plans(random.below(6));
  for (FaultPlan& plan : plans) {
    plan.at = Milliseconds(random.below(static_cast<std::uint64_t>(span.count())));
    plan.fault = one_of(random, {Fault::power_cut, Fault::power_cut, Fault::power_cut, Fault::kill, Fault::kill,
                                 Fault::stop, Fault::disk_full, Fault::disk_full, Fault::sync_fails, Fault::slow_disk,
                                 Fault::wall_jumps, Fault::power_cut_in_start, Fault::power_cut_in_start});
  }
  std::sort(plans.begin(), plans.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  return plans;
}

void make_ordered(Scenario& scenario, Random random) {
  scenario.ordered = random.chance(0.4);
  scenario.queues.fair_messages_max = scenario.queues.head_messages + random.below(60);
  scenario.queues.ids_in_page = 2 + random.below(20);
  scenario.queues.ids_pause = Milliseconds(100 + random.below(5'000));
}

}  // namespace

Scenario scenario_of(std::uint64_t seed) {
  Random random(seed * 2 + 1);
  Scenario scenario;
  scenario.cores = 1 + random.below(4);
  scenario.store.journals = static_cast<std::uint16_t>(1 + random.below(4));
  scenario.store.segment_bytes = one_of<std::uint64_t>(random, {32U << 10, 64U << 10, 128U << 10});
  scenario.store.recent_bytes_max = one_of<std::uint64_t>(random, {0, 4U << 10, 64U << 10});
  scenario.store.birth_seed = random.next();
  scenario.limits.check_invariants = true;
  scenario.limits.entry_bytes_goal = one_of<std::size_t>(random, {500, 8U << 10});
  scenario.limits.snapshot_after_bytes = one_of<std::uint64_t>(random, {16U << 10, 48U << 10, 200U << 10});
  scenario.limits.step_machines_max = 1 + random.below(3);
  scenario.limits.departures_max = one_of<std::size_t>(random, {2, 8, 1'024});
  scenario.limits.block_cache_bytes_max = one_of<std::size_t>(random, {100, 2'000, 4U << 20});
  scenario.limits.waiting_max = one_of<std::size_t>(random, {2, 1'000});
  scenario.queues.block_messages = 2 + random.below(15);
  scenario.queues.head_messages = scenario.queues.block_messages * (1 + random.below(3)) + random.below(4);
  scenario.queues.delayed_messages = 4 + random.below(30);
  scenario.queues.small_block_messages = 2 + random.below(4);
  scenario.queues.returned_messages = one_of<std::size_t>(random, {0, 3, 1'000});
  scenario.queues.lost_blocks = 100'000;  // of so few messages each: the model knows no deletion that comes too late
  scenario.queues.in_flight_max = one_of<std::size_t>(random, {5, 30, 1'000});
  scenario.queues.looks_max = one_of<std::size_t>(random, {12, 1'000});
  scenario.plans = queues(random);
  make_ordered(scenario, Random(seed * 2 + 1'000'003));
  Random market(seed * 2 + 2'000'003);
  scenario.tenants = !scenario.ordered && market.chance(0.4);
  scenario.queues.apart_messages = one_of<std::size_t>(market, {2, 8, 256});
  scenario.clients = 2 + random.below(9);
  scenario.think_max = Milliseconds(one_of<int>(random, {5, 40, 100}));
  scenario.body_bytes_max = one_of<std::size_t>(random, {10, 300, 3'000});
  scenario.device_time_max = std::chrono::microseconds(one_of<int>(random, {20, 200, 3'000}));
  const bool many_leave = scenario.limits.departures_max > 100 && scenario.queues.looks_max > 100;
  if (scenario.body_bytes_max > 1'000 || many_leave) {
    scenario.store.segment_bytes = std::max<std::uint64_t>(scenario.store.segment_bytes,
                                                           128U << 10);  // a batch fits in, and all that leave at once
  }
  Milliseconds span{0};
  // About as many commands in each life, however fast its clients are.
  const auto life = static_cast<std::int64_t>(700 * scenario.think_max.count() / scenario.clients);
  for (std::uint64_t phases = 2 + random.below(4); phases > 0; --phases) {
    scenario.phases.push_back(
        {Milliseconds(life / 4 + 300 + random.below(1'000)), loads()[random.below(loads().size())]});
    span += scenario.phases.back().span;
  }
  if (scenario.ordered) {
    for (Phase& phase : scenario.phases) {
      phase.weights.purge = phase.weights.remove = 0;  // both forget ids: a repeated send would be another message
    }
  }
  scenario.faults = faults(random, span);
  for (const FaultPlan& plan : scenario.faults) {
    scenario.clock_is_steady = scenario.clock_is_steady && plan.fault != Fault::wall_jumps;
  }
  return scenario;
}

std::string describe(const Scenario& scenario) {
  std::string text =
      fmt::format("{} cores, {} journals, segments of {}, {} clients, {} {}queues, block {}, head {};", scenario.cores,
                  scenario.store.journals, scenario.store.segment_bytes, scenario.clients, scenario.plans.size(),
                  scenario.ordered ? "ordered " : "", scenario.queues.block_messages, scenario.queues.head_messages);
  constexpr const char* names[] = {"power cut",  "kill",      "stop",       "disk full",
                                   "sync fails", "slow disk", "wall jumps", "power cut in start"};
  for (const FaultPlan& plan : scenario.faults) {
    text += fmt::format(" {} ms {};", plan.at.count(), names[static_cast<int>(plan.fault)]);
  }
  return text;
}

}  // namespace sluice::simulation
