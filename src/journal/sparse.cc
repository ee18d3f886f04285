#include "journal/sparse.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "base/digest.h"
#include "journal/layout.h"
#include "journal/recovery.h"
#include "journal/scan.h"

namespace sluice::journal {
namespace {

constexpr std::size_t checksummed_from = sizeof(std::uint32_t);  // of a SparseHead
constexpr std::size_t write_bytes = 1U << 20;
constexpr std::size_t walk_window_bytes = 1U << 20;

std::uint64_t pieces_at(std::size_t journals) {
  return sizeof(SegmentHeader) + sizeof(SparseHead) + 2 * journals * sizeof(JournalStart);
}
std::uint64_t piece_bytes(std::uint32_t length) { return sizeof(PieceHeader) + padded(length); }
std::uint32_t piece_checksum(const PieceHeader& header, std::string_view bytes) {
  return crc32c(bytes, crc32c(bytes_of(header).substr(record_checksummed_from)));
}

class SparseSegment final : public Segment {
 public:
  SparseSegment(std::shared_ptr<io::File> file, const SegmentHeader& header, const SparseHead& head,
                std::vector<JournalStart> starts, const std::vector<JournalStart>& ends)
      : Segment(std::move(file), header, std::move(starts)), head_(head), points_(head.journals) {
    seal(ends, head.bytes);
  }

  const SparseHead& head() const { return head_; }

  ReadResult read(std::uint16_t journal, const Reference& reference, bool may_wait, ReadCache& cache,
                  std::string& into) override {
    std::uint64_t at = 0;
    if (const ReadResult found = find_point(journal, reference, may_wait, at); found != ReadResult::done) {
      return found;
    }
    std::string_view view;
    if (const ReadResult got = cached(at, may_wait, cache, view); got != ReadResult::done) {
      return got;
    }
    for (std::uint64_t in = 0; view.size() >= in + sizeof(PieceHeader);) {
      const auto piece = from_bytes<PieceHeader>(view.substr(in));
      if (piece.magic != piece_magic) {
        return ReadResult::missing;
      }
      if (piece.journal == journal && holds(piece, reference)) {
        const std::uint64_t begins = in + sizeof(PieceHeader) + reference.offset - piece.offset;
        if (begins + reference.length <= view.size()) {
          into.assign(view.substr(begins, reference.length));
          return ReadResult::done;
        }
        const ReadResult got = direct(at + begins, reference.length, may_wait, into);
        return got == ReadResult::done && into.size() != reference.length ? ReadResult::missing : got;
      }
      in += piece_bytes(piece.length);
    }
    return ReadResult::missing;
  }

 private:
  struct Point {
    std::uint64_t sequence;
    std::uint32_t offset;  // in the entry
    std::uint32_t at;      // in the file
  };

  static bool holds(const PieceHeader& piece, const Reference& reference) {
    return piece.sequence == reference.sequence && piece.offset <= reference.offset &&
           std::uint64_t{reference.offset} + reference.length <= std::uint64_t{piece.offset} + piece.length;
  }

  ReadResult find_point(std::uint16_t journal, const Reference& reference, bool may_wait, std::uint64_t& at) {
    {
      const std::lock_guard lock(mutex_);
      if (indexed_) {
        return find_indexed(journal, reference, at);
      }
    }
    if (!may_wait) {
      return ReadResult::would_wait;
    }
    std::vector<std::vector<Point>> points(points_.size());
    std::uint64_t here = pieces_at(head_.journals);
    // An entry behind damage is missing, and only that.
    walk_sparse(*this, [&](std::uint16_t of, const Reference& where, std::string_view bytes) {
      if (points[of].empty() || here >= points[of].back().at + index_step_bytes) {
        points[of].push_back({where.sequence, where.offset, static_cast<std::uint32_t>(here)});
      }
      here += piece_bytes(static_cast<std::uint32_t>(bytes.size()));
    });
    const std::lock_guard lock(mutex_);
    points_ = std::move(points);
    indexed_ = true;
    return find_indexed(journal, reference, at);
  }

