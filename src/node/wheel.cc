#include "node/wheel.h"

#include <algorithm>
#include <bit>

namespace sluice::node {
namespace {

// The alarms of one slot are a ring, a single one points at itself: `next` is null only for an alarm that is not set.
void link_before(Alarm& alarm, Alarm& place) {
  alarm.next = &place;
  alarm.previous = place.previous;
  place.previous->next = &alarm;
  place.previous = &alarm;
}

void unlink(Alarm& alarm) {
  alarm.previous->next = alarm.next;
  alarm.next->previous = alarm.previous;
  alarm.previous = alarm.next = nullptr;
}

}  // namespace

Wheel::Wheel(std::uint64_t now_milliseconds) : now_(now_milliseconds) { due_.previous = due_.next = &due_; }

void Wheel::set(Alarm& alarm, std::uint64_t at_milliseconds) {
  remove(alarm);
  alarm.at_milliseconds = at_milliseconds;
  place(alarm);
}

// The level is that of the highest digit (of six bits) in which the time differs from now: so on every level the used
// slots lie ahead of now's own, and the lowest used slot of the lowest used level comes first.
void Wheel::place(Alarm& alarm) {
  const std::uint64_t at = std::max(alarm.at_milliseconds, now_ + 1);
  const unsigned level = (63U - static_cast<unsigned>(std::countl_zero(at ^ now_))) / slot_bits;
  const unsigned slot = static_cast<unsigned>(at >> (slot_bits * level)) & (slots - 1);
  alarm.level = static_cast<std::uint8_t>(level);
  alarm.slot = static_cast<std::uint8_t>(slot);
  Alarm*& first = levels_[level].first[slot];
  if (first == nullptr) {
    alarm.previous = alarm.next = &alarm;
    first = &alarm;
    levels_[level].used |= std::uint64_t{1} << slot;
    return;
  }
  link_before(alarm, *first);
}

void Wheel::remove(Alarm& alarm) {
  if (!alarm.set()) {
    return;
  }
  if (alarm.level != due_level) {
    Level& row = levels_[alarm.level];
    if (row.first[alarm.slot] == &alarm) {
      row.first[alarm.slot] = alarm.next == &alarm ? nullptr : alarm.next;
    }
    if (row.first[alarm.slot] == nullptr) {
      row.used &= ~(std::uint64_t{1} << alarm.slot);
    }
  }
  unlink(alarm);
}

unsigned Wheel::lowest_used() const {
  unsigned level = 0;
  while (level < levels && levels_[level].used == 0) {
    ++level;
  }
  return level;
}

std::uint64_t Wheel::earliest() const {
  if (due_.next != &due_) {
    return now_;
  }
  const unsigned level = lowest_used();
  if (level == levels) {
    return none;
  }
  const unsigned shift = slot_bits * level;
  const std::uint64_t above = level + 1 == levels ? 0 : ~std::uint64_t{0} << (shift + slot_bits);
  return (now_ & above) | (static_cast<std::uint64_t>(std::countr_zero(levels_[level].used)) << shift);
}

// What is due goes to the ring of the due, the rest of the slot down to lower levels.
void Wheel::empty(unsigned level, unsigned slot) {
  Level& row = levels_[level];
  Alarm* const first = row.first[slot];
  row.first[slot] = nullptr;
  row.used &= ~(std::uint64_t{1} << slot);
  Alarm* alarm = first;
  do {
    Alarm* const following = alarm->next;
    if (alarm->at_milliseconds <= now_) {
      alarm->level = due_level;
      link_before(*alarm, due_);
    } else {
      place(*alarm);
    }
    alarm = following;
  } while (alarm != first);
}

Alarm* Wheel::next_due(std::uint64_t now_milliseconds) {
  while (due_.next == &due_) {
    const std::uint64_t at = earliest();
    if (at > now_milliseconds) {
      now_ = std::max(now_, now_milliseconds);
      return nullptr;
    }
    const unsigned level = lowest_used();
    now_ = std::max(now_, at);
    empty(level, static_cast<unsigned>(std::countr_zero(levels_[level].used)));
  }
  Alarm* const alarm = due_.next;
  unlink(*alarm);
  return alarm;
}

}  // namespace sluice::node
