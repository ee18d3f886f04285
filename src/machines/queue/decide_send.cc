#include <algorithm>

#include "machines/queue/decide.h"
#include "machines/queue/message.h"

namespace sluice::queue {

namespace {

/// Which messages of a command an ordered queue has accepted before, or within the command.
class Recognition {
 public:
  Recognition(const Send& command, const Decision& decision) : command_(command), decision_(decision) {
    const State& state = decision.state;
    if (!state.order) {
      return;
    }
    scope_ = state.order->scope(state, decision.moment.now);
    each_.reserve(command.messages.size());
    for (const Outgoing& message : command.messages) {
      each_.push_back(recognize(message));
      if (each_.back().before.needs) {
        needs_ = each_.back().before.needs;
        return;
      }
    }
  }

  /// Nothing can be decided without this block.
  const std::optional<machines::NeedsBlock>& needs() const { return needs_; }

  /// The first one of this message, if it is a duplicate. `sent` has the answers to those before it.
  std::optional<Accepted> first(std::size_t index, Sent& sent) const {
    const One& one = each_[index];
    if (one.before.first) {
      sent.wanted.push_back(one.before.first->body);
      return Accepted{one.before.first->number, true, sent.wanted.size() - 1, {}};
    }
    if (!one.key) {
      return std::nullopt;
    }
    for (std::size_t at = 0; at < index; ++at) {
      if (each_[at].key && each_[at].key->matches(*one.key, scope_) && sent.each[at] && !sent.each[at]->duplicate) {
        return Accepted{sent.each[at]->number, true, {}, at};
      }
    }
    return std::nullopt;
  }

  void tell_accepted(std::size_t index, std::uint64_t number) const {
    const Outgoing& message = command_.messages[index];
    const std::optional<DeduplicationKey>& key = each_[index].key;
    decision_.tell(FactKind::accepted_in_order, [&](Writer& out) {
      AcceptedInOrderFact{number, group_hash(message.group), key.has_value(), key.value_or(DeduplicationKey{}),
                          message.envelope}
          .write(out);
    });
  }

 private:
  struct One {
    std::optional<DeduplicationKey> key;
    Deduplication::Found before;
  };
  One recognize(const Outgoing& message) const {
    if (message.deduplication_id.empty()) {
      return {};
    }
    One one{deduplication_key(message.deduplication_id, message.group), {}};
    one.before = decision_.state.order->ids.find(*one.key, scope_, decision_.moment.now, decision_.moment.blocks);
    return one;
  }

  const Send& command_;
  const Decision& decision_;
  DeduplicationScope scope_ = DeduplicationScope::queue;
  std::vector<One> each_;
  std::optional<machines::NeedsBlock> needs_;
};

bool lacks_id(const Send& command, const State& state) {
  return state.order && !state.settings.deduplicates_by_content &&
         std::ranges::any_of(command.messages, &Outgoing::deduplicated_by_content);
}

}  // namespace

Outcome decide(const Send& command, const Decision& decision) {
  const State& state = decision.state;
  if (!state.exists) {
    return Refusal{Reason::not_found, {}};
  }
  if (lacks_id(command, state)) {
    return Refusal{Reason::deduplication_id_missing, {}};
  }
  const Recognition recognition(command, decision);
  if (recognition.needs()) {
    return *recognition.needs();
  }
  auto sent = std::make_unique<Sent>();
  sent->message_bytes_max = state.settings.message_bytes_max;
  sent->each.reserve(command.messages.size());
  std::uint64_t number = state.number_next;
  for (std::size_t i = 0; i < command.messages.size(); ++i) {
    const Outgoing& message = command.messages[i];
    if (message.size_bytes > state.settings.message_bytes_max) {
      sent->each.push_back(refuse(Reason::invalid_setting, "message_bytes_max"));
      continue;
    }
    if (state.order) {
      if (const std::optional<Accepted> first = recognition.first(i, *sent)) {
        sent->each.push_back(*first);
        continue;
      }
      recognition.tell_accepted(i, number);
    } else {
      const Milliseconds delay = message.delay.value_or(state.settings.delay);
      decision.tell(FactKind::accepted, [&](Writer& out) {
        AcceptedFact{number, delay, message.group, message.deduplication_id, message.envelope}.write(out);
      });
    }
    sent->each.push_back(Accepted{number++});
  }
  return sent;
}

Outcome decide(const machines::Arrival& command, const Decision& decision) {
  const State& state = decision.state;
  if (!state.exists) {
    return Refusal{Reason::not_found, {}};
  }
  Reader header(command.header);
  Luggage luggage = Luggage::read(header);
  const bool is_new = header.ok() && !header.at_end() && header.u8() == arrives_as_new;
  if (!header.ok()) {
    return Refusal{Reason::invalid_setting, "header"};
  }
  if (is_new) {
    luggage = {decision.moment.now, {}, 0};
  }
  const std::string envelope = is_new ? as_new(command.body, make_uuid(decision.moment.random))
                                      : with_dead_letter_source(command.body, command.source);
  ArrivedFact arrived{state.number_next, luggage, command.source, std::nullopt, envelope};
  if (state.order) {
    arrived.group = group_hash(group_of(envelope));
  }
  decision.tell(state.order ? FactKind::arrived_in_order : FactKind::arrived, [&](Writer& out) { arrived.write(out); });
  auto sent = std::make_unique<Sent>();
  sent->message_bytes_max = state.settings.message_bytes_max;
  sent->each.push_back(Accepted{state.number_next});
  return sent;
}

}  // namespace sluice::queue
