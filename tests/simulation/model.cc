#include "model.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/digest.h"
#include "machines/queue/message.h"

namespace sluice::simulation {
namespace {

// Journal time may run this much slower or faster than the world's, and is told in milliseconds.
constexpr double slew = 0.06;
constexpr Moment grain = std::chrono::milliseconds(3);

Moment surely_within(Milliseconds span) {
  return std::chrono::duration_cast<Moment>(
             std::chrono::duration<double, std::nano>(static_cast<double>(Moment(span).count()) * (1 - slew))) -
         grain;
}

}  // namespace

Model::Model(const Scenario& scenario) : scenario_(scenario) {
  for (const QueuePlan& plan : scenario.plans) {
    places_.push_back({});
    places_.back().plan = plan;
  }
}

void Model::tell(std::uint64_t uid, Moment now, const std::string& what) const {
  if (followed_ == uid) {
    fmt::print("{:>9.3f} s  message {}: {}\n", std::chrono::duration<double>(now).count(), uid, what);
  }
}

void Model::violation(std::string text) { violations_.push_back(std::move(text)); }

std::string Model::body(std::uint64_t uid) const {
  std::string text = fmt::format("{}:", uid);
  const std::uint64_t hash = stable_hash(text);
  text.append(hash % (scenario_.body_bytes_max + 1), static_cast<char>('a' + hash % 26));
  return text;
}

std::uint64_t Model::sending(std::size_t queue, Moment now, Seconds delay, const std::string& group) {
  Message& message = messages_.emplace_back();
  message.uid = messages_.size() - 1;
  message.queue = queue;
  message.queue_life = places_[queue].life;
  message.asked = now;
  message.delay = delay;
  message.group = group;
  groups_[{queue, group}].push_back(message.uid);
  return message.uid;
}

void Model::sent(std::uint64_t uid, Known outcome, Moment now) {
  messages_[uid].sent = outcome;
  messages_[uid].told = now;
  tell(uid, now,
       fmt::format("sent to queue {} (asked {} ms): {}", messages_[uid].queue, messages_[uid].asked.count() / 1'000'000,
                   static_cast<int>(outcome)));
}

bool Model::leads_to(std::size_t source, std::size_t queue) const {
  std::vector<std::size_t> reached = {source};
  std::vector<bool> seen(places_.size());
  while (!reached.empty()) {
    const Place& place = places_[reached.back()];
    reached.pop_back();
    std::set<std::size_t> next = place.moves_to;
    if (place.plan.dead_letters >= 0) {
      next.insert(static_cast<std::size_t>(place.plan.dead_letters));
    }
    for (const std::size_t one : next) {
      if (one == queue) {
        return true;
      }
      if (!seen[one]) {
        seen[one] = true;
        reached.push_back(one);
      }
    }
  }
  return false;
}

bool Model::may_expire(std::size_t queue) const {
  for (std::size_t at = 0; at < places_.size(); ++at) {
    if (places_[at].plan.retention < Seconds(3'600) && (at == queue || leads_to(queue, at))) {
      return true;
    }
  }
  return false;
}

void Model::moved(Message& message, std::size_t queue, const queue::Received& got, bool has_source, Moment asked,
                  Moment now, const std::string& what) {
  if (!leads_to(message.queue, queue)) {
    if (!message.moved || asked > message.moved_told) {
      violation(fmt::format("{}: belongs into queue {}", what, message.queue));
    }
    return;
  }
  const bool was_moved = std::ranges::any_of(places_, [](const Place& place) { return !place.moves_to.empty(); });
  if (!was_moved && (!has_source || got.receive_count < 2)) {
    violation(what + ": was moved without its source's name, or before it was received");
  }
  ++moved_;
  message.moved = true;
  message.moved_told = now;
  message.queue = queue;
  message.queue_life = places_[queue].life;
  message.hidden_until.reset();
}

std::optional<std::uint64_t> Model::received(std::size_t queue, const queue::Received& got,
                                             const std::optional<std::string>& bytes, Moment asked, Moment now,
                                             std::uint32_t server_life, Milliseconds visibility) {
  ++received_;
  const std::string where = fmt::format("{} ms, queue {}, number {}, receive {}", now.count() / 1'000'000, queue,
                                        got.lease.number, got.receive_count);
  if (!bytes) {
    violation(where + ": a body cannot be read");
    return std::nullopt;
  }
  const auto decoded = queue::decode(*bytes);
  std::uint64_t uid = 0;
  if (!decoded ||
      std::from_chars(decoded->body.data(), decoded->body.data() + decoded->body.size(), uid).ec != std::errc{} ||
      uid >= messages_.size() || decoded->body != body(uid)) {
    violation(where + ": a body is not one that was sent");
    return std::nullopt;
  }
  Message& message = messages_[uid];
  tell(uid, now,
       fmt::format("received from queue {} (asked {} ms), number {}, epoch {}, count {}", queue,
                   asked.count() / 1'000'000, got.lease.number, got.lease.epoch, got.lease.count));
  const std::string what = fmt::format("{}, message {}", where, uid);
  if (message.sent == Known::no) {
    violation(what + ": its send was refused");
  }
  // Received before the deletion, or after a receive of which nothing is known yet: then the lease that it was deleted
  // with need not have been its newest.
  const bool follows = message.lease && message.lease->epoch == got.lease.epoch &&
                       message.lease->machine.value == got.lease.machine.value &&
                       got.lease.count == message.lease->count + 1;
  const bool skips = message.lease && message.lease->epoch == got.lease.epoch && !follows;
  if (message.gone == Known::yes && message.why_gone == "deleted" && (asked < message.gone_at || skips)) {
    message.gone = Known::maybe;
  }
  if (message.gone == Known::yes && asked >= message.gone_at) {
    violation(fmt::format("{}: comes back after it was {} at {} ms", what, message.why_gone,
                          message.gone_at.count() / 1'000'000));
  }
  if (message.queue != queue && message.moved && asked <= message.moved_told) {
    ++message.times_seen;  // a late answer from where it was before
    return uid;
  }
  if (message.queue != queue) {
    moved(message, queue, got, !decoded->dead_letter_source.empty(), asked, now, what);
  }
  const auto [known, fresh] = by_number_.emplace(std::pair(got.lease.machine.value, got.lease.number), uid);
  if (!fresh && known->second != uid) {
    violation(fmt::format("{}: has the number of message {}", what, known->second));
  }
  const auto [number, first] = message.number_in.emplace(got.lease.machine.value, got.lease.number);
  if (!first && number->second != got.lease.number && !leads_to(queue, queue)) {
    violation(fmt::format("{}: is there twice, as number {} too", what, number->second));
  }
  check_times(message, queue, asked, now, server_life);
  if (!message.lease || message.lease->machine.value != got.lease.machine.value ||
      message.lease->number != got.lease.number ||
      std::pair(got.lease.epoch, got.lease.count) >= std::pair(message.lease->epoch, message.lease->count)) {
    message.lease = got.lease;
    message.lease_asked = asked;
    message.lease_told = now;
    message.lease_life = server_life;
    message.hidden_until = asked + surely_within(visibility);
    if (asked <= message.extend_told) {
      message.hidden_until.reset();  // that one may have come after this receive
    }
  }
  ++message.times_seen;
  return uid;
}

void Model::check_times(const Message& message, std::size_t queue, Moment asked, Moment now,
                        std::uint32_t server_life) {
  if (!scenario_.clock_is_steady) {
    return;
  }
  if (!message.moved && now < message.asked + surely_within(message.delay)) {
    violation(fmt::format("{} ms: message {} of queue {} comes before its delay of {} s is over",
                          now.count() / 1'000'000, message.uid, queue, message.delay.count()));
  }
  // The lease of a standard queue's receive may be lost with the process; while that lives it holds.
  const bool lease_lives = scenario_.ordered || message.lease_life == server_life;
  const bool held = message.lease && lease_lives && message.hidden_until && message.extends_open == 0;
  if (held && now < *message.hidden_until && asked > message.lease_told) {
    violation(fmt::format("{} ms: message {} of queue {} is received while it is hidden (received at {} ms)",
                          now.count() / 1'000'000, message.uid, queue, message.lease_asked.count() / 1'000'000));
  }
}

/// Of a group, nothing is given out before what was sent earlier and is there.
void Model::check_order(std::size_t queue, const std::vector<queue::Received>& messages) {
  std::set<std::uint64_t> before;
  for (const queue::Received& one : messages) {
    const auto found = by_number_.find({one.lease.machine.value, one.lease.number});
    if (found == by_number_.end()) {
      continue;
    }
    const Message& message = messages_[found->second];
    before.insert(message.uid);
    if (message.moved || message.queue != queue) {
      continue;
    }
    for (const std::uint64_t earlier : groups_[{queue, message.group}]) {
      if (earlier >= message.uid) {
        break;
      }
      if (!before.contains(earlier) && is_surely_there(messages_[earlier], queue)) {
        violation(fmt::format("message {} of queue {} is given out before message {} of its group", message.uid, queue,
                              earlier));
      }
    }
  }
}

bool Model::is_surely_there(const Message& message, std::size_t queue) const {
  // By a receive, perhaps one that is not answered yet, and then it may have become a dead letter.
  const bool seen =
      message.times_seen > 0 || places_[queue].receives_open > 0 || places_[queue].lost_receives_until > Moment(0);
  return message.sent == Known::yes && message.gone == Known::no && message.deletes_open == 0 && !message.moved &&
         message.queue == queue && !may_expire(queue) && places_[queue].moves_to.empty() && !(seen && may_leave(queue));
}

void Model::received_together(std::size_t queue, const std::vector<queue::Received>& messages) {
  if (scenario_.ordered) {
    return check_order(queue, messages);
  }
  if (scenario_.tenants) {
    return;  // quiet ones come first
  }
  std::uint64_t last = 0;
  for (const queue::Received& one : messages) {
    const auto found = by_number_.find({one.lease.machine.value, one.lease.number});
    if (found == by_number_.end() || one.receive_count != 1) {
      continue;
    }
    const Message& message = messages_[found->second];
    // What a move task's destination refused stands before what was never received.
    const bool may_be_back = !places_[message.queue].moves_to.empty();
    if (message.delay.count() == 0 && !message.moved && !may_be_back && message.times_seen == 1) {
      if (one.lease.number < last) {
        violation(fmt::format("message {} is given out after one that was sent later", message.uid));
      }
      last = one.lease.number;
    }
  }
}

void Model::receive_lost(std::size_t queue, Moment asked, Moment ends) {
  for (Message& message : messages_) {
    // An ordered queue refuses a lease that is not the newest, so that there nothing is open.
    if (!scenario_.ordered && message.queue == queue && message.gone == Known::yes && message.why_gone == "deleted" &&
        message.gone_at > asked) {
      message.gone = Known::maybe;  // it may have been received in between, which the deletion did not know of
    }
  }
  places_[queue].lost_receives_until = std::max(places_[queue].lost_receives_until, ends);
}

void Model::deleted(std::uint64_t uid, const queue::Lease& lease, Known outcome, Moment asked, Moment now) {
  Message& message = messages_[uid];
  --message.deletes_open;
  if (message.gone == Known::yes || outcome == Known::no) {
    return;
  }
  // A lease that is not the newest deletes nothing: it surely was the newest if every later receive is known of.
  const bool same =
      message.lease && message.lease->machine.value == lease.machine.value && message.lease->number == lease.number;
  // An ordered queue has refused one that is not the newest.
  const bool newest =
      same && (scenario_.ordered || (message.lease->epoch == lease.epoch && message.lease->count == lease.count));
  const bool all_known = scenario_.ordered || places_[message.queue].lost_receives_until < message.lease_asked;
  // And a message whose lease has ended may be on its way to a dead-letter queue, where that lease means nothing.
  const bool stays = !may_leave(message.queue) || (message.hidden_until && now < *message.hidden_until);
  message.gone = outcome == Known::yes && newest && all_known && stays ? Known::yes : Known::maybe;
  message.why_gone = "deleted";
  message.gone_at = now;
  tell(uid, now,
       fmt::format("deleted by epoch {}, count {} (asked {} ms): {}, newest {}, all known {}", lease.epoch, lease.count,
                   asked.count() / 1'000'000, static_cast<int>(outcome), newest, all_known));
}

void Model::extending(std::uint64_t uid) {
  messages_[uid].hidden_until.reset();
  ++messages_[uid].extends_open;
}

void Model::extend_answered(std::uint64_t uid, const queue::Lease& lease, bool done, Seconds timeout, Moment asked,
                            Moment now) {
  Message& message = messages_[uid];
  message.hidden_until.reset();
  // Of two at the same time either may have been the last; an older lease changes it too.
  const bool alone = --message.extends_open == 0 && asked > message.extend_told;
  message.extend_told = now;
  const bool newest = message.lease && message.lease->machine.value == lease.machine.value &&
                      message.lease->epoch == lease.epoch && message.lease->count == lease.count;
  if (done && alone && newest && places_[message.queue].lost_receives_until < message.lease_asked) {
    message.hidden_until = asked + surely_within(timeout);
    message.lease_told = asked;
  }
}

void Model::all_gone(std::size_t queue, Known outcome, Moment asked, Moment now, std::string_view why) {
  if (outcome == Known::no) {
    return;
  }
  for (Message& message : messages_) {
    if (message.gone == Known::yes) {
      continue;
    }
    // On its way to a dead-letter queue it is no longer the purged one's.
    const bool may_have_moved = may_leave(message.queue);
    if (message.queue != queue && !leads_to(message.queue, queue)) {
      continue;
    }
    const bool surely = outcome == Known::yes && message.queue == queue && !may_have_moved &&
                        message.sent == Known::yes && message.told < asked;
    message.gone = surely ? Known::yes : Known::maybe;
    message.why_gone = why;
    message.gone_at = now;
  }
}

void Model::purged(std::size_t queue, Known outcome, Moment asked, Moment now) {
  all_gone(queue, outcome, asked, now, "purged");
}

void Model::created(std::size_t queue, Known outcome, std::uint64_t machine, Moment asked) {
  Place& place = places_[queue];
  if (outcome == Known::yes && place.removals_open == 0 && asked > place.removal_told) {
    if (place.exists == Known::yes && place.machine != machine) {
      violation(fmt::format("queue {} exists and is made again as another", queue));
    }
    place.exists = Known::yes;
    place.machine = machine;
  } else if (outcome != Known::no) {
    place.exists = Known::maybe;
  }
  ++place.life;
}

void Model::removing(std::size_t queue) {
  // Until the answer is there, others may already have made another of that name.
  places_[queue].exists = Known::maybe;
  ++places_[queue].removals_open;
}

void Model::removed(std::size_t queue, Known outcome, Moment asked, Moment now) {
  Place& place = places_[queue];
  --place.removals_open;
  place.removal_told = now;
  place.exists = Known::maybe;
  all_gone(queue, outcome, asked, now, "removed with its queue");
}

void Model::moving(std::size_t queue, std::optional<std::size_t> destination, Moment asked) {
  places_[queue].tasks.push_back(asked);
  if (destination) {
    places_[queue].moves_to.insert(*destination);
    return;
  }
  for (std::size_t source = 0; source < places_.size(); ++source) {
    if (places_[source].plan.dead_letters == static_cast<int>(queue)) {
      places_[queue].moves_to.insert(source);
    }
  }
}

void Model::moves_listed(std::size_t queue, const std::vector<queue::MoveTask>& tasks, Moment now) {
  for (std::size_t at = 0; at < tasks.size(); ++at) {
    const queue::MoveTask& task = tasks[at];
    if (at > 0 && (task.status == queue::MoveStatus::running || task.status == queue::MoveStatus::cancelling)) {
      violation(fmt::format("queue {} has two move tasks that are active", queue));
    }
    const Moment asked = places_[queue].tasks.at(std::stoul(task.id));
    const double passed = std::chrono::duration<double>(now - asked).count() * (1 + slew);
    const bool bounded = task.rate_max > 0 && scenario_.clock_is_steady;
    if (bounded && static_cast<double>(task.moved) > (passed + 1) * task.rate_max) {
      violation(fmt::format("a move task of queue {} has moved {} messages in {} s, {} a second allowed", queue,
                            task.moved, passed, task.rate_max));
    }
  }
}

void Model::server_ended() {
  if (scenario_.ordered && scenario_.clock_is_steady) {
    return;  // a receive that was answered is durable
  }
  for (Message& message : messages_) {
    message.hidden_until.reset();
  }
}

void Model::drained() {
  for (const Message& message : messages_) {
    if (message.sent == Known::yes && message.gone == Known::no && !may_expire(message.queue)) {
      violation(fmt::format("message {} of queue {}, sent at {} ms, seen {} times, is lost", message.uid, message.queue,
                            message.told.count() / 1'000'000, message.times_seen));
    }
  }
}

}  // namespace sluice::simulation
