// What a receive of an ordered queue gives out: group by group in turn, of each what stands before its first hidden
// message, in the order of sending (spec/sqs.md §7).
#include <algorithm>

#include "machines/queue/decide.h"

namespace sluice::queue {
namespace {

class OrderedPicking {
 public:
  OrderedPicking(const Receive& receive, const Decision& decision)
      : receive_(receive),
        decision_(decision),
        state_(decision.state),
        order_(*decision.state.order),
        limit_(state_.expiry_limit(decision.moment.now)),
        wanted_(std::min<std::size_t>(receive.count_max, room(state_.leases.in_flight()))),
        new_room_(room(state_.leases.size())),
        looks_left_(state_.options.looks_max),
        all_expired_are_told_(tell_expired_blocks(limit_, decision)),
        returned_at_(order_.groups.returned().begin()),
        fresh_at_(order_.groups.fresh().begin()),
        head_messages_(state_.ready.head().size()) {}

  /// Gives the block without which it cannot be told whether there is more.
  std::optional<machines::NeedsBlock> pick() {
    pick_groups(first_beyond_head());
    std::optional<machines::NeedsBlock> needs;
    if (!found() && wants_more() && next_group() != nullptr) {
      needs = read_on(state_.options.fair_messages_max);
    }
    if (!needs) {
      pick_groups(behind_all);
    }
    if (!needs && !found() && wants_more()) {
      needs = read_on(state_.options.locked_messages_max);
    }
    return needs;
  }

  bool found() const { return !leased_.empty(); }
  void tell() const;
  std::unique_ptr<Batch> batch() { return std::move(batch_); }

 private:
  using Places = Groups::Queue::const_iterator;
  static constexpr std::uint64_t behind_all = ~std::uint64_t{0};

  std::size_t room(std::size_t taken) const {
    return state_.options.in_flight_max - std::min(taken, state_.options.in_flight_max);
  }
  bool wants_more() const { return leased_.size() < wanted_ && looks_left_ > 0; }

  /// A group whose turn is behind this message was given out of before; what lies beyond the head was not.
  std::uint64_t first_beyond_head() const {
    return can_read_on(state_.options.fair_messages_max) ? state_.ready.blocks().front().number_min : behind_all;
  }
  bool can_read_on(std::size_t messages_max) const {
    return new_room_ > 0 && order_.may_read_on(state_, messages_max, decision_.moment.now);
  }

  /// The next in turn of which something can be taken, among those in the head; null: none.
  const std::pair<Turn, std::uint64_t>* next_group() const {
    const bool has_returned = returned_at_ != order_.groups.returned().end();
    const bool has_fresh = fresh_at_ != order_.groups.fresh().end() && new_room_ > 0;
    if (has_returned && (!has_fresh || *returned_at_ < *fresh_at_)) {
      return &*returned_at_;
    }
    return has_fresh ? &*fresh_at_ : nullptr;
  }

  void pick_groups(std::uint64_t before_number) {
    while (wants_more()) {
      const auto* next = next_group();
      if (next == nullptr || next->first.number >= before_number) {
        return;
      }
      const std::uint64_t group = next->second;
      const bool is_returned = returned_at_ != order_.groups.returned().end() && next == &*returned_at_;
      ++(is_returned ? returned_at_ : fresh_at_);
      if (pick_group(*order_.groups.find(group))) {
        emptied_.push_back(group);
      }
    }
  }

  /// Whether all of it that is in the head goes away: what follows beyond the head is free then.
  bool pick_group(const Groups::Group& group) {
    const std::size_t before = leased_.size();
    for (const std::uint64_t number : group.received) {
      if (!wants_more() || !state_.leases.is_visible(number) || !look_at(*state_.leases.find(number))) {
        return false;
      }
    }
    for (const std::uint64_t number : group.waiting) {
      if (!wants_more() || !look_at(*state_.ready.head().find(number))) {
        return false;
      }
    }
    return leased_.size() == before;
  }
  bool is_in_head(std::uint64_t group) const {
    return order_.groups.find(group) != nullptr && std::ranges::find(emptied_, group) == emptied_.end();
  }

  /// False: the rest of its group has to wait.
  bool look_at(const Held& held) {
    --looks_left_;
    if (held.message.expired(limit_)) {
      expired_.push_back(held.message.number);
      ++new_room_;
    } else if (state_.must_leave(held)) {
      if (leaving_.size() >= decision_.moment.departures_free) {
        return false;
      }
      leaving_.push_back(held.message.number);
      ++new_room_;
    } else {
      give(held.message);
    }
    return true;
  }
  bool look_at(const Waiting& message) {
    --looks_left_;
    if (message.expired(limit_)) {
      expired_.push_back(message.number);
      return true;
    }
    if (new_room_ == 0) {
      return false;
    }
    --new_room_;
    give(message);
    return true;
  }
  void give(const Waiting& message) { give_out(message, decision_, leased_, *batch_); }

