#include "machines/queue/traffic.h"

#include <algorithm>
#include <utility>

namespace sluice::queue {
namespace {

using machines::Moment;
using machines::Outcome;
using machines::Tally;

/// Places in a queue's Tally.
enum Place : std::size_t {
  sent,
  sent_bytes,
  received,
  empty_receives,
  deleted,
  deduplicated,
  size_minute,  ///< the minute that the following two are of; the two after those are of the minute before
  size_min,
  size_max,
  size_min_before,
  size_max_before,
  places
};
static_assert(places <= std::tuple_size_v<Tally>, "a queue's counts find their place");

std::uint64_t minute_of(Time time) {
  return static_cast<std::uint64_t>(std::chrono::floor<std::chrono::minutes>(time).time_since_epoch().count());
}

void begin_minute(Tally& tally, std::uint64_t minute) {
  const bool adjacent = tally[size_minute] + 1 == minute;
  tally[size_min_before] = adjacent ? tally[size_min] : 0;
  tally[size_max_before] = adjacent ? tally[size_max] : 0;
  tally[size_minute] = minute;
  tally[size_min] = tally[size_max] = 0;
}

void count_size(Tally& tally, std::uint64_t bytes) {
  tally[sent_bytes] += bytes;
  tally[size_min] = tally[size_max] == 0 ? bytes : std::min(tally[size_min], bytes);
  tally[size_max] = std::max(tally[size_max], bytes);
}

/// The reply of a decision that has ended; null otherwise.
template <class ReplyType>
const ReplyType* reply_of(const Outcome& outcome) {
  const auto* reply = std::get_if<std::unique_ptr<Reply>>(&outcome);
  return reply == nullptr ? nullptr : static_cast<const ReplyType*>(reply->get());
}

}  // namespace

void count(const Send& command, const Outcome& outcome, const Moment& moment) {
  const Sent* reply = reply_of<Sent>(outcome);
  if (reply == nullptr) {
    return;
  }
  Tally& tally = moment.tally;
  if (const std::uint64_t minute = minute_of(moment.now); minute != tally[size_minute]) {
    begin_minute(tally, minute);
  }
  for (std::size_t i = 0; i < reply->each.size(); ++i) {
    const auto& accepted = reply->each[i];
    if (accepted && accepted->duplicate) {
      ++tally[deduplicated];
    } else if (accepted) {
      ++tally[sent];
      count_size(tally, command.messages[i].size_bytes);
    }
  }
}

void count(const Receive&, const Outcome& outcome, const Moment& moment) {
  if (const Batch* reply = reply_of<Batch>(outcome)) {
    moment.tally[received] += reply->messages.size();
    moment.tally[empty_receives] += reply->messages.empty() ? 1 : 0;
  }
}

void count(const Acknowledge&, const Outcome& outcome, const Moment& moment) {
  if (const Settled* reply = reply_of<Settled>(outcome)) {
    moment.tally[deleted] += static_cast<std::uint64_t>(
        std::ranges::count_if(reply->each, [](const auto& done) { return done.has_value(); }));
  }
}

Traffic traffic_of(const Tally& tally) {
  return {tally[sent], tally[sent_bytes], tally[received], tally[empty_receives], tally[deleted], tally[deduplicated]};
}

SizeRange sizes_of(const Tally& tally, Time at) {
  const auto range = [&](Place min, Place max) {
    return SizeRange{static_cast<std::uint32_t>(tally[min]), static_cast<std::uint32_t>(tally[max])};
  };
  const std::uint64_t minute = minute_of(at);
  if (tally[size_minute] == minute) {
    return range(size_min, size_max);
  }
  return tally[size_minute] == minute + 1 ? range(size_min_before, size_max_before) : SizeRange{};
}

}  // namespace sluice::queue
