#include "journal/scan.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::journal {
namespace {

constexpr std::size_t behind_window_bytes = 1U << 20;  // read at once

/// A record at the start of `window`, by its header alone, that says that `end` had been flushed.
bool says_flushed(std::string_view window, const SegmentHeader& segment, std::uint64_t end) {
  const auto header = from_bytes<RecordHeader>(window);
  return plausible(header, segment.salt) && header.flushed_segment == segment.id && header.flushed_offset > end;
}

}  // namespace

Scanner::Scanner(io::File& file, const SegmentHeader& header, std::uint64_t file_bytes, std::size_t window_bytes)
    : file_(file), salt_(header.salt), file_bytes_(file_bytes), window_bytes_(window_bytes), chain_(header.checksum) {}

std::optional<std::string_view> Scanner::window(std::uint64_t offset, std::size_t bytes) {
  if (offset >= file_bytes_) {
    return std::string_view();
  }
  bytes = std::min<std::uint64_t>(bytes, file_bytes_ - offset);
  if (offset < window_at_ || offset + bytes > window_at_ + window_.size()) {
    if (io::Outcome<void> read = file_.read(offset, std::max(bytes, window_bytes_), window_); !read) {
      fault_ = read.error();
      return std::nullopt;
    }
    window_at_ = offset;
  }
  return std::string_view(window_).substr(offset - window_at_, bytes);
}

Scanner::Step Scanner::next() {
  const std::optional<std::string_view> head = window(offset_, sizeof(RecordHeader));
  if (!head) {
    return Step::fault;
  }
  if (head->size() < sizeof(RecordHeader)) {
    return Step::end;
  }
  const auto header = from_bytes<RecordHeader>(*head);
  if (!plausible(header, salt_) || header.previous != chain_) {
    return Step::end;
  }
  const std::uint64_t bytes = record_bytes(header.payload_bytes);
  const std::optional<std::string_view> whole = window(offset_, bytes);
  if (!whole) {
    return Step::fault;
  }
  if (whole->size() < bytes || record_checksum(*whole) != header.checksum) {
    return Step::end;
  }
  header_ = header;
  payload_ = whole->substr(sizeof(RecordHeader), header.payload_bytes);
  at_ = offset_;
  offset_ += bytes;
  chain_ = header.checksum;
  return Step::record;
}

io::Outcome<Behind> look_behind(io::File& file, const SegmentHeader& header, std::uint64_t end,
                                std::uint64_t file_bytes, std::uint64_t zeros_max) {
  Behind behind{std::nullopt, end};
  std::string window;
  std::string record;
  // Windows overlap by a header, so that none is cut in two.
  for (std::uint64_t at = end; at < file_bytes && at - behind.zeros_from <= zeros_max;) {
    if (io::Outcome<void> read = file.read(at, behind_window_bytes, window); !read) {
      return std::unexpected(read.error());
    }
    window.resize(padded(window.size()));
    const std::string_view view = window;
    for (std::size_t here = 0; here < window.size(); here += record_alignment_bytes) {
      const auto word = from_bytes<std::uint64_t>(view.substr(here));
      if (word == 0) {
        continue;
      }
      behind.zeros_from = at + here + record_alignment_bytes;
      if (static_cast<std::uint32_t>(word) != record_magic || here + sizeof(RecordHeader) > window.size() ||
          !says_flushed(view.substr(here), header, end)) {
        continue;
      }
      const std::uint64_t bytes = record_bytes(from_bytes<RecordHeader>(view.substr(here)).payload_bytes);
      if (io::Outcome<void> read = file.read(at + here, bytes, record); !read) {
        return std::unexpected(read.error());
      }
      if (record.size() == bytes && record_checksum(record) == from_bytes<RecordHeader>(record).checksum) {
        behind.proof = at + here;
        return behind;
      }
    }
    at += window.size() > 2 * sizeof(RecordHeader) ? window.size() - sizeof(RecordHeader) : window.size();
  }
  return behind;
}

io::Outcome<SegmentHeader> read_segment_header(io::File& file, const std::string& name) {
  std::string bytes;
  if (io::Outcome<void> read = file.read(0, sizeof(SegmentHeader), bytes); !read) {
    return std::unexpected(read.error());
  }
  if (bytes.size() < sizeof(SegmentHeader)) {
    return std::unexpected(damage(name, 0, "the file is shorter than its header"));
  }
  const auto header = from_bytes<SegmentHeader>(bytes);
  if (header.magic != segment_magic && header.magic != sparse_segment_magic) {
    return std::unexpected(damage(name, 0, "this is no segment"));
  }
  if (header.version > format_version) {
    return std::unexpected(too_new(name));
  }
  if (header.checksum != segment_checksum(header)) {
    return std::unexpected(damage(name, 0, "the header's checksum is wrong"));
  }
  return header;
}

io::Fault damage(const std::string& name, std::uint64_t offset, std::string_view what) {
  return {{}, fmt::format("damage in {} at offset {}: {}", name, offset, what)};
}

io::Fault too_new(const std::string& name) {
  return {{}, fmt::format("{} was written by a newer version of this program: start that one", name)};
}

}  // namespace sluice::journal
