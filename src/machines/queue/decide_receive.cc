#include <algorithm>

#include "machines/queue/decide.h"

namespace sluice::queue {
namespace {

/// Picks what one receive gives out: messages that came back and new ones in turn, so that neither waits for the other
/// for ever.
class Picking {
 public:
  Picking(std::uint32_t count_max, const Decision& decision)
      : decision_(decision),
        state_(decision.state),
        limit_(state_.expiry_limit(decision.moment.now)),
        // More may be in flight than the bound allows: an earlier start had a higher one.
        wanted_(std::min<std::size_t>(
            count_max,
            state_.options.in_flight_max - std::min(state_.leases.in_flight(), state_.options.in_flight_max))),
        looks_left_(state_.options.looks_max),
        returned_next_(state_.returned_next),
        returned_at_(state_.returned.head().begin()),
        held_at_(state_.leases.begin()),
        chain_is_done_(state_.returned.blocks().empty()),
        all_expired_are_told_(tell_expired_blocks(limit_, decision)) {
    const std::size_t likely = std::min<std::size_t>(wanted_, state_.visible());
    batch_->messages.reserve(likely);
    batch_->wanted.reserve(likely);
    leased_.reserve(likely);
  }

  /// Goes on with the waiting messages `more`, in turn with those that came back.
  template <class Messages>
  void pick(const Messages& more) {
    auto at = more.begin();
    pick_each([&]() -> const Waiting* { return at != more.end() ? &*at++ : nullptr; });
  }
  /// The same where groups are in flight, or stand apart: quiet ones first (fair.h).
  void pick_fairly();

  /// All blocks of the chain of those that came back were looked at.
  void end_chain() { chain_is_done_ = true; }
  bool found() const { return !leased_.empty(); }
  bool wants_more() const { return !found() && wanted_ > 0 && looks_left_ > 0; }

  void tell(const Receive& receive) const;
  std::unique_ptr<Batch> batch();

 private:
  /// `next` gives one waiting message after another, in the end null.
  template <class Next>
  void pick_each(Next next) {
    const Waiting* more = next();
    while (leased_.size() < wanted_ && looks_left_ > 0) {
      const bool has_held = held_at_ != state_.leases.end() && chain_is_done_;
      const bool has_returned = returned_at_ != state_.returned.head().end() || has_held;
      if (!has_returned && more == nullptr) {
        return;
      }
      --looks_left_;
      if (!has_returned || (more != nullptr && !returned_next_)) {
        look_at(*more);
        more = next();
      } else if (returned_at_ != state_.returned.head().end()) {
        look_at(*returned_at_++);
      } else {
        look_at(*state_.leases.find((held_at_++)->second));
      }
    }
  }

  /// A noisy group's own chain.
  struct Noisy {
    Window::Iterator at, end;
    std::size_t given = 0;  ///< and in flight
  };
  const Waiting* next_quiet();
  const Waiting* next_noisy();
  const Waiting* next_new(bool noisy_first);
  void look_at(const Held& held) { look_at(held.message, true, held.received_here(), held.stays); }
  void look_at(const Waiting& message) {
    look_at(message, message.received_here > 0 || message.stays, message.received_here, message.stays);
  }
  void look_at(const Waiting& message, bool came_back, std::uint32_t received_here, bool stays) {
    if (message.expired(limit_)) {
      expired_.push_back(message.number);
    } else if (came_back && state_.must_leave(received_here, stays)) {
      // With a full outbox it stays where it is, and is not given out either.
      if (leaving_.size() < decision_.moment.departures_free) {
        leaving_.push_back(message.number);
      }
    } else {
      give(message);
      returned_next_ = !came_back;
    }
  }
  void give(const Waiting& message) {
    give_out(message, decision_, leased_, *batch_);
    // A receive waits for the sends of the messages it returns, for nothing else (design.md, Replies).
    batch_->waits_for = std::max(batch_->waits_for.value_or(0), message.body.sequence);
  }

