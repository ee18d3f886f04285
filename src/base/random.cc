#include "base/random.h"

#include <bit>
#include <random>

namespace sluice {
namespace {

// splitmix64 spreads a small seed over the whole state (the generator's authors' advice).
std::uint64_t splitmix(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace

Random::Random(std::uint64_t seed) {
  for (std::uint64_t& word : state_) {
    word = splitmix(seed);
  }
}

std::uint64_t Random::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::string make_uuid(Random& random) {
  constexpr char digits[] = "0123456789abcdef";
  const std::uint64_t high = (random.next() & ~0xf000ULL) | 0x4000ULL;
  const std::uint64_t low = (random.next() & ~(3ULL << 62)) | (1ULL << 63);
  std::string text(36, '-');
  for (int digit = 0, at = 0; digit < 32; ++digit, ++at) {
    if (digit == 8 || digit == 12 || digit == 16 || digit == 20) {
      ++at;
    }
    const std::uint64_t word = digit < 16 ? high : low;
    text[static_cast<std::size_t>(at)] = digits[(word >> (60 - 4 * (digit % 16))) & 0xf];
  }
  return text;
}

std::uint64_t random_seed() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32) | device();
}

}  // namespace sluice
