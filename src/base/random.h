#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace sluice {

/// xoshiro256**: fast, seeded, the same on every machine. Not for secrets. One owner, not shared between threads.
class Random {
 public:
  explicit Random(std::uint64_t seed);
  std::uint64_t next();
  /// Evenly in [0, bound); bound > 0.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  bool chance(double probability) { return static_cast<double>(next() >> 11) * 0x1.0p-53 < probability; }

 private:
  std::array<std::uint64_t, 4> state_;
};

/// A random UUID (version 4, RFC 9562 §5.4) in its 36-character text.
std::string make_uuid(Random& random);

/// Seed from the operating system's secure source.
std::uint64_t random_seed();

}  // namespace sluice
