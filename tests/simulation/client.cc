#include "client.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "machines/queue/message.h"

namespace sluice::simulation {
namespace {

constexpr std::size_t held_max = 200;
// A receive that is hung up on is dropped by the server within this time.
constexpr Moment hanging_up_takes = std::chrono::milliseconds(20);

// A send is not repeated when its id may be forgotten.
constexpr Moment repeats_within = std::chrono::seconds(240);
constexpr std::uint64_t groups_per_client = 3;
constexpr std::uint64_t tenants = 5;

std::string envelope(const Model& model, std::uint64_t uid) {
  queue::Message message;
  message.id = std::to_string(uid);
  message.body = model.body(uid);
  message.group = model.message(uid).group;
  return queue::encode(message);
}

}  // namespace

Known known_of(const node::Answer& answer) {
  if (answer) {
    return Known::yes;
  }
  return answer.error().reason == Reason::unknown_outcome ? Known::maybe : Known::no;
}

std::unique_ptr<queue::Create> creation(const Scenario& scenario, const QueuePlan& plan) {
  auto create = std::make_unique<queue::Create>();
  create->settings.visibility_timeout = plan.visibility_timeout;
  create->settings.delay = plan.delay;
  create->settings.retention = plan.retention;
  create->settings.ordered = scenario.ordered;
  if (plan.dead_letters >= 0) {
    create->settings.dead_letters.emplace();
    create->settings.dead_letters->target = scenario.plans[static_cast<std::size_t>(plan.dead_letters)].name;
    create->settings.dead_letters->receive_count_max = plan.receive_count_max;
  }
  return create;
}

Client::Client(std::size_t number, const Scenario& scenario, Server& server, Model& model, std::uint64_t seed)
    : scenario_(scenario), server_(server), model_(model), random_(seed * 31 + number), core_(number) {}

void Client::think() {
  const auto bound = static_cast<std::uint64_t>(Moment(scenario_.think_max).count()) + 1;
  next_act_ = server_.world().now() + Moment(random_.below(bound));
}

void Client::ask(std::size_t queue, std::unique_ptr<machines::Command> command, Milliseconds wait, bool makes,
                 Told told) {
  node::Question question;
  question.name = scenario_.plans[queue].name;
  question.command = std::move(command);
  question.wait = wait;
  if (makes) {
    question.make = machines::Kind::queue;
  }
  busy_ = true;
  ++asked_count_;
  asked_ = server_.world().now();
  told_ = std::move(told);
  const std::uint64_t number = ++question_;
  ticket_ = server_.gate(core_).ask(std::move(question), [this, number](node::Answer answer) {
    if (number == question_ && busy_) {
      answered(std::move(answer));
    }
  });
}

void Client::answered(node::Answer answer) {
  busy_ = false;
  ++answered_count_;
  think();
  if (!answer && answer.error().reason == Reason::no_space) {
    ++refused_for_space_;
  }
  const Told told = std::exchange(told_, nullptr);
  told(known_of(answer), answer ? answer->get() : nullptr);
}

void Client::cut_off() {
  held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(held_.size() / 2));  // some are forgotten
  if (busy_) {
    busy_ = false;
    std::exchange(told_, nullptr)(Known::maybe, nullptr);
  }
  think();
}

void Client::leave() {
  if (!busy_) {
    return;
  }
  server_.gate(core_).cancel(ticket_);
  busy_ = false;
  think();
  std::exchange(told_, nullptr)(Known::maybe, nullptr);
}

void Client::act(const Weights& weights) {
  const std::pair<unsigned, int> choices[] = {{weights.send, 0},        {weights.send_batch, 1}, {weights.receive, 2},
                                              {weights.acknowledge, 3}, {weights.extend, 4},     {weights.purge, 5},
                                              {weights.remove, 6},      {weights.configure, 7},  {weights.describe, 8},
                                              {weights.leave, 9},       {weights.move, 10}};
  unsigned sum = 0;
  for (const auto& [weight, choice] : choices) {
    sum += weight;
  }
  auto drawn = static_cast<unsigned>(random_.below(sum));
  int chosen = 0;
  for (const auto& [weight, choice] : choices) {
    if (drawn < weight) {
      chosen = choice;
      break;
    }
    drawn -= weight;
  }
  think();
  switch (chosen) {
    case 0:
      return send(1);
    case 1:
      return send(1 + random_.below(10));
    case 2:
      return receive(false);
    case 3:
      return acknowledge();
    case 4:
      return extend();
    case 5:
      return purge();
    case 6:
      return remove();
    case 7:
      return configure();
    case 8:
      return describe();
    case 10:
      return move();
    default:
      return receive(true);
  }
}

// What it does
// ----------------------------------------------------------------------------------------------------------

