#include "journal/scan.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::journal {
namespace {

constexpr std::size_t window_bytes = 1U << 20;  // read at once

}  // namespace

Scanner::Scanner(io::File& file, const SegmentHeader& header, std::uint64_t file_bytes)
    : file_(file), salt_(header.salt), file_bytes_(file_bytes), chain_(header.checksum) {}

std::optional<std::string_view> Scanner::window(std::uint64_t offset, std::size_t bytes) {
  if (offset >= file_bytes_) {
    return std::string_view();
  }
  bytes = std::min<std::uint64_t>(bytes, file_bytes_ - offset);
  if (offset < window_at_ || offset + bytes > window_at_ + window_.size()) {
    if (io::Outcome<void> read = file_.read(offset, std::max(bytes, window_bytes), window_); !read) {
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

io::Outcome<std::optional<std::uint64_t>> find_proof_of_damage(io::File& file, const SegmentHeader& header,
                                                               std::uint64_t broken_at, std::uint64_t file_bytes) {
  std::string window;
  std::string record;
  // Windows overlap by a header, so that none is cut in two.
  for (std::uint64_t at = broken_at; at + sizeof(RecordHeader) <= file_bytes;) {
    if (io::Outcome<void> read = file.read(at, window_bytes, window); !read) {
      return std::unexpected(read.error());
    }
    std::size_t here = 0;
    for (; here + sizeof(RecordHeader) <= window.size(); here += record_alignment_bytes) {
      const auto magic = from_bytes<std::uint32_t>(std::string_view(window).substr(here));
      if (magic != record_magic) {
        continue;
      }
      const auto later = from_bytes<RecordHeader>(std::string_view(window).substr(here));
      const bool tells = later.flushed_segment == header.id && later.flushed_offset > broken_at;
      if (!tells || !plausible(later, header.salt)) {
        continue;
      }
      if (io::Outcome<void> read = file.read(at + here, record_bytes(later.payload_bytes), record); !read) {
        return std::unexpected(read.error());
      }
      if (record.size() == record_bytes(later.payload_bytes) && record_checksum(record) == later.checksum) {
        return at + here;
      }
    }
    if (here == 0) {
      break;
    }
    at += here;
  }
  return std::nullopt;
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
    return std::unexpected(damage(name, 0, "written by a newer version of this program"));
  }
  if (header.checksum != segment_checksum(header)) {
    return std::unexpected(damage(name, 0, "the header's checksum is wrong"));
  }
  return header;
}

io::Fault damage(const std::string& name, std::uint64_t offset, std::string_view what) {
  return {std::make_error_code(std::errc::illegal_byte_sequence),
          fmt::format("damage in {} at offset {}: {}", name, offset, what)};
}

}  // namespace sluice::journal
