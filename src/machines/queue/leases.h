#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "base/bytes.h"
#include "base/time.h"
#include "machines/queue/fair.h"
#include "machines/queue/waiting.h"

namespace sluice::queue {

/// By when a received message becomes visible again, then by number.
using Due = std::pair<Time, std::uint64_t>;

/// A message that was received here and not ended: in flight until its deadline, then visible again.
struct Held {
  Waiting message;                     ///< its counts are those after its newest receive
  Time received_at;                    ///< the newest receive
  std::uint32_t epoch = 0, count = 0;  ///< name the newest receive; 0: none that is known
  std::uint32_t count_on_arrival = 0;  ///< receives in other queues, before it came here
  bool stays = false;                  ///< a dead-letter target turned it back: to be given out once
  std::set<Due>::iterator place = {};  ///< kept by Leases

  Time deadline() const { return place->first; }
  std::uint32_t received_here() const { return message.receive_count - count_on_arrival; }
  /// As it waits in its chain when too many came back.
  Waiting as_waiting() const;
};

/// A message that waited and is received, or leaves, at this time.
Held held_of(Waiting message, Time at);

/// Messages that were received: those in flight, bounded by in_flight_max, and the newest of those that came back, in
/// the order in which they did. Earlier ones wait in a chain.
class Leases {
 public:
  using Order = std::set<Due>;

  std::size_t size() const { return held_.size(); }
  std::size_t in_flight() const { return held_.size() - visible_; }
  std::size_t visible() const { return visible_; }
  const Held* find(std::uint64_t number) const;
  /// Of one that is held.
  bool is_visible(std::uint64_t number) const { return held_.at(number).deadline() <= now_; }
  /// Those that came back, first come first: [begin, end).
  Order::const_iterator begin() const { return order_.begin(); }
  Order::const_iterator end() const { return first_in_flight_; }
  /// All in the order of their deadlines: those behind `due`, down to `last`.
  Order::const_iterator after(Due due) const { return order_.upper_bound(due); }
  Order::const_iterator last() const { return order_.end(); }
  /// When the next one in flight comes back; `never`: none is in flight.
  Time next_deadline() const { return first_in_flight_ == order_.end() ? never : first_in_flight_->first; }

  /// A deadline that is not after the present time: visible at once.
  void hold(const Held& held, Time deadline);
  /// A new receive, or another deadline, of one that is held.
  Held& change(std::uint64_t number, Time deadline);
  Held take(std::uint64_t number);
  void advance(Time now);
  void expire(Time limit);
  Time oldest() const;
  /// All in the order of their numbers, which is that of their arrivals, until `use` says false.
  template <class Use>
  void each_by_number(Use use) const {
    for (auto at = held_.begin(); at != held_.end() && use(at->second); ++at) {
    }
  }
  void clear();

  const GroupCounts& in_flight_by_group() const { return in_flight_by_group_; }
  /// An ordered queue counts its groups itself.
  void count_no_groups() {
    counts_groups_ = false;
    in_flight_by_group_.clear();
  }

  Leases() : first_in_flight_(order_.end()) {}
  Leases(const Leases&) = delete;
  Leases& operator=(const Leases&) = delete;

  void save(Writer& out) const;
  bool load(Reader& in, Time now);
  template <class Tell>
  void each(Tell tell) const {
    for (const auto& [deadline, number] : order_) {
      tell(held_.at(number));
    }
  }
  void invariants() const;

 private:
  Order::iterator join(Due due);
  void leave(Order::iterator place);
  void count(const Held& held);
  void count_no_more(const Held& held);

  std::map<std::uint64_t, Held> held_;
  Order order_;
  Order::iterator first_in_flight_;
  std::size_t visible_ = 0;
  Time now_;
  GroupCounts in_flight_by_group_;
  bool counts_groups_ = true;
};

}  // namespace sluice::queue
