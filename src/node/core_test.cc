// Cores on real threads: what the simulation cannot show, and what ThreadSanitizer looks at.
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "io/simulated_disk.h"
#include "journal/store.h"
#include "node/node.h"
#include "node/notebook_for_tests.h"

namespace sluice::node {
namespace {

using tests::Note;
using tests::Take;

class SteadyClock final : public io::Clock {
 public:
  std::chrono::nanoseconds monotonic() const override { return std::chrono::steady_clock::now().time_since_epoch(); }
  Time wall() const override { return std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::now()); }
};

/// The plainest loop on a thread of its own; also a worker.
class ThreadLoop final : public io::Loop, public io::Worker {
 public:
  ThreadLoop() : thread_([this] { run(); }) {}
  ~ThreadLoop() override { end(); }
  void end() {
    if (thread_.joinable()) {
      post([this] { ending_ = true; });
      thread_.join();
    }
  }
  void post(io::Work work) override {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(work));
    changed_.notify_one();
  }
  void submit(io::Work job) override { post(std::move(job)); }
  io::TimerId after(Milliseconds delay, io::Work work) override {
    const io::TimerId timer = ++timers_made_;
    timers_.emplace(std::pair(std::chrono::steady_clock::now() + delay, timer), std::move(work));
    return timer;
  }
  void cancel(io::TimerId timer) override {
    std::erase_if(timers_, [&](const auto& set) { return set.first.second == timer; });
  }

 private:
  void run() {
    while (!ending_) {
      io::Work work;
      {
        std::unique_lock lock(mutex_);
        const auto next =
            timers_.empty() ? std::chrono::steady_clock::now() + std::chrono::seconds(1) : timers_.begin()->first.first;
        changed_.wait_until(lock, next, [this] { return !posted_.empty(); });
        if (!posted_.empty()) {
          work = std::move(posted_.front());
          posted_.pop_front();
        }
      }
      if (!work && !timers_.empty() && timers_.begin()->first.first <= std::chrono::steady_clock::now()) {
        work = std::move(timers_.extract(timers_.begin()).mapped());
      }
      if (work) {
        work();
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<io::Work> posted_;
  std::map<std::pair<std::chrono::steady_clock::time_point, io::TimerId>, io::Work> timers_;
  io::TimerId timers_made_ = 0;
  bool ending_ = false;
  std::thread thread_;
};

/// Asks on its core, one question after another: a note into a random book, or the oldest out of one, or it hangs up.
struct Asker {
  Node& node;
  ThreadLoop& loop;
  std::size_t core;
  int left;
  Random random;
  std::atomic<int>& running;
  std::atomic<int>& noted;
  std::atomic<int>& taken;

  void next() {
    if (left-- == 0) {
      --running;
      return;
    }
    Question question;
    question.name = "book-" + std::to_string(random.below(8));
    const bool notes = random.chance(0.5);
    if (notes) {
      question.command = std::make_unique<Note>("text");
      question.make = machines::Kind::queue;
    } else {
      question.command = std::make_unique<Take>();
      question.wait = Milliseconds(random.below(3));
    }
    const bool leaves = !notes && random.chance(0.2);
    const auto answered = [this, notes, leaves](Answer answer) {
      if (answer && notes) {
        ++noted;
      } else if (answer && !(*answer)->bytes.empty()) {
        ++taken;
      }
      if (!leaves) {
        loop.post([this] { next(); });
      }
    };
    const Ticket ticket = node.gate(core).ask(std::move(question), answered);
    if (leaves) {
      node.gate(core).cancel(ticket);
      loop.post([this] { next(); });
    }
  }
};

TEST(CoreTest, cores_on_threads_answer_each_other_and_stop) {
  constexpr std::size_t cores = 3;
  SteadyClock clock;
  auto disk = io::SimulatedDisk::make();
  ThreadLoop flusher, reader;
  std::vector<std::unique_ptr<ThreadLoop>> loops;
  std::vector<io::Loop*> faces;
  for (std::size_t core = 0; core < cores; ++core) {
    loops.push_back(std::make_unique<ThreadLoop>());
    faces.push_back(loops.back().get());
  }
  journal::Options options;
  options.journals = cores;
  options.segment_bytes = 1U << 20;
  auto store = journal::Store::open(options, *disk, clock, flusher, reader);
  ASSERT_TRUE(store);
  Limits limits;
  limits.snapshot_after_bytes = 64U << 10;
  limits.mailbox_max = 16;
  auto node = Node::start(limits, **store, faces, clock, tests::make_notebook, 9);
  ASSERT_TRUE(node);

  std::atomic<int> running{12}, noted{0}, taken{0};
  std::deque<Asker> askers;
  for (int asker = 0; asker < 12; ++asker) {
    const std::size_t core = static_cast<std::size_t>(asker) % cores;
    askers.push_back(
        {**node, *loops[core], core, 400, Random(static_cast<std::uint64_t>(asker)), running, noted, taken});
    loops[core]->post([&mine = askers.back()] { mine.next(); });
  }
  while (running > 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  std::atomic<bool> stopped{false};
  (*node)->stop([&stopped] { stopped = true; });
  while (!stopped) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_GT(noted, 500);
  EXPECT_GT(taken, 100);
  EXPECT_LE(taken, noted);
  for (const auto& loop : loops) {
    loop->end();
  }
  node->reset();
  (*store)->close();
  flusher.end();
  reader.end();
}

}  // namespace
}  // namespace sluice::node
