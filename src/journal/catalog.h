#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "journal/segment.h"

namespace sluice::journal {

/// All segments that hold records, by id. From any thread.
class Catalog {
 public:
  /// Ids ascend.
  void add(std::shared_ptr<Segment> segment);
  /// Takes the place of the one with the same id.
  void replace(std::shared_ptr<Segment> segment);
  void remove(std::uint64_t id);

  std::shared_ptr<Segment> find(std::uint64_t id) const;
  /// The one in which an entry lies, if it is still there.
  std::shared_ptr<Segment> holding(std::uint16_t journal, std::uint64_t sequence) const;
  std::vector<std::shared_ptr<Segment>> all() const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<Segment>> segments_;
};

}  // namespace sluice::journal
