#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "model.h"
#include "server.h"

namespace sluice::simulation {

/// One client: asks, thinks, asks again, one question at a time; tells the model what it learns. Lives through the
/// server's ends: what it had asked is then of unknown outcome.
class Client {
 public:
  Client(std::size_t number, const Scenario& scenario, Server& server, Model& model, std::uint64_t seed);

  Moment next_act() const { return busy_ ? Moment::max() : next_act_; }
  void act(const Weights& weights);
  /// The server process is gone, and with it the answer.
  void cut_off();
  /// Hangs up if it is waiting.
  void leave();
  std::uint64_t answered_count() const { return answered_count_; }
  std::uint64_t asked_count() const { return asked_count_; }
  std::uint64_t refused_for_space() const { return refused_for_space_; }

 private:
  struct Held {
    std::uint64_t uid;
    std::size_t queue;
    queue::Lease lease;
  };
  using Told = std::function<void(Known, const machines::Reply*)>;

  void ask(std::size_t queue, std::unique_ptr<machines::Command> command, Milliseconds wait, bool makes, Told told);
  void answered(node::Answer answer);
  void think();

  void send(std::size_t count);
  void send(std::size_t queue, std::vector<std::uint64_t> uids, bool again);
  queue::Outgoing outgoing(std::uint64_t uid) const;
  void check_duplicates(const std::vector<std::uint64_t>& uids, const queue::Sent& sent);
  void receive(bool leaves);
  void acknowledge();
  void extend();
  void purge();
  void remove();
  void create(std::size_t queue);
  void configure();
  void describe();
  void move();
  void start_move(std::size_t queue);
  void list_moves(std::size_t queue);

  const Scenario& scenario_;
  Server& server_;
  Model& model_;
  Random random_;
  std::size_t core_;
  Moment next_act_{0};
  Moment asked_{0};
  bool busy_ = false;
  std::uint64_t question_ = 0;  // of the one under way: an answer to an earlier one counts for nothing
  node::Ticket ticket_ = 0;
  Told told_;
  std::vector<Held> held_;
  struct Unanswered {
    std::size_t queue = 0;
    std::vector<std::uint64_t> uids;
  };
  Unanswered unanswered_;  ///< a send to an ordered queue: repeated before anything else is sent
  struct Attempt {
    std::size_t queue;
    std::string id;
  };
  std::optional<Attempt> lost_attempt_;  ///< a receive likewise
  std::uint64_t asked_count_ = 0, answered_count_ = 0, refused_for_space_ = 0;
};

/// Does an answer leave open whether the command took effect?
Known known_of(const node::Answer& answer);
std::unique_ptr<queue::Create> creation(const Scenario& scenario, const QueuePlan& plan);

}  // namespace sluice::simulation
