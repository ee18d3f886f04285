#include "machines/queue/queue.h"

#include <typeinfo>

#include "base/check.h"
#include "machines/queue/apply.h"
#include "machines/queue/decide.h"
#include "machines/queue/traffic.h"

namespace sluice::queue {
namespace {

using machines::Command;
using machines::LiveRange;
using machines::Machine;
using machines::MachineId;

/// One kind of command: an exact type (they are final), told apart without a search through bases.
template <class Exact>
bool decide_if(const Command& command, const Decision& decision, Outcome& outcome) {
  if (typeid(command) != typeid(Exact)) {
    return false;
  }
  const Exact& exact = static_cast<const Exact&>(command);
  outcome = decide(exact, decision);
  if constexpr (requires { count(exact, outcome, decision.moment); }) {
    count(exact, outcome, decision.moment);
  }
  return true;
}

/// The first of these that the command is decides, the frequent first.
template <class... Exact>
bool decide_any(const Command& command, const Decision& decision, Outcome& outcome) {
  return (decide_if<Exact>(command, decision, outcome) || ...);
}

class Queue final : public Machine {
 public:
  Queue(MachineId id, const Options& options) : state_(id, options) {}

  Outcome decide(const Command& command, const machines::Moment& moment, machines::Facts& facts,
                 std::vector<machines::Departure>& departures) const override {
    if (command.proviso != nullptr && state_.exists) {
      if (std::optional<Refusal> refusal = command.proviso->refusal(state_.settings.labels)) {
        return *std::move(refusal);
      }
    }
    Outcome outcome = Refusal{Reason::not_implemented, {}};
    decide_any<Send, Receive, Acknowledge, machines::Tick, Extend, machines::BlockRead, Describe, machines::Arrival,
               machines::Departed, machines::TurnedBack, Create, Configure, Remove, Purge, Tag, Peek, Measure,
               StartMove, ListMoves, CancelMove>(command, {state_, moment, facts, departures}, outcome);
    return outcome;
  }

  void apply(const machines::Fact& fact) override { queue::apply(fact, state_); }

  Time deadline() const override { return state_.deadline(); }
  /// Also when it was removed: what waits is told so.
  bool ready() const override { return !state_.exists || state_.gives(); }
  std::optional<machines::NeedsBlock> wanted_block() const override {
    if (auto envelope = wanted_envelope(state_)) {
      return envelope;
    }
    if (!state_.ready.blocks().empty() &&
        (state_.ready.head().size() < state_.options.block_messages / 2 || reads_on_to_move(state_))) {
      return state_.ready.blocks().front().need();
    }
    if (!state_.returned.blocks().empty() && state_.returned.head().size() < state_.options.block_messages / 2) {
      return state_.returned.blocks().front().need();
    }
    for (const auto& [key, chain] : state_.apart) {
      if (!chain.blocks().empty() && chain.head().size() < state_.options.apart_messages / 2) {
        return chain.blocks().front().need();
      }
    }
    if (state_.derived.wanted_delayed) {
      return state_.delayed.at(*state_.derived.wanted_delayed).blocks().front().need();
    }
    return std::nullopt;
  }
  bool gone() const override { return !state_.exists && !state_.keeps_name(state_.now); }
  bool listed() const override { return state_.exists; }
  bool refers_to(std::string_view name) const override {
    return state_.exists &&
           (state_.settings.dead_letter_target == name || (name == moving_mark && state_.moves.active()));
  }

  machines::Parcel parcel(std::uint64_t token) const override {
    const auto at = state_.leaving.find(token);
    check(at != state_.leaving.end(), "a parcel is asked for while its message leaves");
    const Waiting& message = at->second.held.message;
    machines::Parcel parcel{{}, message.body};
    Writer header(parcel.header);
    Luggage{message.sent, message.first_received, message.receive_count}.write(header);
    if (state_.moves.sent(token)) {
      header.u8(arrives_as_new);
    }
    return parcel;
  }

  void save(Writer& out) const override { state_.save(out); }
  bool load(Reader& in) override { return state_.load(in); }

  void live(const std::function<void(const LiveRange&)>& tell) const override {
    const auto tell_one = [&](const Held& held) {
      const Reference& body = held.message.body;
      tell({body.sequence, body.sequence, body.length});
    };
    state_.ready.live(tell);
    state_.returned.live(tell);
    for (const auto* chains : {&state_.delayed, &state_.apart}) {
      for (const auto& [key, chain] : *chains) {
        chain.live(tell);
      }
    }
    state_.leases.each(tell_one);
    for (const auto& [token, message] : state_.leaving) {
      tell_one(message.held);
    }
    if (state_.order) {
      state_.order->ids.live(tell);
    }
  }
  bool references(const machines::LiveRange& within,
                  const std::function<std::optional<std::string>(const Reference&)>& read,
                  const std::function<void(const Reference&)>& tell) const override {
    state_.leases.each([&](const Held& held) { tell(held.message.body); });
    for (const auto& [token, message] : state_.leaving) {
      tell(message.held.message.body);
    }
    bool whole = state_.ready.references(within, read, tell) && state_.returned.references(within, read, tell);
    whole = whole && (!state_.order || state_.order->ids.references(within, read, tell));
    for (const auto* chains : {&state_.delayed, &state_.apart}) {
      for (const auto& [key, chain] : *chains) {
        whole = whole && chain.references(within, read, tell);
      }
    }
    return whole;
  }

  void invariants() const override { state_.invariants(); }

 private:
  State state_;
};

}  // namespace

std::unique_ptr<machines::Machine> make(MachineId id) { return make(id, Options{}); }

std::unique_ptr<machines::Machine> make(MachineId id, const Options& options) {
  return std::make_unique<Queue>(id, options);
}

}  // namespace sluice::queue
