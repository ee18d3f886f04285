#include "machines/queue/window.h"

#include "base/check.h"

namespace sluice::queue {
namespace {

// Fewer gaps than this are not worth closing.
constexpr std::size_t gaps_min = 64;

}  // namespace

Window::Places::const_iterator Window::place_of(std::uint64_t number) const {
  // A gap keeps its number, so that they still rise; where they do not, its message may have come again.
  const auto is_it = [number](const Waiting& place) { return place.number == number && !is_gap(place); };
  const auto at =
      rises_ ? std::ranges::lower_bound(places_, number, {}, &Waiting::number) : std::ranges::find_if(places_, is_it);
  return at != places_.end() && is_it(*at) ? at : places_.end();
}

Window::Iterator Window::after(std::uint64_t number) const {
  check(rises_, "a window is searched by number when numbers rise");
  return {std::ranges::upper_bound(places_, number, {}, &Waiting::number), places_.end()};
}

const Waiting* Window::find(std::uint64_t number) const {
  const auto at = place_of(number);
  return at == places_.end() ? nullptr : &*at;
}

Time Window::earliest_arrival() const {
  if (empty()) {
    return never;
  }
  if (rises_) {
    return front().arrived();
  }
  const auto arrived = [](const Waiting& message) { return message.arrived(); };
  return arrived(*std::ranges::min_element(begin(), end(), {}, arrived));
}

const Waiting& Window::operator[](std::size_t index) const {
  return gaps_ == 0 ? places_[index] : *std::next(begin(), static_cast<std::ptrdiff_t>(index));
}

std::vector<Waiting> Window::slice(std::size_t from, std::size_t count) const {
  std::vector<Waiting> messages;
  messages.reserve(count);
  auto at = std::next(begin(), static_cast<std::ptrdiff_t>(from));
  for (std::size_t i = 0; i < count; ++i) {
    messages.push_back(*at++);
  }
  return messages;
}

void Window::push_back(const Waiting& message) {
  rises_ = places_.empty() || (rises_ && places_.back().number < message.number);
  places_.push_back(message);
}

Waiting Window::take(std::uint64_t number) {
  const auto found = !empty() && front().number == number ? places_.cbegin() : place_of(number);
  check(found != places_.end(), "a message that is taken waits in memory");
  const auto at = places_.begin() + (found - places_.cbegin());
  const Waiting message = *at;
  at->body.length = 0;
  ++gaps_;
  trim();
  if (gaps_ > gaps_min && gaps_ > size()) {
    close_gaps();
  }
  return message;
}

void Window::erase(std::size_t from, std::size_t count) {
  close_gaps();
  const auto begin = places_.begin() + static_cast<std::ptrdiff_t>(from);
  places_.erase(begin, begin + static_cast<std::ptrdiff_t>(count));
}

std::size_t Window::expire(Time limit) {
  const std::size_t before = size();
  close_gaps();
  std::erase_if(places_, [limit](const Waiting& message) { return message.expired(limit); });
  return before - size();
}

void Window::clear() { *this = Window(); }

/// No gap is first or last.
void Window::trim() {
  for (; !places_.empty() && is_gap(places_.front()); --gaps_) {
    places_.pop_front();
  }
  for (; !places_.empty() && is_gap(places_.back()); --gaps_) {
    places_.pop_back();
  }
}

void Window::close_gaps() {
  if (gaps_ > 0) {
    std::erase_if(places_, is_gap);
    gaps_ = 0;
  }
}

void Window::invariants() const {
  check(places_.empty() || !(is_gap(places_.front()) || is_gap(places_.back())), "a window has no gap at its ends");
  check(static_cast<std::size_t>(std::ranges::count_if(places_, is_gap)) == gaps_, "gaps are counted");
  check(!rises_ || std::ranges::is_sorted(places_, {}, &Waiting::number), "numbers rise where they are said to");
}

}  // namespace sluice::queue
