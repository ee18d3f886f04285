#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/position.h"
#include "journal/record.h"

namespace sluice::journal {

/// Follows the rule of what counts: a record counts if its epoch is its journal's present one and its sequence follows.
class Counting {
 public:
  explicit Counting(std::vector<JournalStart> next) : next_(std::move(next)), parts_(next_.size()) {}

  using Take = std::function<void(Position, std::string_view entry)>;
  /// Takes the next record of the stream; gives the entries that it makes whole. False: it does not count.
  bool take(const RecordHeader& header, std::string_view payload, const Take& take);
  const std::vector<JournalStart>& next() const { return next_; }

 private:
  bool take_chunk(const RecordHeader& header, std::string_view payload, const Take& take);

  std::vector<JournalStart> next_;
  std::vector<std::string> parts_;  // of an entry in chunks that is not whole yet
};

}  // namespace sluice::journal
