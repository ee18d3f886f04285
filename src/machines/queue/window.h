#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <vector>

#include "machines/queue/waiting.h"

namespace sluice::queue {

/// Messages of a chain that are in memory, in order. Joined at the end and mostly taken at the front; one that is taken
/// elsewhere leaves a gap, closed when gaps are many: so that taking costs no more than finding, and finding is a
/// binary search as long as the numbers rise along the window.
class Window {
  using Places = std::deque<Waiting>;

 public:
  class Iterator {
   public:
    using value_type = Waiting;
    using reference = const Waiting&;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::forward_iterator_tag;

    Iterator() = default;
    Iterator(Places::const_iterator at, Places::const_iterator end) : at_(at), end_(end) { skip_gaps(); }
    const Waiting& operator*() const { return *at_; }
    const Waiting* operator->() const { return &*at_; }
    Iterator& operator++() {
      ++at_;
      skip_gaps();
      return *this;
    }
    Iterator operator++(int) {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator& other) const { return at_ == other.at_; }

   private:
    void skip_gaps() {
      while (at_ != end_ && is_gap(*at_)) {
        ++at_;
      }
    }
    Places::const_iterator at_, end_;
  };

  bool empty() const { return size() == 0; }
  std::size_t size() const { return places_.size() - gaps_; }
  const Waiting& front() const { return places_.front(); }
  const Waiting& back() const { return places_.back(); }
  Iterator begin() const { return {places_.begin(), places_.end()}; }
  Iterator end() const { return {places_.end(), places_.end()}; }
  /// The first message numbered above `number`. Of a window whose numbers rise.
  Iterator after(std::uint64_t number) const;
  /// The first message for which `is_before` does not hold. It holds for a first part of the window only.
  template <class IsBefore>
  Iterator behind(IsBefore is_before) const {
    return {std::partition_point(places_.begin(), places_.end(), is_before), places_.end()};
  }

  /// False once a message joined behind a higher number, until none is left: then numbers tell nothing of the order.
  bool rises() const { return rises_; }
  const Waiting* find(std::uint64_t number) const;
  /// When the one that is here the longest came: numbers are given on arrival, so of rising ones it is the first.
  Time earliest_arrival() const;
  /// The message at this index.
  const Waiting& operator[](std::size_t index) const;
  std::vector<Waiting> slice(std::size_t from, std::size_t count) const;

  void push_back(const Waiting& message);
  template <class Messages>
  void append(const Messages& messages) {
    for (const Waiting& message : messages) {
      push_back(message);
    }
  }
  /// Takes out one that is there.
  Waiting take(std::uint64_t number);
  void erase(std::size_t from, std::size_t count);
  /// Drops what is over; gives how many that were.
  std::size_t expire(Time limit);
  void clear();

  /// The window begins and ends with a message, and gaps are counted.
  void invariants() const;

 private:
  static bool is_gap(const Waiting& place) { return place.body.length == 0; }  // no envelope is empty
  Places::const_iterator place_of(std::uint64_t number) const;
  void trim();
  void close_gaps();

  Places places_;
  std::size_t gaps_ = 0;
  bool rises_ = true;
};

}  // namespace sluice::queue