  /// Makes the head longer, block by block, until a group is found that is in none so far and so is free.
  std::optional<machines::NeedsBlock> read_on(std::size_t messages_max) {
    const Chain& chain = state_.ready;
    if (!emptied_.empty()) {
      pick_new_groups(beyond_);  // what was read before these groups were looked at
    }
    for (; blocks_read_ < chain.blocks().size(); ++blocks_read_) {
      const Block& block = chain.blocks()[blocks_read_];
      if (found() || !wants_more() || new_room_ == 0 || head_messages_ >= messages_max ||
          block.joined_min + state_.settings.delay > decision_.moment.now) {
        return std::nullopt;
      }
      if (block.joined_max <= limit_) {
        continue;  // dropped, as told
      }
      std::optional<std::vector<Waiting>> messages = read_block(block, decision_);
      if (!messages) {
        return block.need();
      }
      const PagedInFact paged_in{ready_key, block.id, std::move(*messages)};
      decision_.tell(FactKind::paged_in, [&](Writer& out) { paged_in.write(out); });
      head_messages_ += paged_in.messages.size();
      pick_new_groups(paged_in.messages);
      beyond_.insert(beyond_.end(), paged_in.messages.begin(), paged_in.messages.end());
    }
    if (!found() && wants_more() && new_room_ > 0) {
      pick_new_groups(chain.tail());
    }
    return std::nullopt;
  }

  /// Of messages beyond the head.
  template <class Messages>
  void pick_new_groups(const Messages& messages) {
    std::vector<std::uint64_t> groups;  // in the order of their first messages
    for (const Waiting& message : messages) {
      if (message.joined + state_.settings.delay > decision_.moment.now) {
        break;
      }
      if (groups.size() < wanted_ && !is_in_head(message.group) &&
          std::ranges::find(groups, message.group) == groups.end()) {
        groups.push_back(message.group);
      }
    }
    for (const std::uint64_t group : groups) {
      for (const Waiting& message : messages) {
        if (message.joined + state_.settings.delay > decision_.moment.now || !wants_more()) {
          break;
        }
        if (message.group == group && !look_at(message)) {
          break;
        }
      }
    }
  }

  const Receive& receive_;
  const Decision& decision_;
  const State& state_;
  const Order& order_;
  const Time limit_;
  const std::size_t wanted_;
  std::size_t new_room_, looks_left_;
  const bool all_expired_are_told_;
  Places returned_at_, fresh_at_;
  std::size_t blocks_read_ = 0, head_messages_;
  std::vector<Waiting> beyond_;  ///< what was read
  std::vector<LeasedFact::One> leased_;
  std::vector<std::uint64_t> expired_, leaving_, emptied_;
  std::unique_ptr<Batch> batch_ = std::make_unique<Batch>();
};

Milliseconds timeout_of(const Receive& receive, const State& state) {
  return receive.visibility_timeout.value_or(state.settings.visibility_timeout);
}

void OrderedPicking::tell() const {
  if (!all_expired_are_told_) {
    decision_.tell_numbers(FactKind::expired, expired_);
  }
  tell_leaving(leaving_, decision_);
  if (leased_.empty()) {
    return;
  }
  const Milliseconds timeout = timeout_of(receive_, state_);
  decision_.tell(FactKind::leased,
                 [&](Writer& out) { LeasedFact{timeout, decision_.moment.epoch}.write(out, leased_); });
  if (!receive_.attempt_id.empty() && timeout.count() > 0) {
    std::vector<std::uint64_t> numbers;
    for (const LeasedFact::One& one : leased_) {
      numbers.push_back(one.number);
    }
    decision_.tell(FactKind::attempted,
                   [&](Writer& out) { AttemptedFact{digest(receive_.attempt_id)}.write(out, numbers); });
  }
}

/// The same messages and leases once more, if the attempt is known and all of them are as it left them.
std::unique_ptr<Batch> repeat(const Receive& receive, const Decision& decision) {
  const State& state = decision.state;
  if (receive.attempt_id.empty()) {
    return nullptr;
  }
  const Digest id = digest(receive.attempt_id);
  const std::vector<std::uint64_t>* numbers = state.order->attempts.find(id, decision.moment.now);
  if (numbers == nullptr) {
    return nullptr;
  }
  auto batch = std::make_unique<Batch>();
  const Time limit = state.expiry_limit(decision.moment.now);
  for (const std::uint64_t number : *numbers) {
    const Held& held = *state.leases.find(number);
    if (held.deadline() <= decision.moment.now || held.message.expired(limit)) {
      return nullptr;
    }
    batch->messages.push_back({{state.id, number, held.epoch, held.count},
                               held.message.receive_count,
                               held.message.sent,
                               held.message.first_received});
    batch->wanted.push_back(held.message.body);
  }
  decision.tell(FactKind::repeated, [&](Writer& out) { RepeatedFact{id, timeout_of(receive, state)}.write(out); });
  return batch;
}

}  // namespace

Outcome receive_in_order(const Receive& command, const Decision& decision) {
  if (std::unique_ptr<Batch> repeated = repeat(command, decision)) {
    return repeated;
  }
  OrderedPicking picking(command, decision);
  const std::optional<machines::NeedsBlock> needs = picking.pick();
  picking.tell();
  if (needs) {
    return *needs;  // what was decided so far is progress; the command comes again with the block
  }
  if (picking.found() || decision.moment.last_chance) {
    return picking.batch();
  }
  return machines::Waits{decision.state.settings.receive_wait};
}

}  // namespace sluice::queue
