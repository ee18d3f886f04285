#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mutation.h"

namespace sluice::simulation {

/// What became of one life.
struct Outcome {
  std::vector<std::string> violations;  ///< empty: it passed
  std::string story;                    ///< what it was made of and how much happened, one line
};

/// Plays the life of this seed from beginning to end. The same seed is the same life, always.
/// `followed`: a message (by its uid) whose story is printed.
Outcome play(std::uint64_t seed, Mutation mutation, bool verbose, std::optional<std::uint64_t> followed);

}  // namespace sluice::simulation
