#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "doors/aws/iam/decision.h"
#include "doors/aws/iam/request.h"

namespace sluice::iam {

/// What policies are for: --auth.
enum class Mode : std::uint8_t {
  off,   ///< nobody asks them
  warn,  ///< what they would refuse is logged once and done
  on,
};

/// Turns decisions into refusals. One for all cores, which outlives them; from any thread.
class Gatekeeper {
 public:
  /// `known_only`: access keys are configured, so that a warning does not let in who has none.
  Gatekeeper(Mode mode, bool known_only) : mode_(mode), known_only_(known_only) {}

  /// Why it may not be done, in AWS's words; nullopt: it may. `url`: what the caller asked for, for the text that
  /// somebody unknown gets: empty words if that is empty, since it names nothing to be denied.
  std::optional<std::string> refusal(Decision decision, const Request& request, std::string_view url) const;

 private:
  bool is_new(std::string_view what) const;

  Mode mode_;
  bool known_only_;
  mutable std::mutex mutex_;
  mutable std::unordered_set<std::uint64_t> warned_;  ///< hashes of what was logged
};

/// Who makes one call, and how. Goes with its commands to where their machines live.
struct Caller {
  std::shared_ptr<const Identity> who;
  Circumstances circumstances;
  std::string url;  ///< endpoint and path, of who is not known; empty: none
  const Gatekeeper* gatekeeper = nullptr;

  std::optional<std::string> refusal(Decision decision, const Request& request) const {
    return gatekeeper->refusal(decision, request, url);
  }
};

}  // namespace sluice::iam
