#include "doors/aws/iam/gatekeeper.h"

#include <fmt/format.h>

#include "base/digest.h"
#include "base/log.h"

namespace sluice::iam {
namespace {

constexpr std::size_t warnings_max = 10'000;  // kinds of request; what is beyond is not logged

}  // namespace

std::optional<std::string> Gatekeeper::refusal(Decision decision, const Request& request, std::string_view url) const {
  if (decision == Decision::allowed) {
    return std::nullopt;
  }
  const bool unknown = request.who.anonymous();
  if (mode_ == Mode::on || (unknown && known_only_)) {
    if (unknown) {
      return url.empty() ? std::string() : fmt::format("Access to the resource {} is denied.", url);
    }
    return sentence(decision, request);
  }
  const std::string_view who = unknown ? std::string_view("anonymous") : std::string_view(request.who.arn);
  if (is_new(fmt::format("{} {} {}", who, request.action, request.resource))) {
    log(LogLevel::warning, unknown ? fmt::format("AWS would refuse: {} by nobody known on {}, which no policy allows",
                                                 request.action, request.resource)
                                   : "AWS would refuse: " + sentence(decision, request));
  }
  return std::nullopt;
}

bool Gatekeeper::is_new(std::string_view what) const {
  const std::lock_guard lock(mutex_);
  return warned_.size() < warnings_max && warned_.insert(stable_hash(what)).second;
}

}  // namespace sluice::iam
