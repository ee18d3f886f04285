#include "node/node.h"

#include <atomic>
#include <utility>

#include "base/check.h"
#include "node/core.h"
#include "node/recovery.h"

namespace sluice::node {
namespace {

class Whole final : public Node {
 public:
  Whole(Shared shared, std::vector<io::Loop*> loops) : shared_(std::move(shared)), loops_(std::move(loops)) {}

  io::Outcome<void> begin(std::uint64_t seed);

  Gate& gate(std::size_t core) override { return *shared_.cores.at(core); }
  void stop(std::function<void()> done) override;
  void clock_moved() override {
    for (const auto& core : shared_.cores) {
      core->loop.post([&core = *core] { core.clock_moved(); });
    }
  }
  std::vector<std::string> set_aside() const override { return set_aside_; }

 private:
  Shared shared_;
  std::vector<io::Loop*> loops_;
  std::vector<std::string> set_aside_;
  std::atomic<std::size_t> cores_busy_{0};
};

io::Outcome<void> Whole::begin(std::uint64_t seed) {
  Random seeds(seed);
  for (std::size_t core = 0; core < loops_.size(); ++core) {
    shared_.cores.push_back(std::make_unique<Core>(shared_, core, *loops_[core], seeds.next()));
  }
  Recovery recovery(shared_);
  if (auto recovered = recovery.run(); !recovered) {
    return recovered;
  }
  std::vector<io::Loop*> owners;
  for (std::uint16_t journal = 0; journal < shared_.placement.journals(); ++journal) {
    owners.push_back(loops_[shared_.placement.core_of_journal(journal)]);
  }
  if (auto claimed = shared_.store.claim(owners); !claimed) {
    return claimed;
  }
  for (const auto& core : shared_.cores) {
    for (const machines::MachineId id : core->hosts.ids([](const Host& host) { return host.machine == nullptr; })) {
      const Host& host = *core->hosts.find(id);
      set_aside_.push_back(host.name + ": " + host.set_aside);
    }
    core->begin(recovery.last_record());
  }
  return {};
}

void Whole::stop(std::function<void()> done) {
  cores_busy_ = shared_.cores.size();
  const auto quiet = [this, done = std::move(done)] {
    if (cores_busy_.fetch_sub(1) == 1) {
      loops_[0]->post(done);
    }
  };
  for (const auto& core : shared_.cores) {
    core->loop.post([&core = *core, quiet] { core.stop(quiet); });
  }
}

}  // namespace

io::Outcome<std::unique_ptr<Node>> Node::start(const Limits& limits, journal::Store& store,
                                               std::vector<io::Loop*> loops, const io::Clock& clock,
                                               machines::Factory factory, std::uint64_t seed) {
  check(!loops.empty(), "a node has a core");
  const Placement placement(store.journals(), loops.size());
  auto node = std::make_unique<Whole>(Shared{limits,
                                             store,
                                             clock,
                                             std::move(factory),
                                             placement,
                                             std::make_unique<std::atomic<std::uint64_t>[]>(placement.journals()),
                                             {}},
                                      std::move(loops));
  if (auto begun = node->begin(seed); !begun) {
    return std::unexpected(begun.error());
  }
  return node;
}

}  // namespace sluice::node