  ReadResult find_indexed(std::uint16_t journal, const Reference& reference, std::uint64_t& at) const {
    if (journal >= points_.size()) {
      return ReadResult::missing;
    }
    const auto after =
        std::ranges::upper_bound(points_[journal], std::pair(reference.sequence, reference.offset), {},
                                 [](const Point& point) { return std::pair(point.sequence, point.offset); });
    if (after == points_[journal].begin()) {
      return ReadResult::missing;
    }
    at = std::prev(after)->at;
    return ReadResult::done;
  }

  SparseHead head_;
  std::vector<std::vector<Point>> points_;
  bool indexed_ = false;
};

/// Collects the pieces of a file, writes them in large parts.
class PieceWriter {
 public:
  PieceWriter(io::File& file, std::uint64_t at) : file_(file), at_(at) {}

  void add(std::uint16_t journal, const Reference& where, std::string_view bytes) {
    PieceHeader header;
    header.sequence = where.sequence;
    header.offset = where.offset;
    header.length = static_cast<std::uint32_t>(bytes.size());
    header.journal = journal;
    header.checksum = piece_checksum(header, bytes);
    buffer_.append(bytes_of(header));
    buffer_.append(bytes);
    buffer_.append(padded(bytes.size()) - bytes.size(), '\0');
    ++pieces_;
    if (buffer_.size() >= write_bytes) {
      write();
    }
  }
  void write() {
    if (done_ && !buffer_.empty()) {
      const std::string_view piece = buffer_;
      done_ = file_.write(at_, {&piece, 1});
    }
    at_ += buffer_.size();
    buffer_.clear();
  }
  const io::Outcome<void>& done() const { return done_; }
  std::uint64_t at() const { return at_; }
  std::uint64_t pieces() const { return pieces_; }

