#include "node/host.h"

#include <algorithm>

namespace sluice::node {

void BlockCache::put(std::uint64_t block, std::string bytes) {
  drop(block);
  bytes_ += bytes.size();
  pages_.emplace(block, std::move(bytes));
  by_age_.push_back(block);
}

void BlockCache::trim(std::size_t bytes_max) {
  while (bytes_ > bytes_max) {
    drop(by_age_.front());
  }
}

void BlockCache::drop(std::uint64_t block) {
  const auto found = pages_.find(block);
  if (found == pages_.end()) {
    return;
  }
  bytes_ -= found->second.size();
  pages_.erase(found);
  by_age_.erase(std::find(by_age_.begin(), by_age_.end(), block));
}

}  // namespace sluice::node
