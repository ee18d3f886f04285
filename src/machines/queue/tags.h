#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sluice::queue {

/// From a tag, 32 bits of a strong hash, to small numbers: an open table of eight bytes a place. A tag may stand in it
/// several times. Where in the table something lies tells nothing: it is no part of any state.
class TagTable {
 public:
  std::size_t size() const { return size_; }
  /// Room for so many altogether, in one step.
  void reserve(std::size_t size);
  void add(std::uint32_t tag, std::uint32_t value);
  /// One that is there.
  void remove(std::uint32_t tag, std::uint32_t value);
  template <class Use>
  void each(std::uint32_t tag, Use use) const {
    for (std::size_t at = home(tag); size_ > 0 && places_[at].used != 0; at = next(at)) {
      if (places_[at].tag == tag) {
        use(places_[at].used - 1);
      }
    }
  }
  void clear();

 private:
  struct Place {
    std::uint32_t tag = 0;
    std::uint32_t used = 0;  ///< the value and one more; 0: free
  };
  std::size_t home(std::uint32_t tag) const { return tag & (places_.size() - 1); }
  std::size_t next(std::size_t at) const { return (at + 1) & (places_.size() - 1); }
  void put(Place place);
  void resize(std::size_t places);

  std::vector<Place> places_;
  std::size_t size_ = 0;
};

}  // namespace sluice::queue
