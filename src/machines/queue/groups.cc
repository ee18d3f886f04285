#include "machines/queue/groups.h"

#include <algorithm>

#include "base/check.h"

namespace sluice::queue {
namespace {

// The turn of a group that will be released.
constexpr Turn locked{0, 1};

}  // namespace

void Rising::add(std::uint64_t number) {
  if (empty() || numbers_.back() < number) {
    numbers_.push_back(number);
    return;
  }
  numbers_.insert(std::lower_bound(begin(), end(), number), number);
}

void Rising::remove(std::uint64_t number) {
  const auto at = std::lower_bound(begin(), end(), number);
  check(at != end() && *at == number, "a number that goes is there");
  if (at == begin()) {
    ++begin_;
  } else {
    numbers_.erase(at);
  }
  if (begin_ > numbers_.size() / 2) {
    numbers_.erase(numbers_.begin(), begin());
    begin_ = 0;
  }
}

const Groups::Group* Groups::find(std::uint64_t group) const {
  const auto at = groups_.find(group);
  return at == groups_.end() ? nullptr : &at->second;
}

void Groups::hold(std::uint64_t group, std::uint64_t number) {
  Rising& received = groups_[group].received;
  with_received_ += received.empty() ? 1 : 0;
  received.add(number);
}

void Groups::hold_no_more(std::uint64_t group, std::uint64_t number) {
  Rising& received = groups_.at(group).received;
  received.remove(number);
  with_received_ -= received.empty() ? 1 : 0;
}

std::size_t Groups::waiting() const {
  std::size_t waiting = 0;
  for (const auto& [hash, group] : groups_) {
    waiting += group.waiting.size();
  }
  return waiting;
}

void Groups::lock(std::uint64_t group) { displace(group, groups_.at(group)); }

std::uint64_t Groups::first(const Group& group) {
  return group.received.empty() ? group.waiting.front() : group.received.front();
}

/// Null: it is locked.
Groups::Queue* Groups::place_of(const Group& group, const Leases& leases) {
  if (group.received.empty()) {
    return &fresh_;
  }
  return leases.is_visible(group.received.front()) ? &returned_ : nullptr;
}

void Groups::settle(std::uint64_t group, const Leases& leases, std::uint64_t last_due) {
  const auto at = groups_.find(group);
  if (at == groups_.end()) {
    return;
  }
  Group& settled = at->second;
  if (settled.received.empty() && settled.waiting.empty()) {
    displace(group, settled);
    groups_.erase(at);
    return;
  }
  Queue* const queue = place_of(settled, leases);
  if (queue == settled.in && settled.free()) {
    return;
  }
  const Turn turn = settled.turn;
  const bool was_free = settled.free();
  displace(group, settled);
  if (queue == nullptr) {
    settled.turn = locked;
  } else if (was_free) {
    place(group, settled, turn, *queue);
  } else {
    place(group, settled, turn == locked ? Turn{last_due, ++releases} : Turn{first(settled), 0}, *queue);
  }
}

void Groups::place(std::uint64_t hash, Group& group, Turn turn, Queue& queue) {
  group.in = &queue;
  group.turn = turn;
  queue.emplace_hint(queue.end(), turn, hash);
}

void Groups::displace(std::uint64_t hash, Group& group) {
  if (group.free()) {
    check((group.in == &fresh_ ? fresh_ : returned_).erase({group.turn, hash}) == 1, "a free group has one place");
    group.in = nullptr;
    group.turn = locked;
  }
}

Groups::Turns Groups::turns() const {
  Turns turns;
  for (const auto& [hash, group] : groups_) {
    if (group.free() && group.turn != Turn{first(group), 0}) {
      turns[hash] = group.turn;
    }
  }
  return turns;
}

void Groups::settle_all(const Leases& leases, const Turns& turns) {
  for (auto& [hash, group] : groups_) {
    const auto turn = turns.find(hash);
    if (Queue* queue = place_of(group, leases)) {
      place(hash, group, turn != turns.end() ? turn->second : Turn{first(group), 0}, *queue);
    } else {
      group.turn = locked;
    }
  }
}

void Groups::clear_groups() {
  groups_.clear();
  returned_.clear();
  fresh_.clear();
  with_received_ = 0;
}

void Groups::save(Writer& out) const {
  const Turns all = turns();
  out.varint(all.size());
  for (const auto& [hash, turn] : all) {
    out.u64(hash);
    out.varint(turn.number);
    out.varint(turn.release);
  }
}

Groups::Turns Groups::load_turns(Reader& in) {
  Turns turns;
  const std::uint64_t count = in.varint();
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    Turn& turn = turns[in.u64()];
    turn.number = in.varint();
    turn.release = in.varint();
  }
  return turns;
}

void Groups::invariants(const Leases& leases) const {
  std::size_t free = 0, with_received = 0;
  for (const auto& [hash, group] : groups_) {
    check(!(group.received.empty() && group.waiting.empty()), "an empty group is forgotten");
    const Queue* queue = group.received.empty() ? &fresh_ : &returned_;
    const bool visible = group.received.empty() || leases.is_visible(group.received.front());
    check(group.in == (visible ? queue : nullptr), "a group is free when its first message is visible");
    check(!visible || queue->contains({group.turn, hash}), "a free group has its place");
    check(group.received.empty() || group.waiting.empty() || *std::prev(group.received.end()) < group.waiting.front(),
          "of a group, what was received was sent first");
    free += visible ? 1 : 0;
    with_received += group.received.empty() ? 0 : 1;
    for (const std::uint64_t number : group.received) {
      const Held* held = leases.find(number);
      check(held != nullptr && held->message.group == hash, "a group holds what was received of it");
    }
  }
  check(free == fresh_.size() + returned_.size(), "only free groups have a place");
  check(with_received == with_received_, "groups with something received are counted");
}

}  // namespace sluice::queue
