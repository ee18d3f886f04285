#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <vector>

#include "machines/machine.h"
#include "machines/queue/waiting.h"
#include "machines/queue/window.h"

namespace sluice::queue {

/// A page of a chain that lies in the log: what the machine knows of it without reading it.
struct Block {
  std::uint64_t id = 0;     ///< the machine's own number for it, never used again
  Reference where;          ///< its index, inside the fact that paged it out
  std::uint32_t count = 0;  ///< messages in it that are still waiting
  std::uint64_t number_min = 0, number_max = 0;
  Time joined_min, joined_max;
  Time arrived_min;
  std::uint64_t sequence_min = 0, sequence_max = 0;  ///< of the entries that hold the envelopes
  std::uint64_t body_bytes = 0;
  std::vector<std::uint64_t> removed;  ///< numbers that were lifted out of it

  bool may_hold(std::uint64_t number) const;
  machines::NeedsBlock need() const { return {id, where}; }
};

/// Which messages of a chain in memory the next block takes: `count` of them after the first `keep`.
struct Page {
  std::size_t keep = 0, count = 0;
};

/// Messages one after another, joined at the end and taken at the front. In memory are the first of them (the head
/// window) and the last (the tail); between lie blocks in the log. Without blocks all is head.
class Chain {
 public:
  bool empty() const { return count_ == 0; }
  std::uint64_t count() const { return count_; }
  std::size_t in_memory() const { return head_.size() + tail_.size(); }

  void push(const Waiting& message);
  /// In memory, before all others.
  void push_front(const std::vector<Waiting>& messages);

  /// The messages at the front that are in memory; empty although the chain is not: a block must be read.
  const Window& head() const { return head_; }
  const Window& tail() const { return tail_; }
  const std::deque<Block>& blocks() const { return blocks_; }
  const Block* block(std::uint64_t id) const;
  /// Anywhere in memory, else null.
  const Waiting* find(std::uint64_t number) const;
  /// Takes one out that is in memory.
  Waiting take(std::uint64_t number);
  bool starts_with(std::uint64_t number) const { return !head_.empty() && head_.front().number == number; }

  /// The page to write when no more than `keep` messages shall stay before the blocks; none when that is less than
  /// `count` messages' worth.
  Page page_due(std::size_t keep, std::size_t count) const;
  std::vector<Waiting> page(const Page& page) const;
  /// The first message of a page.
  const Waiting& at(const Page& page) const { return (blocks_.empty() ? head_ : tail_)[page.keep]; }
  void page_out(std::uint64_t id, const Reference& where, const Page& page);
  /// The first block's messages become head.
  void page_in(std::uint64_t id, std::span<const Waiting> messages);
  /// One message of a block is gone from it.
  void lift(std::uint64_t id, std::uint64_t number);

  /// Drops what was sent at or before `limit`; of a block only all or nothing.
  void expire(Time limit);
  /// No message will expire before this was sent; `never` when empty.
  Time oldest() const;
  /// When the one that is here the longest came, about: of a block, one that was lifted out of it counts too.
  Time earliest_arrival() const;
  void clear();
  /// Of a chain in the order of sent times: how many messages beyond the head, in whole blocks and the tail, were sent
  /// at or before `limit`. Those in the head are the caller's to know.
  std::uint64_t due_beyond_head(Time limit) const;

  void save(Writer& out) const;
  /// `tells_arrivals`: false of a snapshot that has none in its blocks.
  bool load(Reader& in, bool tells_arrivals);
  void live(const std::function<void(const machines::LiveRange&)>& tell) const;
  bool references(const machines::LiveRange& within,
                  const std::function<std::optional<std::string>(const Reference&)>& read,
                  const std::function<void(const Reference&)>& tell) const;
  void invariants() const;

 private:
  void settle();

  Window head_, tail_;
  std::deque<Block> blocks_;
  std::uint64_t count_ = 0;
};

/// Those of a block's messages that still wait.
std::vector<Waiting> survivors(const Block& block, std::vector<Waiting> messages, Time limit);

}  // namespace sluice::queue
