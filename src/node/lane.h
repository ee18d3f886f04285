#pragma once

#include <cstdint>
#include <vector>

#include "journal/journal.h"
#include "node/entry.h"
#include "node/mailbox.h"

namespace sluice::node {

/// One journal as its core sees it: the entry being written, and what waits for which sequence to be durable. One
/// thread.
class Lane {
 public:
  explicit Lane(std::uint16_t number) : number_(number) {}

  void open(journal::Journal& journal) {
    journal_ = &journal;
    last_sequence = journal.next().sequence - 1;
    released_ = journal.durable();
  }
  bool is_open() const { return journal_ != nullptr; }

  std::uint16_t number() const { return number_; }
  journal::Journal& journal() { return *journal_; }
  std::uint32_t epoch() const { return journal_->epoch(); }
  bool is_durable(std::uint64_t sequence) const { return sequence <= released_ || sequence <= journal_->durable(); }

  /// Keeps the letter until `sequence`, which has been appended and is not durable yet, is. Order of arrival among
  /// equals.
  void hold(std::uint64_t sequence, Letter& letter);
  /// Tells those whose sequence has become durable, or, after a failure, all the others that theirs never will be.
  void release(Core& here);

  Entry entry;
  std::uint64_t last_sequence = 0;  ///< the last one appended
  std::uint64_t life_sequence = 0;  ///< the last one in which a machine was born or died
  std::uint64_t replay_from = 1;    ///< what a replay would read first, by the newest snapshot that counts
  bool failed = false;              ///< as told to those who waited
  bool read_ahead_refused = false;  ///< for want of space: to be tried again when there is some

 private:
  struct Chain {
    Letter* first = nullptr;
    Letter* last = nullptr;
  };
  Chain& chain(std::uint64_t sequence) { return ring_[sequence & (ring_.size() - 1)]; }
  void grow(std::uint64_t span);
  void tell(std::uint64_t sequence, Core& here, bool durable);

  static constexpr std::size_t ring_at_first = 1'024;  // sequences; a power of two, as is every later size

  std::uint16_t number_;
  journal::Journal* journal_ = nullptr;
  std::uint64_t released_ = 0;  // everything up to here has been told
  std::uint64_t newest_held_ = 0;
  std::vector<Chain> ring_ = std::vector<Chain>(ring_at_first);  // by sequence, from released_ + 1 on
};

}  // namespace sluice::node
