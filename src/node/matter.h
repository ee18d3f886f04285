#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "machines/machine.h"
#include "node/entry.h"
#include "node/mailbox.h"
#include "node/node.h"

namespace sluice::node {

class Cell;
class Lane;
struct Host;

/// What was decided: the answer, and the sequence that must be durable before anybody hears of it.
struct Conclusion {
  Answer answer;
  Lane* lane = nullptr;         ///< of `waits_for`
  std::uint64_t waits_for = 0;  ///< 0: nothing
  /// False: the machine was not asked (disk full, buffers full, stopping); asking again later may end otherwise.
  bool decided = true;
};

/// Something put to a machine for a decision: an asker's question, or a transfer. On the thread of the machine's core.
struct Matter : Letter {
  /// Facts of the cell that belong into the same entry as the machine's: written with `Decider::cell_fact`.
  virtual void ride(Core& here, Cell& cell, Lane& lane, const machines::Outcome& outcome) {
    static_cast<void>(here);
    static_cast<void>(cell);
    static_cast<void>(lane);
    static_cast<void>(outcome);
  }
  /// The end; the matter is in no list of the machine's any more.
  virtual void concluded(Core& here, Conclusion conclusion) = 0;
  /// Before it could be decided, time had made an end of the machine.
  virtual void machine_gone(Core& here, Host& host) = 0;

  enum class Parks : std::uint8_t { waits, cannot, no_room };
  /// May it wait for `host` to have something? `at_most`: as the machine says. Asked when the machine has nothing and
  /// it is not the last chance.
  virtual Parks parks(Core& here, Host& host, Milliseconds at_most) {
    static_cast<void>(here);
    static_cast<void>(host);
    static_cast<void>(at_most);
    return Parks::cannot;
  }

  std::unique_ptr<machines::Command> command;
  bool last_chance = true;     ///< the machine must answer now, empty if need be
  Matter* previous = nullptr;  ///< with Letter::next: its neighbours in `list`
  class MatterList* list = nullptr;
};

/// First in, first out, and out from anywhere.
class MatterList {
 public:
  bool empty() const { return first_ == nullptr; }
  Matter& front() { return *first_; }

  void push_back(Matter& matter) {
    matter.list = this;
    matter.next = nullptr;
    matter.previous = last_;
    if (last_ == nullptr) {
      first_ = &matter;
    } else {
      last_->next = &matter;
    }
    last_ = &matter;
  }
  void push_front(Matter& matter) {
    matter.list = this;
    matter.previous = nullptr;
    matter.next = first_;
    (first_ == nullptr ? last_ : first_->previous) = &matter;
    first_ = &matter;
  }
  void remove(Matter& matter) {
    auto* const following = static_cast<Matter*>(matter.next);
    if (matter.previous == nullptr) {
      first_ = following;
    } else {
      matter.previous->next = following;
    }
    (following == nullptr ? last_ : following->previous) = matter.previous;
    matter.next = nullptr;
    matter.previous = nullptr;
    matter.list = nullptr;
  }
  Matter& pop_front() {
    Matter& matter = *first_;
    remove(matter);
    return matter;
  }

 private:
  Matter* first_ = nullptr;
  Matter* last_ = nullptr;
};

}  // namespace sluice::node
