#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "journal/store.h"
#include "machines/machine.h"
#include "node/log_wait.h"
#include "node/mailbox.h"

namespace sluice::node {

class Lane;
struct Host;

/// Sealed segments that no replay reads, as one round of reclaiming looks at them. Does not change during the round.
class Candidates {
 public:
  /// `replay_from[journal]`: the first sequence that a replay would read.
  Candidates(const std::vector<journal::SegmentInfo>& segments, const std::vector<std::uint64_t>& replay_from);

  const std::vector<journal::SegmentInfo>& segments() const { return segments_; }
  bool empty() const { return segments_.empty(); }

  /// Calls `tell(index, bytes)` for each segment that the range touches, with its share of the range's bytes.
  template <class Tell>
  void each(std::uint16_t journal, const machines::LiveRange& range, Tell tell) const {
    for (std::size_t index = first_touched(journal, range.first); index < segments_.size(); ++index) {
      const auto& span = segments_[index].of_journal[journal];
      if (span.first > span.last) {
        continue;
      }
      if (span.first > range.last) {
        return;
      }
      if (span.last >= range.first) {
        tell(index, share(range, span));
      }
    }
  }

 private:
  std::size_t first_touched(std::uint16_t journal, std::uint64_t sequence) const;
  static std::uint64_t share(const machines::LiveRange& range, const journal::SegmentInfo::Range& span);

  std::vector<journal::SegmentInfo> segments_;          // by age
  std::vector<std::vector<std::uint64_t>> last_until_;  // by journal: the highest sequence in segments 0..i
};

/// One core's part of looking how much lives in the candidates, and (for `exact_of`) what exactly lives in one of them.
/// Machine by machine between requests; goes home once all that its answer rests on is durable.
struct Survey final : Letter {
  void arrive(Core& here) override;
  void released(Core& here, bool durable) override;

  // The question.
  std::shared_ptr<const Candidates> candidates;
  std::vector<std::size_t> exact_of;  ///< empty, or the one index whose references are wanted

  // The answer.
  std::vector<std::uint64_t> live_bytes;  ///< by candidate
  std::vector<char> pinned;               ///< by candidate: kept for a machine set aside
  std::vector<std::pair<std::uint16_t, Reference>> references;
  bool failed = false;
  bool returning = false;

 private:
  void step(Core& here);
  void look_at(const Host& host);
  bool list_references(Core& here, const Host& host);
  bool touches(const Host& host, std::size_t index) const;
  void read_missing(Core& here, Lane& lane);
  void wait_for_log(Core& here);

  using Bytes = std::pair<Reference, std::string>;
  std::vector<machines::MachineId> machines_;
  LogWait waits_;
  std::vector<Reference> missing_;  // blocks that the present machine needs and that must be read first
  std::vector<Bytes> read_;         // those that have been
  std::size_t reads_pending_ = 0;
  std::size_t rounds_ = 0;
};

}  // namespace sluice::node
