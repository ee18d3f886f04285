#include "machines/queue/tags.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace sluice::queue {
namespace {

constexpr std::size_t places_min = 64;

}  // namespace

void TagTable::reserve(std::size_t size) {
  std::size_t places = std::max(places_min, places_.size());
  while (size * 4 > places * 3) {
    places *= 2;
  }
  if (places > places_.size()) {
    resize(places);
  }
}

void TagTable::add(std::uint32_t tag, std::uint32_t value) {
  reserve(size_ + 1);
  put({tag, value + 1});
  ++size_;
}

void TagTable::remove(std::uint32_t tag, std::uint32_t value) {
  std::size_t at = home(tag);
  while (places_[at].tag != tag || places_[at].used != value + 1) {
    check(places_[at].used != 0, "a tag that is removed is there");
    at = next(at);
  }
  // What stands behind moves up, unless that would put it before its home.
  for (std::size_t from = next(at); places_[from].used != 0; from = next(from)) {
    const std::size_t distance = (from - home(places_[from].tag)) & (places_.size() - 1);
    if (distance >= ((from - at) & (places_.size() - 1))) {
      places_[at] = places_[from];
      at = from;
    }
  }
  places_[at] = {};
  --size_;
  if (size_ * 8 < places_.size() && places_.size() > places_min) {
    resize(places_.size() / 2);
  }
}

void TagTable::clear() { *this = TagTable(); }

void TagTable::put(Place place) {
  std::size_t at = home(place.tag);
  while (places_[at].used != 0) {
    at = next(at);
  }
  places_[at] = place;
}

void TagTable::resize(std::size_t places) {
  const std::vector<Place> old = std::exchange(places_, std::vector<Place>(places));
  for (const Place& place : old) {
    if (place.used != 0) {
      put(place);
    }
  }
}

}  // namespace sluice::queue
