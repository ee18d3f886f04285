#include "machines/queue/chain.h"

#include <algorithm>

#include "base/check.h"

namespace sluice::queue {
namespace {

using machines::LiveRange;

Block summary(std::uint64_t id, const Reference& where, std::span<const Waiting> messages) {
  const Waiting& first = messages.front();
  Block block;
  block.id = id;
  block.where = where;
  block.count = static_cast<std::uint32_t>(messages.size());
  block.number_min = block.number_max = first.number;
  block.joined_min = block.joined_max = first.joined;
  block.arrived_min = first.arrived();
  block.sequence_min = block.sequence_max = first.body.sequence;
  for (const Waiting& message : messages) {
    block.number_min = std::min(block.number_min, message.number);
    block.number_max = std::max(block.number_max, message.number);
    block.joined_min = std::min(block.joined_min, message.joined);
    block.joined_max = std::max(block.joined_max, message.joined);
    block.arrived_min = std::min(block.arrived_min, message.arrived());
    block.sequence_min = std::min(block.sequence_min, message.body.sequence);
    block.sequence_max = std::max(block.sequence_max, message.body.sequence);
    block.body_bytes += message.body.length;
  }
  return block;
}

void save_block(Writer& out, const Block& block) {
  out.varint(block.id);
  out.varint(block.where.sequence);
  out.varint(block.where.offset);
  out.varint(block.where.length);
  out.varint(block.count);
  out.varint(block.number_min);
  out.varint(block.number_max - block.number_min);
  out.svarint(to_milliseconds(block.joined_min));
  out.varint(static_cast<std::uint64_t>((block.joined_max - block.joined_min).count()));
  out.varint(block.sequence_min);
  out.varint(block.sequence_max - block.sequence_min);
  out.varint(block.body_bytes);
  out.varint(block.removed.size());
  for (const std::uint64_t number : block.removed) {
    out.varint(number);
  }
  out.varint(static_cast<std::uint64_t>((block.arrived_min - block.joined_min).count()));
}

Block load_block(Reader& in, bool tells_arrival) {
  Block block;
  block.id = in.varint();
  block.where.sequence = in.varint();
  block.where.offset = static_cast<std::uint32_t>(in.varint());
  block.where.length = static_cast<std::uint32_t>(in.varint());
  block.count = static_cast<std::uint32_t>(in.varint());
  block.number_min = in.varint();
  block.number_max = block.number_min + in.varint();
  block.joined_min = from_milliseconds(in.svarint());
  block.joined_max = block.joined_min + Milliseconds(in.varint());
  block.sequence_min = in.varint();
  block.sequence_max = block.sequence_min + in.varint();
  block.body_bytes = in.varint();
  const std::uint64_t removed = in.varint();
  for (std::uint64_t i = 0; i < removed && in.ok(); ++i) {
    block.removed.push_back(in.varint());
  }
  block.arrived_min = block.joined_min + Milliseconds(tells_arrival ? in.varint() : 0);
  return block;
}

LiveRange just(const Reference& reference) { return {reference.sequence, reference.sequence, reference.length}; }

}  // namespace

bool Block::may_hold(std::uint64_t number) const {
  return number >= number_min && number <= number_max && std::ranges::find(removed, number) == removed.end();
}

std::vector<Waiting> survivors(const Block& block, std::vector<Waiting> messages, Time limit) {
  std::erase_if(messages, [&](const Waiting& message) {
    return message.expired(limit) || std::ranges::find(block.removed, message.number) != block.removed.end();
  });
  return messages;
}

void Chain::push(const Waiting& message) {
  (blocks_.empty() ? head_ : tail_).push_back(message);
  ++count_;
}

void Chain::push_front(const std::vector<Waiting>& messages) {
  Window head;
  head.append(messages);
  head.append(head_);
  head_ = std::move(head);
  count_ += messages.size();
}

const Block* Chain::block(std::uint64_t id) const {
  // Ids rise along the chain: pages are only ever taken behind the last block.
  const auto at = std::ranges::lower_bound(blocks_, id, {}, &Block::id);
  return at != blocks_.end() && at->id == id ? &*at : nullptr;
}

const Waiting* Chain::find(std::uint64_t number) const {
  const Waiting* found = head_.find(number);
  return found != nullptr ? found : tail_.find(number);
}

Waiting Chain::take(std::uint64_t number) {
  --count_;
  return starts_with(number) || head_.find(number) != nullptr ? head_.take(number) : tail_.take(number);
}

Page Chain::page_due(std::size_t keep, std::size_t count) const {
  if (blocks_.empty()) {
    return head_.size() >= keep + count ? Page{keep, count} : Page{};
  }
  return tail_.size() >= count ? Page{0, count} : Page{};
}

std::vector<Waiting> Chain::page(const Page& page) const {
  return (blocks_.empty() ? head_ : tail_).slice(page.keep, page.count);
}

void Chain::page_out(std::uint64_t id, const Reference& where, const Page& page) {
  const Window& window = blocks_.empty() ? head_ : tail_;
  check(page.count > 0 && page.keep + page.count <= window.size(), "a page takes messages that are in memory");
  check(blocks_.empty() || page.keep == 0, "a page joins the blocks before it");
  check(blocks_.empty() || blocks_.back().id < id, "the numbers of blocks rise");
  const std::vector<Waiting> messages = this->page(page);
  if (blocks_.empty()) {
    const std::size_t end = page.keep + page.count;
    tail_.append(head_.slice(end, head_.size() - end));
    head_.erase(page.keep, head_.size() - page.keep);
  } else {
    tail_.erase(0, page.count);
  }
  blocks_.push_back(summary(id, where, messages));
}

void Chain::page_in(std::uint64_t id, std::span<const Waiting> messages) {
  check(!blocks_.empty() && blocks_.front().id == id, "blocks come back in order");
  check(messages.size() <= blocks_.front().count, "a block gives back no more than it holds");
  count_ -= blocks_.front().count;
  count_ += messages.size();
  blocks_.pop_front();
  head_.append(messages);
  settle();
}

void Chain::lift(std::uint64_t id, std::uint64_t number) {
  const auto at = std::ranges::lower_bound(blocks_, id, {}, &Block::id);
  check(at != blocks_.end() && at->id == id, "a message is lifted out of a block of its chain");
  check(at->may_hold(number), "a message is lifted once");
  at->removed.push_back(number);
  --count_;
  if (--at->count == 0) {
    blocks_.erase(at);
    settle();
  }
}

/// Without blocks there is no tail.
void Chain::settle() {
  if (!blocks_.empty() || tail_.empty()) {
    return;
  }
  head_.append(tail_);
  tail_.clear();
}

void Chain::expire(Time limit) {
  count_ -= head_.expire(limit) + tail_.expire(limit);
  std::erase_if(blocks_, [&](const Block& block) {
    const bool over = block.joined_max <= limit;
    count_ -= over ? block.count : 0;
    return over;
  });
  settle();
}

Time Chain::oldest() const {
  Time oldest = never;
  for (const Window* window : {&head_, &tail_}) {
    for (const Waiting& message : *window) {
      oldest = std::min(oldest, message.joined);
    }
  }
  for (const Block& block : blocks_) {
    oldest = std::min(oldest, block.joined_max);
  }
  return oldest;
}

Time Chain::earliest_arrival() const {
  Time earliest = std::min(head_.earliest_arrival(), tail_.earliest_arrival());
  for (const Block& block : blocks_) {
    earliest = std::min(earliest, block.arrived_min);
  }
  return earliest;
}

std::uint64_t Chain::due_beyond_head(Time limit) const {
  std::uint64_t count = 0;
  for (const Block& block : blocks_) {
    if (block.joined_max > limit) {
      return count;
    }
    count += block.count;
  }
  const auto before = [limit](const Waiting& message) { return message.joined <= limit; };
  return count + static_cast<std::uint64_t>(std::ranges::count_if(tail_, before));
}

void Chain::clear() { *this = Chain(); }

void Chain::save(Writer& out) const {
  write_index(out, head_);
  write_index(out, tail_);
  out.varint(blocks_.size());
  for (const Block& block : blocks_) {
    save_block(out, block);
  }
}

bool Chain::load(Reader& in, bool tells_arrivals) {
  std::optional<std::vector<Waiting>> head = read_index(in);
  std::optional<std::vector<Waiting>> tail = read_index(in);
  if (!head || !tail) {
    return false;
  }
  head_.append(*head);
  tail_.append(*tail);
  count_ = head_.size() + tail_.size();
  const std::uint64_t blocks = in.varint();
  for (std::uint64_t i = 0; i < blocks && in.ok(); ++i) {
    blocks_.push_back(load_block(in, tells_arrivals));
    count_ += blocks_.back().count;
  }
  return in.ok();
}

void Chain::live(const std::function<void(const LiveRange&)>& tell) const {
  for (const Window* window : {&head_, &tail_}) {
    for (const Waiting& message : *window) {
      tell(just(message.body));
    }
  }
  for (const Block& block : blocks_) {
    tell(just(block.where));
    tell({block.sequence_min, block.sequence_max, block.body_bytes});
  }
}

bool Chain::references(const machines::LiveRange& within,
                       const std::function<std::optional<std::string>(const Reference&)>& read,
                       const std::function<void(const Reference&)>& tell) const {
  for (const Window* window : {&head_, &tail_}) {
    for (const Waiting& message : *window) {
      tell(message.body);
    }
  }
  for (const Block& block : blocks_) {
    tell(block.where);
    if (block.sequence_max < within.first || block.sequence_min > within.last) {
      continue;
    }
    const std::optional<std::string> bytes = read(block.where);
    std::optional<std::vector<Waiting>> messages = bytes ? read_index(*bytes) : std::nullopt;
    if (!messages) {
      return false;
    }
    for (const Waiting& message : survivors(block, std::move(*messages), Time::min())) {
      tell(message.body);
    }
  }
  return true;
}

void Chain::invariants() const {
  check(!blocks_.empty() || tail_.empty(), "without blocks all is head");
  head_.invariants();
  tail_.invariants();
  std::uint64_t count = head_.size() + tail_.size();
  std::uint64_t last_id = 0;
  for (const Block& block : blocks_) {
    check(block.id > last_id, "the numbers of blocks rise along the chain");
    check(block.count > 0, "an empty block is dropped");
    check(block.number_min <= block.number_max, "a block's numbers are a range");
    check(block.joined_min <= block.joined_max, "a block's sent times are a range");
    check(block.joined_min <= block.arrived_min, "a message arrives after it was sent");
    check(block.where.length > 0, "a block lies in the log");
    last_id = block.id;
    count += block.count;
  }
  check(count == count_, "a chain counts what it holds");
}

}  // namespace sluice::queue
