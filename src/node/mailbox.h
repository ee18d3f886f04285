#pragma once

#include <atomic>
#include <utility>

namespace sluice::node {

class Core;

/// What goes from core to core, and what waits for the log. Belongs to the core that made it, which keeps it until it
/// has come home; it lies in one place at a time. So an answer needs no room of its own: it is the question, going
/// back, and two full mailboxes cannot block each other.
struct Letter {
  Letter() = default;
  virtual ~Letter() = default;
  Letter(const Letter&) = delete;
  Letter& operator=(const Letter&) = delete;

  /// Taken out of the mailbox of `here`, on its thread.
  virtual void arrive(Core& here) = 0;
  /// What it waited for in the log of `here` is durable, or (false) never will be as far as this process can know.
  virtual void released(Core& here, bool durable) {
    static_cast<void>(here);
    static_cast<void>(durable);
  }

  Letter* next = nullptr;  ///< of whichever chain holds it
};

/// The letters to one core: any thread puts, the core's own takes them all. No lock.
class Mailbox {
 public:
  /// True if it was empty: the reader must be woken (once per burst).
  bool put(Letter& letter) {
    Letter* newest = newest_.load(std::memory_order_relaxed);
    do {
      letter.next = newest;
    } while (!newest_.compare_exchange_weak(newest, &letter, std::memory_order_acq_rel, std::memory_order_relaxed));
    return newest == nullptr;
  }

  /// All letters as a chain, oldest first.
  Letter* take() {
    Letter* newest = newest_.exchange(nullptr, std::memory_order_acq_rel);
    Letter* oldest = nullptr;
    while (newest != nullptr) {
      Letter* const older = std::exchange(newest->next, oldest);
      oldest = std::exchange(newest, older);
    }
    return oldest;
  }

 private:
  std::atomic<Letter*> newest_{nullptr};
};

}  // namespace sluice::node
