#include "io/simulated_loop.h"

#include <algorithm>

namespace sluice::io {
namespace {

using std::chrono::nanoseconds;

// A post reaches its loop within this time, so that every order of two loops' work occurs.
constexpr nanoseconds post_time_max{20'000};
// The simulated worlds begin here: 2026-01-01 on the wall, an hour after the machine's own start.
constexpr Time first_wall{Milliseconds(1'767'225'600'000)};
constexpr nanoseconds first_monotonic = std::chrono::hours(1);

}  // namespace

class SimulatedWorld::SimulatedLoop final : public Loop {
 public:
  explicit SimulatedLoop(SimulatedWorld& world) : world_(world) {}

  void post(Work work) override {
    const nanoseconds took(static_cast<std::int64_t>(world_.random_.below(post_time_max.count())) + 1);
    newest_post_ = std::max(newest_post_, world_.now_ + took);
    world_.add(newest_post_, std::move(work));
  }

  TimerId after(Milliseconds delay, Work work) override {
    const TimerId timer = ++world_.timers_;
    const Key key =
        world_.add(world_.now_ + std::max(delay, Milliseconds(0)), [this, timer, work = std::move(work)]() mutable {
          timers_.erase(timer);
          work();
        });
    timers_.emplace(timer, key);
    return timer;
  }

  void cancel(TimerId timer) override {
    const auto found = timers_.find(timer);
    if (found == timers_.end()) {
      return;
    }
    const auto event = world_.events_.extract(found->second);
    timers_.erase(found);
  }

 private:
  SimulatedWorld& world_;
  nanoseconds newest_post_{0};
  std::unordered_map<TimerId, Key> timers_;
};

class SimulatedWorld::SimulatedWorker final : public Worker {
 public:
  SimulatedWorker(SimulatedWorld& world, nanoseconds job_time_max) : world_(world), job_time_max_(job_time_max) {}

  void submit(Work job) override {
    const auto bound = static_cast<std::uint64_t>(job_time_max_.count()) + 1;
    const nanoseconds took(static_cast<std::int64_t>(world_.random_.below(bound)));
    busy_until_ = std::max(busy_until_, world_.now_) + took + world_.extra_job_time_;
    world_.add(busy_until_, std::move(job));
  }

 private:
  SimulatedWorld& world_;
  nanoseconds job_time_max_;
  nanoseconds busy_until_{0};
};

class SimulatedWorld::SimulatedClock final : public Clock {
 public:
  explicit SimulatedClock(const SimulatedWorld& world) : world_(world) {}
  nanoseconds monotonic() const override { return first_monotonic + world_.now_; }
  Time wall() const override {
    return first_wall + world_.wall_ahead_ + std::chrono::duration_cast<Milliseconds>(world_.now_);
  }

 private:
  const SimulatedWorld& world_;
};

SimulatedWorld::SimulatedWorld(std::uint64_t seed) : random_(seed), clock_(std::make_unique<SimulatedClock>(*this)) {}
SimulatedWorld::~SimulatedWorld() { end_process(); }

Loop& SimulatedWorld::make_loop() { return *loops_.emplace_back(std::make_unique<SimulatedLoop>(*this)); }
Worker& SimulatedWorld::make_worker(nanoseconds job_time_max) {
  return *workers_.emplace_back(std::make_unique<SimulatedWorker>(*this, job_time_max));
}
const Clock& SimulatedWorld::clock() const { return *clock_; }
void SimulatedWorld::set_wall_forward(Milliseconds by) { wall_ahead_ += by; }

SimulatedWorld::Key SimulatedWorld::add(nanoseconds at, Work work) {
  const Key key{at.count(), ++added_};
  events_.emplace(key, std::move(work));
  return key;
}

bool SimulatedWorld::step() {
  if (events_.empty()) {
    return false;
  }
  auto event = events_.extract(events_.begin());
  now_ = std::max(now_, nanoseconds(event.key().first));
  event.mapped()();
  return true;
}

void SimulatedWorld::run_for(nanoseconds span) {
  const nanoseconds end = now_ + span;
  while (!events_.empty() && events_.begin()->first.first <= end.count()) {
    step();
  }
  now_ = end;
}

void SimulatedWorld::end_process() {
  // What is dropped may, in its own end, post once more: until nothing is left.
  while (!events_.empty()) {
    auto dropped = std::move(events_);
    events_.clear();
  }
  loops_.clear();
  workers_.clear();
}

}  // namespace sluice::io
