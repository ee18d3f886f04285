#include "machines/queue/decide.h"
#include "machines/queue/message.h"

namespace sluice::queue {

Outcome decide(const Send& command, const Decision& decision) {
  const State& state = decision.state;
  if (!state.exists) {
    return Refusal{Reason::not_found, {}};
  }
  auto sent = std::make_unique<Sent>();
  sent->message_bytes_max = state.settings.message_bytes_max;
  sent->each.reserve(command.messages.size());
  std::uint64_t number = state.number_next;
  for (const Outgoing& message : command.messages) {
    if (message.size_bytes > state.settings.message_bytes_max) {
      sent->each.push_back(refuse(Reason::invalid_setting, "message_bytes_max"));
      continue;
    }
    const Milliseconds delay = message.delay.value_or(state.settings.delay);
    decision.tell(FactKind::accepted, [&](Writer& out) {
      AcceptedFact{number, delay, message.group, message.deduplication_id, message.envelope}.write(out);
    });
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
  decision.tell(FactKind::arrived,
                [&](Writer& out) { ArrivedFact{state.number_next, luggage, command.source, envelope}.write(out); });
  auto sent = std::make_unique<Sent>();
  sent->message_bytes_max = state.settings.message_bytes_max;
  sent->each.push_back(Accepted{state.number_next});
  return sent;
}

}  // namespace sluice::queue
