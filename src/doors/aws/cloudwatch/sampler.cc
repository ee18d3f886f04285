#include "doors/aws/cloudwatch/sampler.h"

namespace sluice::cloudwatch {
namespace {

using std::chrono::minutes;

constexpr Milliseconds past_the_end{20};  // of a minute: timers are not early
constexpr Milliseconds refresh_pause{500};

}  // namespace

Task<bool> refresh(node::Gate& gate, History& history, std::size_t queues_max) {
  if (!history.wants_refresh(gate.now(), refresh_pause)) {
    co_return false;
  }
  const census::Census census = co_await census::take(gate, queues_max);
  history.record(census, std::chrono::floor<minutes>(gate.now()));
  co_return true;
}

void Sampler::begin() {
  const Time now = gate_.now();
  const Time end = std::chrono::floor<minutes>(now) + minutes(1);
  loop_.after(end - now + past_the_end, [this] { minute_ended(); });
}

void Sampler::minute_ended() {
  start(close(std::chrono::floor<minutes>(gate_.now()) - minutes(1)), [](bool) {});
  begin();
}

Task<bool> Sampler::close(std::chrono::sys_time<minutes> minute) {
  const census::Census census = co_await census::take(gate_, queues_max_);
  history_.record(census, minute);
  co_return true;
}

}  // namespace sluice::cloudwatch