void Client::send(std::size_t count) {
  if (!unanswered_.uids.empty()) {
    const Unanswered again = std::exchange(unanswered_, {});
    if (server_.world().now() < model_.message(again.uids.front()).asked + repeats_within) {
      return send(again.queue, again.uids, true);
    }
  }
  const std::size_t queue = random_.below(model_.places());
  if (model_.place(queue).exists != Known::yes && random_.chance(0.5)) {
    return create(queue);
  }
  std::vector<std::uint64_t> uids;
  for (std::size_t at = 0; at < count; ++at) {
    Seconds delay = model_.place(queue).plan.delay;
    std::string group;
    if (scenario_.ordered) {
      group = fmt::format("{}-{}", core_, random_.below(groups_per_client));
    } else if (random_.chance(0.2)) {
      delay = Seconds(random_.below(4));
    }
    if (scenario_.tenants && random_.chance(0.9)) {
      group = random_.chance(0.6) ? "noisy" : fmt::format("tenant {}", random_.below(tenants));
    }
    uids.push_back(model_.sending(queue, server_.world().now(), delay, group));
  }
  send(queue, std::move(uids), false);
}

queue::Outgoing Client::outgoing(std::uint64_t uid) const {
  const Message& message = model_.message(uid);
  queue::Outgoing outgoing;
  outgoing.envelope = envelope(model_, uid);
  outgoing.size_bytes = static_cast<std::uint32_t>(outgoing.envelope.size());
  outgoing.group = message.group;
  if (scenario_.ordered) {
    outgoing.deduplication_id = std::to_string(uid);
  } else if (message.delay != model_.place(message.queue).plan.delay) {
    outgoing.delay = message.delay;
  }
  return outgoing;
}

void Client::send(std::size_t queue, std::vector<std::uint64_t> uids, bool again) {
  auto send = std::make_unique<queue::Send>();
  for (const std::uint64_t uid : uids) {
    send->messages.push_back(outgoing(uid));
  }
  ask(queue, std::move(send), Milliseconds(0), false,
      [this, queue, uids, again](Known known, const machines::Reply* reply) {
        if (known == Known::maybe && scenario_.ordered) {
          unanswered_ = {queue, uids};
        }
        if (known == Known::no && again) {
          return;  // what became of the first try is not known
        }
        for (std::size_t at = 0; at < uids.size(); ++at) {
          const bool accepted = reply == nullptr || static_cast<const queue::Sent*>(reply)->each[at].has_value();
          model_.sent(uids[at], accepted ? known : Known::no, server_.world().now());
        }
        if (reply != nullptr) {
          check_duplicates(uids, *static_cast<const queue::Sent*>(reply));
        }
      });
}

void Client::check_duplicates(const std::vector<std::uint64_t>& uids, const queue::Sent& sent) {
  for (std::size_t at = 0; at < uids.size(); ++at) {
    if (!sent.each[at] || !sent.each[at]->duplicate) {
      continue;
    }
    const std::optional<std::string>& bytes = sent.bytes.at(sent.each[at]->first_in_bytes.value());
    const auto first = bytes ? queue::decode(*bytes) : std::nullopt;
    if (!first || first->id != std::to_string(uids[at])) {
      model_.violation(fmt::format("the repeated send of message {} is answered with another's envelope", uids[at]));
    }
  }
}

