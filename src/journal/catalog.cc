#include "journal/catalog.h"

#include <algorithm>

namespace sluice::journal {

void Catalog::add(std::shared_ptr<Segment> segment) {
  const std::lock_guard lock(mutex_);
  segments_.push_back(std::move(segment));
}

void Catalog::replace(std::shared_ptr<Segment> segment) {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(segments_, segment->id(), [](const auto& one) { return one->id(); });
  if (found != segments_.end()) {
    *found = std::move(segment);
  }
}

void Catalog::remove(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  std::erase_if(segments_, [id](const std::shared_ptr<Segment>& one) { return one->id() == id; });
}

std::shared_ptr<Segment> Catalog::find(std::uint64_t id) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(segments_, id, [](const auto& one) { return one->id(); });
  return found == segments_.end() ? nullptr : *found;
}

std::shared_ptr<Segment> Catalog::holding(std::uint16_t journal, std::uint64_t sequence) const {
  const std::lock_guard lock(mutex_);
  // Where a journal stands when a segment begins only grows: the last segment that begins at or before the sequence.
  const auto after = std::ranges::upper_bound(segments_, sequence, {}, [journal](const std::shared_ptr<Segment>& one) {
    return journal < one->starts().size() ? one->starts()[journal].next : ~0ULL;
  });
  return after == segments_.begin() ? nullptr : *std::prev(after);
}

std::vector<std::shared_ptr<Segment>> Catalog::all() const {
  const std::lock_guard lock(mutex_);
  return segments_;
}

}  // namespace sluice::journal
