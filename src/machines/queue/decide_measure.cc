// Measure: what the operator's metrics show of a queue.
#include <algorithm>

#include "machines/queue/decide.h"
#include "machines/queue/traffic.h"

namespace sluice::queue {
namespace {

Time earliest_arrival(const State& state) {
  Time earliest = std::min(state.ready.earliest_arrival(), state.returned.earliest_arrival());
  state.leases.each_by_number([&](const Held& held) {
    earliest = std::min(earliest, held.message.arrived());
    return false;
  });
  for (const auto* chains : {&state.delayed, &state.apart}) {
    for (const auto& [key, chain] : *chains) {
      earliest = std::min(earliest, chain.earliest_arrival());
    }
  }
  return earliest;
}

}  // namespace

Outcome decide(const Measure&, const Decision& decision) {
  const State& state = decision.state;
  if (!state.exists) {
    return Refusal{Reason::not_found, {}};
  }
  auto measured = std::make_unique<Measurement>();
  measured->waits_for = 0;  // nothing rests on it
  measured->machine = state.id;
  measured->ordered = state.settings.ordered;
  measured->counts = state.counts(decision.moment.now);
  measured->oldest = earliest_arrival(state);
  measured->fairness = fairness(state, measured->counts, measured->oldest);
  measured->measured_at = decision.moment.now;
  measured->traffic = traffic_of(decision.moment.tally);
  measured->sizes = sizes_of(decision.moment.tally, decision.moment.now);
  measured->sizes_before = sizes_of(decision.moment.tally, decision.moment.now - std::chrono::minutes(1));
  return measured;
}

}  // namespace sluice::queue
