#include "node/lane.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace sluice::node {

void Lane::hold(std::uint64_t sequence, Letter& letter) {
  check(sequence > released_ && sequence <= last_sequence, "what is waited for is appended and not yet durable");
  if (sequence - released_ >= ring_.size()) {
    grow(sequence - released_);
  }
  newest_held_ = std::max(newest_held_, sequence);
  letter.next = nullptr;
  Chain& held = chain(sequence);
  (held.first == nullptr ? held.first : held.last->next) = &letter;
  held.last = &letter;
}

void Lane::grow(std::uint64_t span) {
  std::vector<Chain> wider(std::bit_ceil(span + 1));
  for (std::uint64_t sequence = released_ + 1; sequence <= newest_held_; ++sequence) {
    wider[sequence & (wider.size() - 1)] = std::exchange(chain(sequence), {});
  }
  ring_ = std::move(wider);
}

void Lane::tell(std::uint64_t sequence, Core& here, bool durable) {
  Letter* letter = std::exchange(chain(sequence), {}).first;
  while (letter != nullptr) {
    Letter* const following = std::exchange(letter->next, nullptr);
    letter->released(here, durable);
    letter = following;
  }
}

void Lane::release(Core& here) {
  const std::uint64_t durable = journal_->durable();
  while (released_ < durable) {
    ++released_;
    if (released_ <= newest_held_) {
      tell(released_, here, true);
    }
  }
  if (!journal_->failed()) {
    return;
  }
  failed = true;
  for (std::uint64_t sequence = released_ + 1; sequence <= newest_held_; ++sequence) {
    tell(sequence, here, false);
  }
}

}  // namespace sluice::node
