#include "server.h"

#include <utility>
#include <vector>

#include "watched.h"

namespace sluice::simulation {

Server::Server(const Scenario& scenario, std::uint64_t seed, Mutation mutation)
    : scenario_(scenario), mutation_(mutation), random_(seed ^ 0x5eed), world_(seed) {}

std::string Server::start() {
  ++life_;
  io::Worker& flusher = world_.make_worker(scenario_.device_time_max);
  io::Worker& reader = world_.make_worker(scenario_.device_time_max);
  auto opened = journal::Store::open(scenario_.store, *disk_, world_.clock(), flusher, reader);
  if (!opened) {
    end();
    return opened.error().what;
  }
  store_ = mutated(std::move(*opened), mutation_);
  std::vector<io::Loop*> loops;
  for (std::size_t core = 0; core < scenario_.cores; ++core) {
    loops.push_back(&world_.make_loop());
  }
  auto started = node::Node::start(scenario_.limits, *store_, loops, world_.clock(), make_watched, random_.next());
  if (!started) {
    end();
    return started.error().what;
  }
  node_ = std::move(*started);
  return {};
}

void Server::crash(bool power) {
  power ? disk_->crash(random_) : disk_->kill();
  end();
}

bool Server::stop(const std::function<void()>& at_rest) {
  bool stopped = false;
  node_->stop([&stopped] { stopped = true; });
  for (int events = 0; events < 1'000'000 && !stopped && world_.step(); ++events) {
  }
  at_rest();
  store_->close();
  disk_->kill();
  end();
  return stopped;
}

void Server::end() {
  node_.reset();
  store_.reset();
  world_.end_process();
}

}  // namespace sluice::simulation