 private:
  io::File& file_;
  std::uint64_t at_;
  std::string buffer_;
  std::uint64_t pieces_ = 0;
  io::Outcome<void> done_;
};

/// Parts of one entry that overlap or touch become one.
Live merged(Live live) {
  std::ranges::sort(live, {},
                    [](const auto& one) { return std::tuple(one.first, one.second.sequence, one.second.offset); });
  Live result;
  for (const auto& [journal, reference] : live) {
    if (!result.empty() && result.back().first == journal && result.back().second.sequence == reference.sequence) {
      Reference& last = result.back().second;
      if (reference.offset <= last.offset + last.length) {
        last.length = std::max(last.offset + last.length, reference.offset + reference.length) - last.offset;
        continue;
      }
    }
    result.emplace_back(journal, reference);
  }
  return result;
}

/// Hands every entry, or piece of one, of a sealed segment to `take`, with each journal's in order.
io::Outcome<void> walk_any(Segment& source, const TakePiece& take) {
  if (source.sparse()) {
    return walk_sparse(source, take);
  }
  Counting counting(source.starts());
  return walk_sealed(
      static_cast<LogSegment&>(source), counting,
      [&take](Position position, std::string_view entry) {
        take(position.journal, {position.sequence, 0, static_cast<std::uint32_t>(entry.size())}, entry);
      },
      false);
}

io::Outcome<void> write_head(const Segment& source, const PieceWriter& pieces, io::File& file) {
  SegmentHeader header = source.header();
  header.magic = sparse_segment_magic;
  header.capacity = pieces.at();
  header.checksum = segment_checksum(header);
  SparseHead head;
  head.journals = header.journals;
  head.pieces = pieces.pieces();
  head.bytes = pieces.at();
  std::string tables;
  for (const JournalStart& start : source.starts()) {
    tables.append(bytes_of(start));
  }
  for (const SegmentInfo::Range& range : source.info().of_journal) {
    tables.append(bytes_of(JournalStart{range.last + 1}));
  }
  head.checksum = crc32c(tables, crc32c(bytes_of(head).substr(checksummed_from)));
  const std::array<std::string_view, 3> parts = {bytes_of(header), bytes_of(head), tables};
  return file.write(0, parts);
}

}  // namespace

io::Outcome<std::shared_ptr<Segment>> open_sparse(std::shared_ptr<io::File> file, const SegmentHeader& header,
                                                  const std::string& name) {
  std::string bytes;
  const std::size_t wanted = pieces_at(header.journals) - sizeof(SegmentHeader);
  if (io::Outcome<void> read = file->read(sizeof(SegmentHeader), wanted, bytes); !read) {
    return std::unexpected(read.error());
  }
  if (bytes.size() < wanted) {
    return std::unexpected(damage(name, bytes.size(), "the file is shorter than its head"));
  }
  const auto head = from_bytes<SparseHead>(bytes);
  const std::string_view tables = std::string_view(bytes).substr(sizeof(SparseHead));
  if (head.journals != header.journals ||
      head.checksum != crc32c(tables, crc32c(bytes_of(head).substr(checksummed_from)))) {
    return std::unexpected(damage(name, sizeof(SegmentHeader), "the head's checksum is wrong"));
  }
  std::vector<JournalStart> starts, ends;
  for (std::size_t i = 0; i < 2 * std::size_t{head.journals}; ++i) {
    (i < head.journals ? starts : ends).push_back(from_bytes<JournalStart>(tables.substr(i * sizeof(JournalStart))));
  }
  return std::make_shared<SparseSegment>(std::move(file), header, head, std::move(starts), ends);
}

io::Outcome<void> walk_sparse(Segment& segment, const TakePiece& take) {
  const SparseHead& head = static_cast<SparseSegment&>(segment).head();
  std::string window;
  std::uint64_t window_at = 0;
  std::uint64_t at = pieces_at(head.journals);
  const auto need = [&](std::uint64_t bytes) -> io::Outcome<bool> {
    if (at >= window_at && at + bytes <= window_at + window.size()) {
      return true;
    }
    window_at = at;
    if (io::Outcome<void> read = segment.file().read(at, std::max(bytes, walk_window_bytes), window); !read) {
      return std::unexpected(read.error());
    }
    return window.size() >= bytes;
  };
  for (std::uint64_t nth = 0; nth < head.pieces; ++nth) {
    io::Outcome<bool> there = need(sizeof(PieceHeader));
    PieceHeader header;
    if (there && *there) {
      header = from_bytes<PieceHeader>(std::string_view(window).substr(at - window_at));
      const bool sane =
          header.magic == piece_magic && header.journal < head.journals && header.length <= entry_bytes_max;
      there = sane ? need(piece_bytes(header.length)) : io::Outcome<bool>(false);
    }
    if (!there) {
      return std::unexpected(there.error());
    }
    const std::string_view bytes =
        *there ? std::string_view(window).substr(at - window_at + sizeof(PieceHeader), header.length) : "";
    if (!*there || header.checksum != piece_checksum(header, bytes)) {
      return std::unexpected(damage(segment_name(segment.id()), at, "a piece of a rewritten segment cannot be read"));
    }
    take(header.journal, {header.sequence, header.offset, header.length}, bytes);
    at += piece_bytes(header.length);
  }
  return {};
}

io::Outcome<void> write_sparse(Segment& source, Live live, io::File& file) {
  live = merged(std::move(live));
  PieceWriter pieces(file, pieces_at(source.header().journals));
  // The next wanted reference of each journal: both sides come in order.
  std::vector<Live::const_iterator> next(source.header().journals);
  for (std::uint16_t journal = 0; journal < next.size(); ++journal) {
    next[journal] = std::ranges::lower_bound(live, journal, {}, [](const auto& one) { return one.first; });
  }
  const io::Outcome<void> walked =
      walk_any(source, [&](std::uint16_t journal, const Reference& where, std::string_view bytes) {
        for (auto& wanted = next[journal]; wanted != live.end() && wanted->first == journal; ++wanted) {
          const Reference& reference = wanted->second;
          const std::uint64_t end = std::uint64_t{reference.offset} + reference.length;
          if (reference.sequence != where.sequence || reference.offset < where.offset ||
              end > std::uint64_t{where.offset} + where.length) {
            return;
          }
          pieces.add(journal, reference, bytes.substr(reference.offset - where.offset, reference.length));
        }
      });
  if (!walked) {
    return walked;
  }
  if (pieces.pieces() != live.size()) {
    return std::unexpected(damage(
        segment_name(source.id()), 0,
        fmt::format("{} of {} parts that are in use are not there", live.size() - pieces.pieces(), live.size())));
  }
  pieces.write();
  io::Outcome<void> done = pieces.done();
  if (done) {
    done = write_head(source, pieces, file);
  }
  return done ? file.sync() : done;
}

}  // namespace sluice::journal