  const Decision& decision_;
  const State& state_;
  const Time limit_;
  const std::size_t wanted_;
  std::size_t looks_left_;
  bool returned_next_;
  Window::Iterator returned_at_;
  Leases::Order::const_iterator held_at_;
  bool chain_is_done_;  ///< of those that came back the leases' turn is after the chain's: they did so later
  const bool all_expired_are_told_;
  std::vector<LeasedFact::One> leased_;
  std::vector<std::uint64_t> expired_, leaving_;
  std::unique_ptr<Batch> batch_ = std::make_unique<Batch>();
  // Of pick_fairly.
  Window::Iterator head_at_, head_end_;
  std::vector<const Waiting*> passed_;  ///< of the head, of noisy groups, not given out yet
  GroupCounts passed_by_group_;
  std::size_t passed_given_ = 0;
  std::vector<Noisy> noisy_;
};

void Picking::pick_fairly() {
  head_at_ = state_.ready.head().begin();
  head_end_ = state_.ready.head().end();
  for (const auto& [key, chain] : state_.apart) {
    if (!chain.head().empty()) {
      const std::uint64_t group = chain.head().front().group;
      noisy_.push_back({chain.head().begin(), chain.head().end(), state_.leases.in_flight_by_group().of(group)});
    }
  }
  std::uint32_t turn = state_.fair_turn;
  pick_each([&] { return next_new(turn++ % noisy_turn == noisy_turn - 1); });
}

const Waiting* Picking::next_new(bool noisy_first) {
  const Waiting* message = noisy_first ? next_noisy() : next_quiet();
  if (message == nullptr) {
    message = noisy_first ? next_quiet() : next_noisy();
  }
  return message;
}

const Waiting* Picking::next_quiet() {
  while (head_at_ != head_end_ && passed_.size() < passed_over_max) {
    const Waiting& message = *head_at_++;
    if (!is_noisy(message.group, state_)) {
      return &message;
    }
    passed_.push_back(&message);
    passed_by_group_.add(message.group);
  }
  return nullptr;
}

/// Those in the head first, then of the group of which the least is in flight.
const Waiting* Picking::next_noisy() {
  if (passed_given_ < passed_.size()) {
    return passed_[passed_given_++];
  }
  if (head_at_ != head_end_ && is_noisy(head_at_->group, state_)) {
    return &*head_at_++;
  }
  Noisy* least = nullptr;
  for (Noisy& one : noisy_) {
    if (one.at != one.end && (least == nullptr || one.given < least->given)) {
      least = &one;
    }
  }
  if (least == nullptr) {
    return nullptr;
  }
  ++least->given;
  return &*least->at++;
}

void Picking::tell(const Receive& receive) const {
  for (const auto& [group, count] : passed_by_group_) {
    const Chain* chain = state_.chain(apart_key(group));
    const bool has_room =
        chain == nullptr ? state_.apart.size() < apart_max : chain->head().size() < state_.options.head_messages;
    if (count >= apart_when_passed && has_room) {
      decision_.tell(FactKind::set_apart, [&](Writer& out) { SetApartFact{group}.write(out); });
      break;  // at most one has so many of those passed over that it hinders
    }
  }
  if (!all_expired_are_told_) {
    decision_.tell_numbers(FactKind::expired, expired_);
  }
  tell_leaving(leaving_, decision_);
  if (!leased_.empty()) {
    const Milliseconds timeout = receive.visibility_timeout.value_or(state_.settings.visibility_timeout);
    decision_.tell(FactKind::leased,
                   [&](Writer& out) { LeasedFact{timeout, decision_.moment.epoch}.write(out, leased_); });
  }
}

std::unique_ptr<Batch> Picking::batch() { return std::move(batch_); }

/// Where more visible messages lie when none is in the head: in a block, or without one in the tail of a chain whose
/// blocks turned out to hold none.
struct More {
  std::uint64_t key = ready_key;
  const Chain* chain = nullptr;
  const Block* block = nullptr;
};

/// All such places in order. `use` says whether to go on.
template <class Use>
void each_place(const Decision& decision, Use use) {
  const Time limit = decision.state.expiry_limit(decision.moment.now);
  const auto in_chain = [&](std::uint64_t key, const Chain& chain) {
    for (const Block& block : chain.blocks()) {
      if (block.joined_max <= limit) {
        continue;  // dropped, as told
      }
      if (is_delay(key) && block.joined_min + Milliseconds(key) > decision.moment.now) {
        return true;
      }
      if (!use(More{key, &chain, &block})) {
        return false;
      }
    }
    return use(More{key, &chain, nullptr});
  };
  if (!in_chain(returned_key, decision.state.returned) || !in_chain(ready_key, decision.state.ready)) {
    return;
  }
  for (const auto* chains : {&decision.state.apart, &decision.state.delayed}) {
    for (const auto& [key, chain] : *chains) {
      if (chain.head().empty() && !in_chain(key, chain)) {
        return;
      }
    }
  }
}

std::vector<Waiting> visible_of(std::uint64_t key, std::vector<Waiting> messages, Time now) {
  if (is_delay(key)) {
    std::erase_if(messages, [&](const Waiting& message) { return message.joined + Milliseconds(key) > now; });
  }
  return messages;
}

/// Has the block read into memory, and gives what of it is visible now.
std::vector<Waiting> tell_page_in(const More& more, std::vector<Waiting> messages, const Decision& decision) {
  PagedInFact paged_in{more.key, more.block->id, std::move(messages)};
  decision.tell(FactKind::paged_in, [&](Writer& out) { paged_in.write(out); });
  if (is_delay(more.key)) {
    decision.tell(FactKind::ticked, [&](Writer& out) { TickedFact{}.write(out); });
  }
  return visible_of(more.key, std::move(paged_in.messages), decision.moment.now);
}

/// Picks from what is not in the head; gives the block without which it cannot be told whether there is more.
std::optional<machines::NeedsBlock> pick_more(Picking& picking, const Decision& decision) {
  std::optional<machines::NeedsBlock> needs;
  each_place(decision, [&](const More& more) {
    if (!picking.wants_more()) {
      return false;
    }
    if (more.block == nullptr) {
      picking.end_chain();
      const Window& tail = more.chain->tail();
      picking.pick(visible_of(more.key, {tail.begin(), tail.end()}, decision.moment.now));
      return true;
    }
    std::optional<std::vector<Waiting>> messages = read_block(*more.block, decision);
    if (!messages) {
      needs = more.block->need();
      return false;
    }
    picking.pick(tell_page_in(more, std::move(*messages), decision));
    return true;
  });
  return needs;
}

/// How many messages the receive may find: all that it asks for, or as many as lie in the part that it asks.
std::uint32_t count_to_find(const Receive& command, const Decision& decision) {
  const State& state = decision.state;
  const bool sampled = command.sampled == Sampled::yes ||
                       (command.sampled == Sampled::unless_queue_waits && state.settings.receive_wait == Seconds{0});
  if (!sampled || state.visible() >= sampled_below) {
    return command.count_max;
  }
  const auto there =  // at least one: what has just become visible may not be counted yet
      static_cast<std::uint32_t>(std::clamp<std::size_t>(state.visible(), 1, std::max(1U, command.count_max)));
  std::uint32_t found = 0;
  for (std::uint32_t message = 0; message < there; ++message) {
    found += decision.moment.random.chance(sampled_share) ? 1 : 0;
  }
  return found;
}

}  // namespace

void give_out(const Waiting& message, const Decision& decision, std::vector<LeasedFact::One>& leased, Batch& batch) {
  const std::uint32_t count = message.receive_count + 1;
  const Time first = message.receive_count > 0 ? message.first_received : decision.moment.now;
  leased.push_back({message.number, count});
  batch.messages.push_back(
      {{decision.state.id, message.number, decision.moment.epoch, count}, count, message.sent, first});
  batch.wanted.push_back(message.body);
}

void tell_leaving(const std::vector<std::uint64_t>& numbers, const Decision& decision) {
  decision.tell_numbers(FactKind::dead_lettered, numbers);
  for (const std::uint64_t number : numbers) {
    decision.departures.push_back({decision.state.settings.dead_letter_target, number});
  }
}

bool tell_expired_blocks(Time limit, const Decision& decision) {
  const auto over = [limit](const Chain& chain) {
    return !chain.blocks().empty() && chain.blocks().front().joined_max <= limit;
  };
  const State& state = decision.state;
  const auto any_over = [&](const auto& chains) {
    return std::ranges::any_of(chains, [&](const auto& entry) { return over(entry.second); });
  };
  const bool any = over(state.ready) || over(state.returned) || any_over(state.delayed) || any_over(state.apart);
  if (any) {
    decision.tell(FactKind::ticked, [](Writer& out) { TickedFact{true}.write(out); });
  }
  return any;
}

Outcome decide(const Receive& command, const Decision& decision) {
  const State& state = decision.state;
  if (!state.exists) {
    return Refusal{Reason::not_found, {}};
  }
  if (state.order) {
    return receive_in_order(command, decision);
  }
  if (state.leases.in_flight() >= state.options.in_flight_max && state.visible() > 0) {
    return Refusal{Reason::too_many_in_flight, {}};
  }
  const std::uint32_t count_max = count_to_find(command, decision);
  if (count_max == 0) {
    return std::make_unique<Batch>();
  }
  Picking picking(count_max, decision);
  if (state.apart.empty() && state.leases.in_flight_by_group().empty()) {
    picking.pick(state.ready.head());
  } else {
    picking.pick_fairly();
  }
  const std::optional<machines::NeedsBlock> needs = pick_more(picking, decision);
  picking.tell(command);
  if (needs) {
    return *needs;  // what was decided so far is progress; the command comes again with the block
  }
  if (picking.found() || decision.moment.last_chance) {
    return picking.batch();
  }
  return machines::Waits{state.settings.receive_wait};
}

}  // namespace sluice::queue
