#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace sluice::io {

/// The bytes of one file in memory. Pages that hold only zeros take no memory, so filling ahead costs nothing.
class Pages {
 public:
  static constexpr std::uint64_t page_bytes = 16U << 10;

  std::uint64_t size() const { return size_; }

  void write(std::uint64_t offset, std::string_view bytes) {
    size_ = std::max(size_, offset + bytes.size());
    while (!bytes.empty()) {
      const std::uint64_t at = offset % page_bytes;
      const std::string_view piece = bytes.substr(0, page_bytes - at);
      std::string& page = pages_[offset / page_bytes];
      page.resize(page_bytes);
      std::copy(piece.begin(), piece.end(), page.begin() + static_cast<std::ptrdiff_t>(at));
      offset += piece.size();
      bytes.remove_prefix(piece.size());
    }
  }

  void zero(std::uint64_t offset, std::uint64_t bytes) {
    size_ = std::max(size_, offset + bytes);
    for (const std::uint64_t end = offset + bytes; offset < end;) {
      const std::uint64_t at = offset % page_bytes;
      const std::uint64_t piece = std::min(end - offset, page_bytes - at);
      if (const auto found = pages_.find(offset / page_bytes); found == pages_.end()) {
      } else if (piece == page_bytes) {
        pages_.erase(found);
      } else {
        std::fill_n(found->second.begin() + static_cast<std::ptrdiff_t>(at), piece, '\0');
      }
      offset += piece;
    }
  }

  void truncate(std::uint64_t bytes) {
    if (bytes < size_) {
      const std::uint64_t old = size_;
      zero(bytes, old - bytes);
    }
    size_ = bytes;
  }

  void read(std::uint64_t offset, std::size_t bytes, std::string& into) const {
    into.assign(offset < size_ ? std::min<std::uint64_t>(bytes, size_ - offset) : 0, '\0');
    for (std::size_t have = 0; have < into.size();) {
      const std::uint64_t at = (offset + have) % page_bytes;
      const std::size_t piece = std::min<std::uint64_t>(into.size() - have, page_bytes - at);
      if (const auto found = pages_.find((offset + have) / page_bytes); found != pages_.end()) {
        std::copy_n(found->second.begin() + static_cast<std::ptrdiff_t>(at), piece,
                    into.begin() + static_cast<std::ptrdiff_t>(have));
      }
      have += piece;
    }
  }

 private:
  std::map<std::uint64_t, std::string> pages_;
  std::uint64_t size_ = 0;
};

}  // namespace sluice::io
