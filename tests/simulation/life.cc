#include "life.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "client.h"
#include "model.h"
#include "scenario.h"
#include "server.h"
#include "watched.h"

namespace sluice::simulation {
namespace {

constexpr std::size_t violations_enough = 5;
// Long: through an outbox of two, a backlog of dead letters moves slowly.
constexpr Moment drain_time_max = std::chrono::seconds(1'200);

class Life {
 public:
  Life(std::uint64_t seed, Mutation mutation, bool verbose, std::optional<std::uint64_t> followed)
      : seed_(seed),
        verbose_(verbose),
        scenario_(scenario_of(seed)),
        random_(seed * 7 + 3),
        server_(scenario_, seed, mutation),
        model_(scenario_) {
    model_.follow(followed);
    watch() = Watch{};
    watch().options = scenario_.queues;
    watch().mutation = mutation;
  }

  Outcome run();

 private:
  void say(const std::string& text) {
    if (verbose_) {
      fmt::print("{:>9.3f} s  {}\n", std::chrono::duration<double>(server_.world().now()).count(), text);
    }
  }
  bool enough() const { return model_.violations().size() >= violations_enough; }

  bool start_server();
  void make_queues();
  void live();
  void strike(Fault fault);
  void restart(bool power);
  void stop_and_compare();
  void await_answer();
  void heal();
  void end_moves();
  /// How many ran still.
  std::size_t cancel_moves();
  void drain();
  bool drain_once(std::size_t queue);
  /// Messages in it, over all states.
  std::uint64_t count(std::size_t queue);
  node::Answer ask(std::size_t queue, std::unique_ptr<machines::Command> command, bool makes = false);
  /// The same, again while it is told to slow down: room for the log is filled again after a start.
  template <class Command>
  node::Answer ask_patiently(std::size_t queue, const Command& command);

  std::uint64_t seed_;
  bool verbose_;
  Scenario scenario_;
  Random random_;
  Server server_;
  Model model_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::size_t faults_ = 0;
  std::uint64_t drained_ = 0;
};

// A server that may not be up (a fault in its start) is started until it is; healthy disks make the last try good.
bool Life::start_server() {
  for (int tries = 0; tries < 3; ++tries) {
    const std::string fault = server_.start();
    if (fault.empty()) {
      if (server_.set_aside() > 0) {
        model_.violation("a machine was set aside in replay");
      }
      return true;
    }
    say("the start fails: " + fault);
    if (tries > 0) {
      model_.violation("the server does not start: " + fault);
      return false;
    }
    server_.crash(true);
  }
  return false;
}

node::Answer Life::ask(std::size_t queue, std::unique_ptr<machines::Command> command, bool makes) {
  auto got = std::make_shared<std::optional<node::Answer>>();
  node::Question question;
  question.name = scenario_.plans[queue].name;
  question.command = std::move(command);
  if (makes) {
    question.make = machines::Kind::queue;
  }
  server_.gate(random_.below(scenario_.cores)).ask(std::move(question), [got](node::Answer answer) {
    got->emplace(std::move(answer));
  });
  for (int events = 0; events < 1'000'000 && !*got && server_.world().step(); ++events) {
  }
  if (!*got) {
    model_.violation("a question is never answered");
    return refuse(Reason::unknown_outcome);
  }
  return std::move(**got);
}

void Life::make_queues() {
  for (std::size_t queue = 0; queue < scenario_.plans.size(); ++queue) {
    const node::Answer answer = ask(queue, creation(scenario_, scenario_.plans[queue]), true);
    if (!answer) {
      model_.violation(fmt::format("queue {} cannot be made", queue));
      return;
    }
    model_.created(queue, Known::yes, static_cast<const queue::Description&>(**answer).machine.value,
                   server_.world().now());
  }
}

template <class Command>
node::Answer Life::ask_patiently(std::size_t queue, const Command& command) {
  node::Answer answer = ask(queue, std::make_unique<Command>(command));
  for (int tries = 1; tries < 100 && !answer && answer.error().reason == Reason::full; ++tries) {
    server_.world().run_for(std::chrono::milliseconds(5));
    answer = ask(queue, std::make_unique<Command>(command));
  }
  return answer;
}

Outcome Life::run() {
  say(describe(scenario_));
  if (start_server()) {
    make_queues();
    live();
    if (!enough()) {
      heal();
      drain();
    }
  }
  std::uint64_t asked = 0, refused = 0;
  for (const auto& client : clients_) {
    asked += client->asked_count();
    refused += client->refused_for_space();
  }
  Outcome outcome;
  outcome.violations = model_.violations();
  outcome.story = fmt::format(
      "seed {}: {:.1f} s, {} questions, {} sent, {} received, {} moved, {} blocks, {} faults, {} starts, {} without "
      "space",
      seed_, std::chrono::duration<double>(server_.world().now()).count(), asked, model_.sent_count(),
      model_.received_count(), model_.moved_count(), watch().blocks_read, faults_, server_.life(), refused);
  return outcome;
}

void Life::live() {
  for (std::size_t client = 0; client < scenario_.clients; ++client) {
    clients_.push_back(std::make_unique<Client>(client, scenario_, server_, model_, seed_));
  }
  const Moment began = server_.world().now();
  Moment phase_ends = began;
  std::size_t fault = 0;
  for (const Phase& phase : scenario_.phases) {
    phase_ends += phase.span;
    while (server_.world().now() < phase_ends && !enough() && server_.up()) {
      Moment next = phase_ends;
      Client* acting = nullptr;
      for (const auto& client : clients_) {
        if (client->next_act() < next) {
          next = client->next_act();
          acting = client.get();
        }
      }
      if (fault < scenario_.faults.size() && began + Moment(scenario_.faults[fault].at) <= next) {
        const Moment at = began + Moment(scenario_.faults[fault].at);
        server_.world().run_for(std::max(Moment(0), at - server_.world().now()));
        strike(scenario_.faults[fault++].fault);
        continue;
      }
      // An answer may come first and let another client act before this one: look again after each step of time.
      const Moment step = std::min(next - server_.world().now(), Moment(std::chrono::milliseconds(5)));
      server_.world().run_for(std::max(Moment(0), step));
      if (acting != nullptr && server_.world().now() >= acting->next_act()) {
        acting->act(phase.weights);
      }
    }
  }
}

void Life::restart(bool power) {
  server_.crash(power);
  model_.server_ended();
  for (const auto& client : clients_) {
    client->cut_off();
  }
  server_.disk().set_capacity(~std::uint64_t{0});
  server_.world().slow_down(Moment(0));
  server_.world().run_for(std::chrono::milliseconds(random_.below(200)));
  start_server();
}

void Life::stop_and_compare() {
  for (const auto& client : clients_) {
    client->leave();
  }
  std::map<std::uint64_t, std::string> before;
  if (!server_.stop([&before] { before = saved_states(); })) {
    model_.violation("the server does not stop");
  }
  model_.server_ended();
  for (const auto& client : clients_) {
    client->cut_off();
  }
  if (!start_server()) {
    return;
  }
  const std::map<std::uint64_t, std::string> after = saved_states();
  for (const auto& [id, state] : before) {
    const auto found = after.find(id);
    if (found == after.end() || found->second != state) {
      model_.violation(fmt::format("machine {:x} is not what it was, after a replay", id));
    }
  }
  if (before.size() != after.size()) {
    model_.violation("there are other machines after a replay");
  }
}

void Life::strike(Fault fault) {
  ++faults_;
  switch (fault) {
    case Fault::power_cut:
      say("the power is cut");
      if (random_.chance(0.7)) {
        await_answer();  // the worst moment: what has just been said must hold
      }
      return restart(true);
    case Fault::kill:
      say("the process is killed");
      return restart(false);
    case Fault::power_cut_in_start: {
      say("the power is cut, and again while the server starts");
      server_.crash(random_.chance(0.5));
      server_.disk().stop_after(random_.below(40));
      if (server_.start().empty()) {
        server_.world().run_for(Moment(random_.below(3'000'000)));
      }
      return restart(true);
    }
    case Fault::stop:
      say("the server stops and starts");
      return stop_and_compare();
    case Fault::disk_full:
      say("the disk is full for a while");
      server_.disk().set_capacity(server_.disk().used_bytes() + random_.below(100'000));
      return;
    case Fault::sync_fails:
      say("a sync fails");
      server_.disk().on_operation([](io::SimulatedDisk::Operation operation, const std::string&) {
        return operation == io::SimulatedDisk::Operation::sync ? std::optional(std::errc::io_error) : std::nullopt;
      });
      server_.world().run_for(std::chrono::milliseconds(100));
      return restart(true);
    case Fault::slow_disk:
      say("the disk is slow");
      return server_.world().slow_down(std::chrono::milliseconds(random_.below(30)));
    case Fault::wall_jumps:
      say("the wall clock jumps");
      return server_.world().set_wall_forward(Milliseconds(random_.below(20'000)));
  }
}

void Life::await_answer() {
  const auto answers = [this] {
    std::uint64_t sum = 0;
    for (const auto& client : clients_) {
      sum += client->answered_count();
    }
    return sum;
  };
  for (const auto& client : clients_) {
    if (client->next_act() != Moment::max()) {
      client->act(scenario_.phases.front().weights);
    }
  }
  const std::uint64_t before = answers();
  for (int tries = 0; tries < 1'000 && answers() == before; ++tries) {
    server_.world().run_for(std::chrono::microseconds(20));
  }
}

// Nothing fails any more, nobody asks any more.
void Life::heal() {
  say("the faults end");
  server_.disk().set_capacity(~std::uint64_t{0});
  server_.world().slow_down(Moment(0));
  for (const auto& client : clients_) {
    client->leave();
  }
  end_moves();
  server_.world().run_for(std::chrono::seconds(6));  // longer than any lease, any delay, any retry
  stop_and_compare();
}

// No message shall be between two queues when they are counted. A disk that was full a moment ago may still refuse.
void Life::end_moves() {
  for (int tries = 0; tries < 20 && cancel_moves() > 0; ++tries) {
    server_.world().run_for(std::chrono::milliseconds(300));
  }
}

std::size_t Life::cancel_moves() {
  std::size_t not_over = 0;
  for (std::size_t queue = 0; queue < scenario_.plans.size(); ++queue) {
    const node::Answer answer = ask(queue, std::make_unique<queue::ListMoves>());
    if (!answer) {
      continue;  // the queue is not there
    }
    for (const queue::MoveTask& task : static_cast<const queue::MoveTasks&>(**answer).tasks) {
      if (task.status == queue::MoveStatus::running) {
        auto cancel = std::make_unique<queue::CancelMove>();
        cancel->task = task.id;
        ask(queue, std::move(cancel));
        ++not_over;
      }
    }
  }
  return not_over;
}

bool Life::drain_once(std::size_t queue) {
  queue::Receive receive;
  receive.count_max = 10;
  receive.visibility_timeout = Seconds(30);
  const Moment asked = server_.world().now();
  const node::Answer answer = ask_patiently(queue, receive);
  if (!answer || (*answer)->bytes.empty()) {
    return false;
  }
  const auto& batch = static_cast<const queue::Batch&>(**answer);
  drained_ += batch.messages.size();
  queue::Acknowledge acknowledge;
  std::vector<std::pair<std::uint64_t, queue::Lease>> done;
  for (std::size_t at = 0; at < batch.messages.size(); ++at) {
    const auto uid = model_.received(queue, batch.messages[at], batch.bytes.at(at), asked, server_.world().now(),
                                     server_.life(), Seconds(30));
    acknowledge.leases.push_back(batch.messages[at].lease);
    if (uid) {
      done.emplace_back(*uid, batch.messages[at].lease);
    }
  }
  model_.received_together(queue, batch.messages);
  const Moment asked_to_delete = server_.world().now();
  const Known known = known_of(ask_patiently(queue, acknowledge));
  for (const auto& [uid, lease] : done) {
    model_.deleted(uid, lease, known, asked_to_delete, server_.world().now());
  }
  return true;
}

std::uint64_t Life::count(std::size_t queue) {
  const node::Answer answer = ask_patiently(queue, queue::Describe());
  if (!answer) {
    return 0;
  }
  const queue::Counts counts = static_cast<const queue::Description&>(**answer).counts;
  return counts.visible + counts.in_flight + counts.delayed;
}

void Life::drain() {
  say("everything is received and deleted");
  const Moment end = server_.world().now() + drain_time_max;
  std::uint64_t counted = 0;
  bool expires = false;
  for (std::size_t queue = 0; queue < scenario_.plans.size(); ++queue) {
    counted += count(queue);
    expires = expires || scenario_.plans[queue].retention < Seconds(3'600);
  }
  // Twice empty: what is on its way to a dead-letter queue is counted nowhere for a moment.
  int rounds_empty = 0;
  while (rounds_empty < 2 && server_.world().now() < end && !enough()) {
    bool empty = true;
    for (std::size_t queue = 0; queue < scenario_.plans.size() && !enough(); ++queue) {
      while (drain_once(queue) && !enough()) {
        empty = false;
      }
      empty = count(queue) == 0 && empty;
    }
    rounds_empty = empty ? rounds_empty + 1 : 0;
    server_.world().run_for(std::chrono::milliseconds(300));
  }
  if (rounds_empty < 2) {
    std::string counts;
    for (std::size_t queue = 0; queue < scenario_.plans.size(); ++queue) {
      counts += fmt::format(" {}", count(queue));
    }
    model_.violation(fmt::format("a queue does not become empty; they hold{}", counts));
    return;
  }
  if (!expires && counted != drained_) {
    model_.violation(fmt::format("the queues counted {} messages and held {}", counted, drained_));
  }
  model_.drained();
}

}  // namespace

Outcome play(std::uint64_t seed, Mutation mutation, bool verbose, std::optional<std::uint64_t> followed) {
  return Life(seed, mutation, verbose, followed).run();
}

}  // namespace sluice::simulation