void Client::receive(bool leaves) {
  std::size_t queue = random_.below(model_.places());
  auto receive = std::make_unique<queue::Receive>();
  if (lost_attempt_) {
    queue = lost_attempt_->queue;
    receive->attempt_id = lost_attempt_->id;
  } else if (scenario_.ordered && random_.chance(0.3)) {
    receive->attempt_id = fmt::format("{}-{}", core_, asked_count_);
  }
  const std::string attempt = receive->attempt_id;
  ++model_.place(queue).receives_open;
  receive->count_max = static_cast<std::uint32_t>(1 + random_.below(10));
  if (random_.chance(0.2)) {
    receive->visibility_timeout = Seconds(random_.below(5));
  }
  const Milliseconds visibility = receive->visibility_timeout.value_or(model_.place(queue).plan.visibility_timeout);
  const Milliseconds wait(leaves || random_.chance(0.4) ? random_.below(1'500) : 0);
  const std::uint32_t server_life = server_.life();
  ask(queue, std::move(receive), wait, false,
      [this, queue, visibility, server_life, attempt](Known known, const machines::Reply* reply) {
        const Moment now = server_.world().now();
        lost_attempt_.reset();
        --model_.place(queue).receives_open;
        if (reply == nullptr) {
          if (known == Known::maybe && !attempt.empty()) {
            lost_attempt_ = {queue, attempt};
          }
          if (known == Known::maybe) {
            model_.receive_lost(queue, asked_, now + hanging_up_takes);
          }
          return;
        }
        const auto& batch = static_cast<const queue::Batch&>(*reply);
        for (std::size_t at = 0; at < batch.messages.size(); ++at) {
          const auto uid =
              model_.received(queue, batch.messages[at], batch.bytes.at(at), asked_, now, server_life, visibility);
          if (uid && held_.size() < held_max) {
            held_.push_back({*uid, queue, batch.messages[at].lease});
          }
        }
        model_.received_together(queue, batch.messages);
      });
  if (leaves && busy_ && random_.chance(0.5)) {
    leave();
  }
}

void Client::acknowledge() {
  if (held_.empty()) {
    return receive(false);
  }
  const std::size_t queue = held_.back().queue;
  auto acknowledge = std::make_unique<queue::Acknowledge>();
  std::vector<Held> done;
  while (!held_.empty() && held_.back().queue == queue && done.size() < 10) {
    done.push_back(held_.back());
    acknowledge->leases.push_back(held_.back().lease);
    model_.deleting(held_.back().uid);
    held_.pop_back();
  }
  ask(queue, std::move(acknowledge), Milliseconds(0), false, [this, done](Known known, const machines::Reply* reply) {
    for (std::size_t at = 0; at < done.size(); ++at) {
      const bool did = reply == nullptr || static_cast<const queue::Settled*>(reply)->each[at].has_value();
      model_.deleted(done[at].uid, done[at].lease, did ? known : Known::no, asked_, server_.world().now());
    }
  });
}

void Client::extend() {
  if (held_.empty()) {
    return receive(false);
  }
  const Held held = held_[random_.below(held_.size())];
  auto extend = std::make_unique<queue::Extend>();
  const Seconds timeout(random_.below(5));
  extend->leases.push_back({held.lease, timeout});
  model_.extending(held.uid);
  ask(held.queue, std::move(extend), Milliseconds(0), false,
      [this, held, timeout](Known known, const machines::Reply* reply) {
        const bool done = known == Known::yes && static_cast<const queue::Settled*>(reply)->each[0].has_value();
        model_.extend_answered(held.uid, held.lease, done, timeout, asked_, server_.world().now());
      });
}

void Client::purge() {
  const std::size_t queue = random_.below(model_.places());
  ask(queue, std::make_unique<queue::Purge>(), Milliseconds(0), false,
      [this, queue](Known known, const auto*) { model_.purged(queue, known, asked_, server_.world().now()); });
}

void Client::remove() {
  const std::size_t queue = random_.below(model_.places());
  model_.removing(queue);
  ask(queue, std::make_unique<queue::Remove>(), Milliseconds(0), false,
      [this, queue](Known known, const auto*) { model_.removed(queue, known, asked_, server_.world().now()); });
}

void Client::create(std::size_t queue) {
  ask(queue, creation(scenario_, scenario_.plans[queue]), Milliseconds(0), true,
      [this, queue](Known known, const machines::Reply* reply) {
        model_.created(queue, known,
                       reply == nullptr ? 0 : static_cast<const queue::Description*>(reply)->machine.value, asked_);
      });
}

void Client::configure() {
  const std::size_t queue = random_.below(model_.places());
  auto configure = std::make_unique<queue::Configure>();
  configure->settings.receive_wait = Seconds(random_.below(20));
  ask(queue, std::move(configure), Milliseconds(0), false, [](Known, const auto*) {});
}

void Client::move() {
  const std::size_t queue = random_.below(model_.places());
  if (random_.chance(0.6)) {
    return start_move(queue);
  }
  const std::size_t tasks = model_.place(queue).tasks.size();
  if (tasks == 0 || random_.chance(0.7)) {
    return list_moves(queue);
  }
  auto cancel = std::make_unique<queue::CancelMove>();
  cancel->task = std::to_string(random_.below(tasks));
  ask(queue, std::move(cancel), Milliseconds(0), false, [](Known, const auto*) {});
}

void Client::start_move(std::size_t queue) {
  auto start = std::make_unique<queue::StartMove>();
  start->task = std::to_string(model_.place(queue).tasks.size());
  std::optional<std::size_t> destination;
  if (random_.chance(0.6)) {
    destination = random_.below(model_.places());
    start->destination = scenario_.plans[*destination].name;
  }
  constexpr std::uint32_t rates[] = {0, 0, 1, 5, 50, 500};
  start->rate_max = rates[random_.below(std::size(rates))];
  model_.moving(queue, destination, server_.world().now());
  ask(queue, std::move(start), Milliseconds(0), false, [](Known, const auto*) {});
}

void Client::list_moves(std::size_t queue) {
  ask(queue, std::make_unique<queue::ListMoves>(), Milliseconds(0), false,
      [this, queue](Known, const machines::Reply* reply) {
        if (reply != nullptr) {
          model_.moves_listed(queue, static_cast<const queue::MoveTasks&>(*reply).tasks, server_.world().now());
        }
      });
}

void Client::describe() {
  const std::size_t queue = random_.below(model_.places());
  if (random_.chance(0.5)) {
    return create(queue);
  }
  ask(queue, std::make_unique<queue::Describe>(), Milliseconds(0), false, [](Known, const auto*) {});
}

}  // namespace sluice::simulation
