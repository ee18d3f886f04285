#include "machines/queue/leases.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/check.h"

namespace sluice::queue {

Waiting Held::as_waiting() const {
  Waiting waiting = message;
  waiting.received_at = received_at;
  waiting.received_here = received_here();
  waiting.lease_epoch = epoch;
  waiting.lease_count = count;
  waiting.stays = stays;
  return waiting;
}

Held held_of(Waiting message, Time at) {
  Held held;
  const Time received_at = std::exchange(message.received_at, Time{});
  held.received_at = received_at == Time{} ? at : received_at;
  held.epoch = std::exchange(message.lease_epoch, 0);
  held.count = std::exchange(message.lease_count, 0);
  held.count_on_arrival = message.receive_count - std::exchange(message.received_here, 0);
  held.stays = std::exchange(message.stays, false);
  held.message = message;
  return held;
}

const Held* Leases::find(std::uint64_t number) const {
  const auto at = held_.find(number);
  return at == held_.end() ? nullptr : &at->second;
}

Leases::Order::iterator Leases::join(Due due) {
  // Most receives have the same timeout, so a new deadline is mostly the last: the hint makes that a constant effort.
  const auto place = order_.emplace_hint(order_.end(), due);
  if (due.first <= now_) {
    ++visible_;
  } else if (first_in_flight_ == order_.end() || due < *first_in_flight_) {
    first_in_flight_ = place;
  }
  return place;
}

void Leases::leave(Order::iterator place) {
  if (place->first <= now_) {
    --visible_;
  }
  if (place == first_in_flight_) {
    ++first_in_flight_;
  }
  order_.erase(place);
}

/// It is in flight from now on.
void Leases::count(const Held& held) {
  if (counts_groups_ && held.deadline() > now_) {
    in_flight_by_group_.add(held.message.group);
  }
}
/// Before it is in flight no more.
void Leases::count_no_more(const Held& held) {
  if (counts_groups_ && held.deadline() > now_) {
    in_flight_by_group_.remove(held.message.group);
  }
}

void Leases::hold(const Held& held, Time deadline) {
  const std::size_t before = held_.size();
  const auto at = held_.emplace_hint(held_.end(), held.message.number, held);  // mostly the newest of them
  check(held_.size() > before, "a message is held once");
  at->second.place = join({deadline, held.message.number});
  count(at->second);
}

Held& Leases::change(std::uint64_t number, Time deadline) {
  const auto at = held_.find(number);
  check(at != held_.end(), "a message whose lease changes is held");
  count_no_more(at->second);
  leave(at->second.place);
  at->second.place = join({deadline, number});
  count(at->second);
  return at->second;
}

Held Leases::take(std::uint64_t number) {
  const auto at = held_.find(number);
  check(at != held_.end(), "a message that is taken from the leases is held");
  const Held held = at->second;
  count_no_more(held);
  leave(held.place);
  held_.erase(at);
  return held;
}

void Leases::advance(Time now) {
  now_ = std::max(now_, now);
  while (first_in_flight_ != order_.end() && first_in_flight_->first <= now_) {
    if (!in_flight_by_group_.empty()) {
      in_flight_by_group_.remove(held_.at(first_in_flight_->second).message.group);
    }
    ++first_in_flight_;
    ++visible_;
  }
}

void Leases::expire(Time limit) {
  for (auto at = held_.begin(); at != held_.end();) {
    if (at->second.message.expired(limit)) {
      count_no_more(at->second);
      leave(at->second.place);
      at = held_.erase(at);
    } else {
      ++at;
    }
  }
}

Time Leases::oldest() const {
  Time oldest = never;
  for (const auto& [number, held] : held_) {
    oldest = std::min(oldest, held.message.joined);
  }
  return oldest;
}

void Leases::clear() {
  held_.clear();
  order_.clear();
  first_in_flight_ = order_.end();
  visible_ = 0;
  in_flight_by_group_.clear();
}

void Leases::save(Writer& out) const {
  out.varint(order_.size());
  IndexWriter index(out);
  each([&](const Held& held) {
    index.add(held.message);
    out.svarint((held.deadline() - held.message.sent).count());
    out.svarint((held.received_at - held.message.sent).count());
    out.varint(held.epoch);
    out.varint(held.count);
    out.varint(held.count_on_arrival);
    out.u8(held.stays ? 1 : 0);
  });
}

bool Leases::load(Reader& in, Time now) {
  advance(now);
  const std::uint64_t count = in.varint();
  IndexReader index(in);
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    Held held;
    held.message = index.next();
    const Time deadline = held.message.sent + Milliseconds(in.svarint());
    held.received_at = held.message.sent + Milliseconds(in.svarint());
    held.epoch = static_cast<std::uint32_t>(in.varint());
    held.count = static_cast<std::uint32_t>(in.varint());
    held.count_on_arrival = static_cast<std::uint32_t>(in.varint());
    held.stays = in.u8() != 0;
    if (!in.ok() || find(held.message.number) != nullptr) {
      return false;
    }
    hold(held, deadline);
  }
  return in.ok();
}

void Leases::invariants() const {
  check(held_.size() == order_.size(), "every held message has one deadline");
  check(visible_ <= held_.size(), "what came back is part of what is held");
  check(static_cast<std::size_t>(std::distance(order_.begin(), Order::const_iterator(first_in_flight_))) == visible_,
        "what came back stands before what is in flight");
  check(first_in_flight_ == order_.end() || first_in_flight_->first > now_, "what is in flight ends later");
  GroupCounts in_flight_by_group;
  std::for_each(Order::const_iterator(first_in_flight_), order_.end(),
                [&](const Due& due) { in_flight_by_group.add(held_.at(due.second).message.group); });
  check(!counts_groups_ || in_flight_by_group == in_flight_by_group_, "what is in flight is counted by group");
  for (const auto& [number, held] : held_) {
    check(held.message.number == number, "a held message has its own number");
    check(held.place->second == number, "a held message stands at its own place");
    check(held.message.receive_count >= held.count_on_arrival, "receives are only added");
    check(held.count <= held.message.receive_count, "the newest receive is counted");
  }
}

}  // namespace sluice::queue
