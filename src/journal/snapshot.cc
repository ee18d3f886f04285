#include "journal/snapshot.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/digest.h"
#include "base/log.h"
#include "journal/layout.h"
#include "journal/scan.h"
#include "journal/snapshot_file.h"

namespace sluice::journal {
namespace {

constexpr std::size_t kept = 2;                      // snapshots of a journal
constexpr std::size_t read_window_bytes = 1U << 20;  // read at once

/// Reads a file from its start to its end.
class Sequential {
 public:
  explicit Sequential(io::File& file) : file_(file) {}

  /// The next `bytes`; shorter at the end of the file. The view holds until the next call.
  io::Outcome<std::string_view> next(std::size_t bytes) {
    if (at_ + bytes > window_.size()) {
      if (io::Outcome<void> read = file_.read(offset(), std::max(bytes, read_window_bytes), window_); !read) {
        return std::unexpected(read.error());
      }
      window_at_ += at_;
      at_ = 0;
    }
    const std::string_view view = std::string_view(window_).substr(at_, bytes);
    at_ += view.size();
    return view;
  }
  std::uint64_t offset() const { return window_at_ + at_; }

 private:
  io::File& file_;
  std::string window_;
  std::uint64_t window_at_ = 0;
  std::size_t at_ = 0;
};

/// The next frame: a header with its checksum over itself and what follows it.
template <class Frame>
io::Outcome<Frame> next_frame(Sequential& in, const std::string& name, std::uint32_t magic) {
  const std::uint64_t at = in.offset();
  io::Outcome<std::string_view> bytes = in.next(sizeof(Frame));
  if (!bytes) {
    return std::unexpected(bytes.error());
  }
  if (bytes->size() < sizeof(Frame) || from_bytes<Frame>(*bytes).magic != magic) {
    return std::unexpected(damage(name, at, "the snapshot ends early"));
  }
  return from_bytes<Frame>(*bytes);
}

}  // namespace

io::Outcome<SnapshotSummary> read_snapshot(io::Disk& disk, const std::string& name,
                                           const std::function<void(SnapshotItem&&)>& take) {
  io::Outcome<std::unique_ptr<io::File>> file = disk.open(name, io::Disk::Mode::read_only);
  if (!file) {
    return std::unexpected(file.error());
  }
  Sequential in(**file);
  const io::Outcome<SnapshotHeader> header = next_frame<SnapshotHeader>(in, name, snapshot_magic);
  if (!header) {
    return std::unexpected(header.error());
  }
  if (header->version > format_version || header->checksum != frame_checksum(*header)) {
    return std::unexpected(damage(name, 0, "the snapshot's header is wrong, or of a newer version of this program"));
  }
  SnapshotSummary summary;
  std::uint32_t chain = header->checksum;
  while (true) {
    const std::uint64_t at = in.offset();
    const io::Outcome<SnapshotFrame> frame = next_frame<SnapshotFrame>(in, name, snapshot_frame_magic);
    if (!frame) {
      return std::unexpected(frame.error());
    }
    const io::Outcome<std::string_view> state = in.next(frame->state_bytes);
    if (!state) {
      return std::unexpected(state.error());
    }
    if (state->size() < frame->state_bytes || frame->previous != chain ||
        frame->checksum != crc32c(*state, frame_checksum(*frame))) {
      return std::unexpected(damage(name, at, "a part of the snapshot cannot be read"));
    }
    chain = frame->checksum;
    if (frame->last != 0) {
      return frame->key == summary.items ? io::Outcome<SnapshotSummary>(summary)
                                         : std::unexpected(damage(name, at, "the snapshot lacks items"));
    }
    ++summary.items;
    summary.newest = std::max(summary.newest, frame->sequence);
    summary.bytes += frame->state_bytes;
    if (take) {
      take({frame->key, {frame->sequence, frame->epoch, header->journal}, std::string(*state)});
    }
  }
}

io::Outcome<std::vector<std::uint64_t>> Snapshots::numbers(std::uint16_t journal) {
  const io::Outcome<std::vector<std::string>> names = disk_.list("");
  if (!names) {
    return std::unexpected(names.error());
  }
  std::vector<std::uint64_t> found;
  for (const std::string& name : *names) {
    std::uint16_t of = 0;
    std::uint64_t number = 0;
    if (snapshot_place(name, of, number) && of == journal) {
      found.push_back(number);
    }
  }
  std::ranges::sort(found, std::greater());
  return found;
}

io::Outcome<void> Snapshots::read(const std::vector<JournalStart>& next,
                                  const std::function<void(std::uint16_t journal, SnapshotItem&&)>& take) {
  for (std::uint16_t journal = 0; journal < of_journal_.size(); ++journal) {
    const io::Outcome<std::vector<std::uint64_t>> found = numbers(journal);
    if (!found) {
      return std::unexpected(found.error());
    }
    of_journal_[journal].number = found->empty() ? 0 : found->front();
    for (const std::uint64_t number : *found) {
      const std::string name = snapshot_name(journal, number);
      const io::Outcome<SnapshotSummary> summary = read_snapshot(disk_, name, nullptr);
      if (!summary) {
        log(LogLevel::warning, fmt::format("journal: {}; the snapshot before it is used", summary.error().what));
        continue;
      }
      if (summary->newest >= next[journal].next) {
        return std::unexpected(damage(name, 0,
                                      fmt::format("it holds entry {} of journal {}, but the log ends at {}",
                                                  summary->newest, journal, next[journal].next - 1)));
      }
      const auto give = [&](SnapshotItem&& item) { take(journal, std::move(item)); };
      if (io::Outcome<SnapshotSummary> given = read_snapshot(disk_, name, give); !given) {
        return std::unexpected(given.error());
      }
      break;
    }
  }
  return {};
}

void Snapshots::count(std::uint16_t journal, std::uint64_t number, std::uint64_t appended_before) {
  of_journal_[journal].appended_before = appended_before;
  const io::Outcome<std::vector<std::uint64_t>> found = numbers(journal);
  if (!found) {
    return;  // then they are removed after the next one
  }
  std::size_t seen = 0;
  for (const std::uint64_t one : *found) {
    if (one <= number && ++seen > kept) {
      disk_.remove(snapshot_name(journal, one));
    }
  }
}

}  // namespace sluice::journal
