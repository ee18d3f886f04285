#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "node/lane.h"
#include "node/mailbox.h"

namespace sluice::node {

/// What must be durable, on several journals of one core, before a letter may tell what it has seen. On that core's
/// thread.
class LogWait {
 public:
  void add(Lane& lane, std::uint64_t sequence) { waits_.emplace_back(&lane, sequence); }

  /// True when there is nothing left to wait for, or something never will be durable (then `failed` is set). False: the
  /// letter is held, and asks again when it is released.
  bool over(Letter& letter, bool& failed) {
    while (!waits_.empty() && !failed) {
      const auto [lane, sequence] = waits_.back();
      waits_.pop_back();
      if (lane->is_durable(sequence)) {
        continue;
      }
      if (!lane->journal().failed()) {
        lane->hold(sequence, letter);
        return false;
      }
      failed = true;
    }
    return true;
  }

 private:
  std::vector<std::pair<Lane*, std::uint64_t>> waits_;
};

}  // namespace sluice::node
