#include "machines/queue/attempts.h"

#include <utility>

#include "base/check.h"
#include "machines/queue/commands.h"
#include "machines/queue/facts.h"

namespace sluice::queue {

const std::vector<std::uint64_t>* Attempts::find(const Digest& id, Time now) const {
  const auto at = attempts_.find(id);
  return at == attempts_.end() || at->second.at + deduplication_window <= now ? nullptr : &at->second.numbers;
}

void Attempts::add(const Digest& id, Time at, std::vector<std::uint64_t> numbers) {
  if (const auto before = attempts_.find(id); before != attempts_.end()) {
    drop(before);
  }
  for (const std::uint64_t number : numbers) {
    check(by_number_.emplace(number, id).second, "a message belongs to its newest receive");
  }
  attempts_[id] = {at, std::move(numbers)};
}

void Attempts::touched(std::uint64_t number) {
  if (const auto at = by_number_.find(number); at != by_number_.end()) {
    drop(attempts_.find(at->second));
  }
}

void Attempts::drop(std::map<Digest, Attempt>::iterator attempt) {
  for (const std::uint64_t number : attempt->second.numbers) {
    by_number_.erase(number);
  }
  attempts_.erase(attempt);
}

void Attempts::clear() { *this = Attempts(); }

void Attempts::save(Writer& out) const {
  out.varint(attempts_.size());
  for (const auto& [id, attempt] : attempts_) {
    write_digest(out, id);
    out.svarint(to_milliseconds(attempt.at));
    out.varint(attempt.numbers.size());
    Numbers::write(out, attempt.numbers);
  }
}

bool Attempts::load(Reader& in) {
  clear();
  const std::uint64_t count = in.varint();
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    const Digest id = read_digest(in);
    const Time at = from_milliseconds(in.svarint());
    const std::uint64_t size = in.varint();
    std::vector<std::uint64_t> numbers;
    std::uint64_t last = 0;
    for (std::uint64_t j = 0; j < size && in.ok(); ++j) {
      last += static_cast<std::uint64_t>(in.svarint());
      numbers.push_back(last);
    }
    if (in.ok()) {
      add(id, at, std::move(numbers));
    }
  }
  return in.ok();
}

void Attempts::invariants() const {
  std::size_t numbers = 0;
  for (const auto& [id, attempt] : attempts_) {
    numbers += attempt.numbers.size();
    for (const std::uint64_t number : attempt.numbers) {
      const auto at = by_number_.find(number);
      check(at != by_number_.end() && at->second == id, "an attempt's messages know it");
    }
  }
  check(numbers == by_number_.size(), "every message known here belongs to an attempt");
}

}  // namespace sluice::queue
