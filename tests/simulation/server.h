#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/random.h"
#include "io/simulated_disk.h"
#include "io/simulated_loop.h"
#include "journal/store.h"
#include "mutation.h"
#include "node/node.h"
#include "scenario.h"

/// One simulated server process after another over one disk.
namespace sluice::simulation {

class Server {
 public:
  Server(const Scenario& scenario, std::uint64_t seed, Mutation mutation);
  ~Server() { end(); }

  /// Empty when the start went well, else why not.
  std::string start();
  bool up() const { return node_ != nullptr; }
  /// Which process this is; 0 before the first.
  std::uint32_t life() const { return life_; }

  /// The process ends at once. `power`: and the machine with it.
  void crash(bool power);
  /// The orderly end; false when it did not come about in time. `at_rest` runs when nothing happens any more.
  bool stop(const std::function<void()>& at_rest);

  node::Gate& gate(std::size_t core) { return node_->gate(core % scenario_.cores); }
  std::size_t set_aside() const { return node_->set_aside().size(); }
  io::SimulatedWorld& world() { return world_; }
  io::SimulatedDisk& disk() { return *disk_; }

 private:
  void end();

  const Scenario& scenario_;
  Mutation mutation_;
  Random random_;
  io::SimulatedWorld world_;
  std::unique_ptr<io::SimulatedDisk> disk_ = io::SimulatedDisk::make();
  std::unique_ptr<journal::Store> store_;
  std::unique_ptr<node::Node> node_;
  std::uint32_t life_ = 0;
};

}  // namespace sluice::simulation
