#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "machines/queue/deduplication.h"

namespace sluice::queue {

/// Receives that may be repeated: an attempt's id, and the messages it leased. Remembered only while all of these are
/// as that receive left them, so that they are bounded by what is in flight.
class Attempts {
 public:
  /// The numbers that the attempt leased; null: it is not known, or too long ago.
  const std::vector<std::uint64_t>* find(const Digest& id, Time now) const;
  Time time_of(const Digest& id) const { return attempts_.at(id).at; }
  /// Leased anew under the same id, it is the later receive that can be repeated.
  void add(const Digest& id, Time at, std::vector<std::uint64_t> numbers);
  /// The message was deleted, changed, came back or was received anew.
  void touched(std::uint64_t number);
  void clear();

  void save(Writer& out) const;
  bool load(Reader& in);
  void invariants() const;

 private:
  struct Attempt {
    Time at;
    std::vector<std::uint64_t> numbers;
  };
  void drop(std::map<Digest, Attempt>::iterator attempt);

  std::map<Digest, Attempt> attempts_;
  std::unordered_map<std::uint64_t, Digest> by_number_;
};

}  // namespace sluice::queue
