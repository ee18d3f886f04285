#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "machines/queue/commands.h"
#include "scenario.h"

/// What clients know, and what therefore must be so: nothing of how the server works. Every claim that fails is a
/// violation. Where an answer was lost, both ways are right.
namespace sluice::simulation {

using Moment = std::chrono::nanoseconds;  // of the simulated world

enum class Known { no, yes, maybe };

/// A message that a client has sent, or tried to.
struct Message {
  std::uint64_t uid = 0;
  std::size_t queue = 0;         ///< where it is by the last that is known
  std::uint32_t queue_life = 0;  ///< which queue of that name
  Moment asked{0}, told{0};      ///< of the send
  Seconds delay{0};
  std::string group;      ///< of an ordered queue's
  int extends_open = 0;   ///< asked and not answered: one may have ended its lease already
  Moment extend_told{0};  ///< the newest answer to one
  int deletes_open = 0;   ///< asked and not answered
  Known sent = Known::maybe;
  Known gone = Known::no;  ///< deleted, purged, its queue removed
  std::string why_gone;
  Moment gone_at{0};
  std::uint32_t times_seen = 0;

  std::optional<queue::Lease> lease;  ///< the newest that a client got
  Moment lease_asked{0}, lease_told{0};
  std::uint32_t lease_life = 0;                      ///< of the server
  std::optional<Moment> hidden_until;                ///< surely hidden until then; unset: not known
  std::map<std::uint64_t, std::uint64_t> number_in;  ///< by machine: its number there
  bool moved = false;                                ///< it was seen in a dead-letter queue
  Moment moved_told{0};
};

/// A queue's name, and what is known of the queue that has it.
struct Place {
  QueuePlan plan;
  Known exists = Known::no;
  std::uint32_t life = 0;     ///< counts creations
  std::uint64_t machine = 0;  ///< 0: not known
  std::uint32_t removals_open = 0;
  Moment removal_told{0};
  std::set<std::size_t> moves_to;  ///< queues that a task may have moved messages to
  std::vector<Moment> tasks;       ///< when each was asked for; their ids count from 0
  std::uint32_t receives_open = 0;
  Moment lost_receives_until{0};  ///< until then a receive whose answer was lost may have taken messages
};

class Model {
 public:
  explicit Model(const Scenario& scenario);
  /// Prints what becomes of this message.
  void follow(std::optional<std::uint64_t> uid) { followed_ = uid; }

  // What clients do. `asked` and `told` are when they asked and were answered.
  std::uint64_t sending(std::size_t queue, Moment now, Seconds delay, const std::string& group);
  void sent(std::uint64_t uid, Known outcome, Moment now);
  /// `bytes`: of a message as given out; `asked` when its receive began. Gives the uid, or nothing for a violation.
  std::optional<std::uint64_t> received(std::size_t queue, const queue::Received& message,
                                        const std::optional<std::string>& bytes, Moment asked, Moment now,
                                        std::uint32_t server_life, Milliseconds visibility);
  /// The order inside one answer, and of ordered queues what must not have come before others.
  void received_together(std::size_t queue, const std::vector<queue::Received>& messages);
  /// A receive nobody hears the answer of: begun, and ended (it can take nothing any more).
  void receive_lost(std::size_t queue, Moment asked, Moment ends);
  void deleting(std::uint64_t uid) { ++messages_[uid].deletes_open; }
  void deleted(std::uint64_t uid, const queue::Lease& lease, Known outcome, Moment asked, Moment now);
  void extending(std::uint64_t uid);
  void extend_answered(std::uint64_t uid, const queue::Lease& lease, bool done, Seconds timeout, Moment asked,
                       Moment now);
  void purged(std::size_t queue, Known outcome, Moment asked, Moment now);
  void created(std::size_t queue, Known outcome, std::uint64_t machine, Moment asked);
  void removing(std::size_t queue);
  void removed(std::size_t queue, Known outcome, Moment asked, Moment now);
  /// A move task may run from now on; without a destination messages go back to where they came from.
  void moving(std::size_t queue, std::optional<std::size_t> destination, Moment asked);
  /// What a queue says of its move tasks.
  void moves_listed(std::size_t queue, const std::vector<queue::MoveTask>& tasks, Moment now);
  /// The server process ended: what was not durable may be lost.
  void server_ended();

  /// The end: everything has been received and deleted. What was sent must be gone.
  void drained();

  void violation(std::string text);
  const std::vector<std::string>& violations() const { return violations_; }

  std::string body(std::uint64_t uid) const;
  const Message& message(std::uint64_t uid) const { return messages_[uid]; }
  Place& place(std::size_t queue) { return places_[queue]; }
  std::size_t places() const { return places_.size(); }
  std::size_t sent_count() const { return messages_.size(); }
  std::uint64_t received_count() const { return received_; }
  std::uint64_t moved_count() const { return moved_; }

 private:
  void tell(std::uint64_t uid, Moment now, const std::string& what) const;
  void all_gone(std::size_t queue, Known outcome, Moment asked, Moment now, std::string_view why);
  /// Do messages of `source` come to `queue` as dead letters or by move tasks, through others too?
  bool leads_to(std::size_t source, std::size_t queue) const;
  bool may_leave(std::size_t queue) const {
    return places_[queue].plan.dead_letters >= 0 || !places_[queue].moves_to.empty();
  }
  void moved(Message& message, std::size_t queue, const queue::Received& got, bool has_source, Moment asked, Moment now,
             const std::string& what);
  bool may_expire(std::size_t queue) const;
  void check_order(std::size_t queue, const std::vector<queue::Received>& messages);
  bool is_surely_there(const Message& message, std::size_t queue) const;
  void check_times(const Message& message, std::size_t queue, Moment asked, Moment now, std::uint32_t server_life);

  const Scenario& scenario_;
  std::vector<Place> places_;
  std::vector<Message> messages_;                                                     // by uid
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> by_number_;        // machine, number -> uid
  std::map<std::pair<std::size_t, std::string>, std::vector<std::uint64_t>> groups_;  // uids, as they were sent
  std::vector<std::string> violations_;
  std::optional<std::uint64_t> followed_;
  std::uint64_t received_ = 0, moved_ = 0;
};

}  // namespace sluice::simulation
