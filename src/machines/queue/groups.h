#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "machines/queue/leases.h"

namespace sluice::queue {

/// Numbers of messages in rising order, joined mostly at the end and taken mostly at the front.
class Rising {
 public:
  bool empty() const { return begin_ == numbers_.size(); }
  std::size_t size() const { return numbers_.size() - begin_; }
  std::uint64_t front() const { return numbers_[begin_]; }
  auto begin() const { return numbers_.begin() + static_cast<std::ptrdiff_t>(begin_); }
  auto end() const { return numbers_.end(); }
  void add(std::uint64_t number);
  /// One that is among them.
  void remove(std::uint64_t number);

 private:
  std::vector<std::uint64_t> numbers_;
  std::size_t begin_ = 0;
};

/// A group's place among those of which something can be given out, lower first: behind the message `number`, and among
/// those released behind it by `release`. One that was not locked before stands where its first message does.
struct Turn {
  std::uint64_t number = 0, release = 0;
  auto operator<=>(const Turn&) const = default;
};

/// The message groups of an ordered queue that are in memory: those with a message in the head window that is due, or
/// with one that was received and is not ended. They go by the hash of their name. Of a group may be given out, in the
/// order of sending, what stands before its first hidden message; what was received stands before what was not.
class Groups {
 public:
  struct Group {
    Rising received, waiting;
    Turn turn;                 ///< while it is free; else that it will be released
    const void* in = nullptr;  ///< `returned` or `fresh` while it is free
    bool free() const { return in != nullptr; }
  };
  /// The groups of which something can be given out, in turn.
  using Queue = std::set<std::pair<Turn, std::uint64_t>>;
  using Turns = std::map<std::uint64_t, Turn>;

  std::size_t size() const { return groups_.size(); }
  const Group* find(std::uint64_t group) const;
  /// Those that begin with a message that was received before, and those that begin with a new one.
  const Queue& returned() const { return returned_; }
  const Queue& fresh() const { return fresh_; }
  /// The free groups in turn, until `use` says false.
  template <class Use>
  void each_free(Use use) const {
    for (auto back = returned_.begin(), fresh = fresh_.begin(); back != returned_.end() || fresh != fresh_.end();) {
      const bool takes_back = fresh == fresh_.end() || (back != returned_.end() && *back < *fresh);
      if (!use(groups_.at((takes_back ? back++ : fresh++)->second))) {
        return;
      }
    }
  }
  /// Something of the group was given out and has not ended, or may be again: how many such groups.
  std::size_t with_received() const { return with_received_; }

  /// How many messages are due in the head: a sum, for checks.
  std::size_t waiting() const;

  // Each of these leaves the group to be settled.
  void wait(std::uint64_t group, std::uint64_t number) { groups_[group].waiting.add(number); }
  void wait_no_more(std::uint64_t group, std::uint64_t number) { groups_.at(group).waiting.remove(number); }
  void hold(std::uint64_t group, std::uint64_t number);
  void hold_no_more(std::uint64_t group, std::uint64_t number);
  /// It has been given out of: it leaves its place, even if all of it is visible again at once.
  void lock(std::uint64_t group);

  /// Whether something of it can be given out now. One that was locked goes to the back, behind `last_due`.
  void settle(std::uint64_t group, const Leases& leases, std::uint64_t last_due);

  /// The turns that cannot be told from the messages, for `settle_all` after everything has joined anew.
  Turns turns() const;
  void settle_all(const Leases& leases, const Turns& turns);
  /// `releases` goes on counting.
  void clear_groups();

  void save(Writer& out) const;
  static Turns load_turns(Reader& in);
  std::uint64_t releases = 0;  ///< the last given

  void invariants(const Leases& leases) const;

 private:
  static std::uint64_t first(const Group& group);
  Queue* place_of(const Group& group, const Leases& leases);
  static void place(std::uint64_t hash, Group& group, Turn turn, Queue& queue);
  void displace(std::uint64_t hash, Group& group);

  std::unordered_map<std::uint64_t, Group> groups_;
  Queue returned_, fresh_;
  std::size_t with_received_ = 0;
};

}  // namespace sluice::queue
