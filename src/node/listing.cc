// Listings: every core gives its names in order, the asking one merges. Why there is no directory:
// docs/decisions/listing-without-a-directory.md.
#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "node/core.h"
#include "node/log_wait.h"

namespace sluice::node {
namespace {

struct Whole;

// One core's part of a listing. Waits there until all that the names depend on is durable, one journal after another.
struct Part final : Letter {
  explicit Part(Whole& of) : whole(of) {}
  void arrive(Core& here) override;
  void released(Core& here, bool durable) override;
  void wait_on(Core& here);

  Whole& whole;
  bool returning = false;
  bool failed = false;
  std::vector<std::string> names;
  LogWait waits;
};

// Belongs to the asking core, which forgets it when the last part is back.
struct Whole {
  std::size_t origin = 0;
  Listing listing;
  std::move_only_function<void(Result<std::vector<std::string>>)> answered;
  std::vector<std::unique_ptr<Part>> parts;
  std::size_t away = 0;
};

Result<std::vector<std::string>> merged(Whole& whole) {
  std::vector<std::string> all;
  for (const auto& part : whole.parts) {
    if (part->failed) {
      return refuse(Reason::unknown_outcome);
    }
    std::move(part->names.begin(), part->names.end(), std::back_inserter(all));
  }
  std::sort(all.begin(), all.end());
  all.resize(std::min(all.size(), whole.listing.count_max));
  return all;
}

void Part::arrive(Core& here) {
  if (!returning) {
    names = here.hosts.list(whole.listing);
    for (const auto& lane : here.lanes) {
      if (lane != nullptr) {
        waits.add(*lane, lane->last_sequence);
      }
    }
    wait_on(here);
    return;
  }
  if (--whole.away > 0) {
    return;
  }
  const auto ending = here.listings.extract(&whole);  // this part, too, ends with it
  here.ended();
  whole.answered(merged(whole));
}

void Part::wait_on(Core& here) {
  if (!waits.over(*this, failed)) {
    return;
  }
  returning = true;
  here.send(*this, whole.origin);
}

void Part::released(Core& here, bool durable) {
  failed = failed || !durable;
  wait_on(here);
}

}  // namespace

void Core::list(Listing listing, std::move_only_function<void(Result<std::vector<std::string>>)> answered) {
  const Turn turn(*this);
  if (stopping_) {
    answered(refuse(Reason::unavailable));
    return;
  }
  auto whole = std::make_shared<Whole>();
  whole->origin = index;
  whole->listing = std::move(listing);
  whole->answered = std::move(answered);
  whole->away = shared.cores.size();
  ++pending;
  for (std::size_t core = 0; core < shared.cores.size(); ++core) {
    send(*whole->parts.emplace_back(std::make_unique<Part>(*whole)), core);
  }
  listings.emplace(whole.get(), whole);
}

}  // namespace sluice::node
