#include "machines/queue/decide.h"
#include "machines/queue/move.h"

namespace sluice::queue {
namespace {

Outcome done() { return std::make_unique<machines::Reply>(); }

void tell_page_due(std::uint64_t key, std::uint64_t& block, const Decision& decision) {
  const Page page = decision.state.page_due(key);
  if (page.count == 0) {
    return;
  }
  const std::vector<Waiting> messages = decision.state.chain(key)->page(page);
  decision.tell(FactKind::paged_out,
                [&](Writer& out) { PagedOutFact{key, block, page.keep, page.count}.write(out, messages); });
  ++block;
}

/// The earliest of those that came back: they are given out first, and paged out from there.
void tell_returned_due(const Decision& decision) {
  const State& state = decision.state;
  std::vector<std::uint64_t> numbers;
  for (auto at = state.leases.begin(); numbers.size() < state.returned_due(); ++at) {
    numbers.push_back(at->second);
  }
  decision.tell_numbers(FactKind::queued_again, numbers);
}

/// A group with a long backlog is set apart first: then no page may be due any more. True: that was told.
bool tell_ready_page_due(std::uint64_t& block, const Decision& decision) {
  if (decision.state.page_due(ready_key).count == 0) {
    return false;
  }
  const std::vector<std::uint64_t> groups = groups_to_set_apart(decision.state);
  for (const std::uint64_t group : groups) {
    decision.tell(FactKind::set_apart, [&](Writer& out) { SetApartFact{group}.write(out); });
  }
  if (groups.empty()) {
    tell_page_due(ready_key, block, decision);
  }
  return !groups.empty();
}

void tell_ids_page_due(std::uint64_t& block, const Decision& decision) {
  if (const std::size_t count = decision.state.ids_page_due(); count > 0) {
    decision.tell(FactKind::ids_paged_out, [&](Writer& out) {
      IdsPagedOutFact{block, count}.write(out, decision.state.order->ids.page(count));
    });
    ++block;
  }
}

/// The chain that begins with this block, or null: it is stale.
const Chain* chain_before(std::uint64_t block, const State& state, std::uint64_t& key) {
  const auto begins = [block](const Chain& chain) {
    return !chain.blocks().empty() && chain.blocks().front().id == block;
  };
  for (const std::uint64_t own : {ready_key, returned_key}) {
    if (begins(*state.chain(own))) {
      key = own;
      return state.chain(own);
    }
  }
  for (const auto* chains : {&state.delayed, &state.apart}) {
    for (const auto& [its_key, chain] : *chains) {
      if (begins(chain)) {
        key = its_key;
        return &chain;
      }
    }
  }
  return nullptr;
}

}  // namespace

std::optional<std::vector<Waiting>> read_block(const Block& block, const Decision& decision) {
  const auto at = decision.moment.blocks.find(block.id);
  if (at == decision.moment.blocks.end()) {
    return std::nullopt;
  }
  std::optional<std::vector<Waiting>> messages = read_index(std::string_view(at->second));
  if (!messages) {
    return std::nullopt;
  }
  return survivors(block, std::move(*messages), decision.state.expiry_limit(decision.moment.now));
}

Outcome decide(const machines::Tick&, const Decision& decision) {
  const State& state = decision.state;
  const Time now = decision.moment.now;
  if (state.deadline() > now) {
    return done();
  }
  // Pages first: they are of the chains as they are before time goes on, and what they take does not move now.
  std::uint64_t block = state.block_next;
  if (state.any_page_due()) {
    const bool sets_apart = tell_ready_page_due(block, decision);
    tell_page_due(returned_key, block, decision);
    for (const auto& [key, chain] : state.delayed) {
      tell_page_due(key, block, decision);
    }
    for (auto at = state.apart.begin(); at != state.apart.end() && !sets_apart; ++at) {
      tell_page_due(at->first, block, decision);
    }
    tell_ids_page_due(block, decision);
  } else if (state.returned_due() > 0) {
    tell_returned_due(decision);
  } else {
    tell_moves(decision);
  }
  decision.tell(FactKind::ticked, [&](Writer& out) { TickedFact{state.expiry_due() <= now}.write(out); });
  return done();
}

Outcome decide(const machines::BlockRead& command, const Decision& decision) {
  const State& state = decision.state;
  if ((command.block & envelope_block) != 0) {
    tell_moved(command, decision);
    return done();
  }
  std::uint64_t key = ready_key;
  const Chain* chain = chain_before(command.block, state, key);
  if (chain == nullptr || (chain->head().size() > state.options.head_messages && !reads_on_to_move(state))) {
    return done();
  }
  const Block& block = chain->blocks().front();
  std::optional<std::vector<Waiting>> messages = read_block(block, decision);
  if (messages) {
    decision.tell(FactKind::paged_in,
                  [&](Writer& out) { PagedInFact{key, block.id, std::move(*messages)}.write(out); });
  }
  return done();
}

Outcome decide(const machines::Departed& command, const Decision& decision) {
  if (decision.state.leaving.contains(command.token)) {
    decision.tell_numbers(FactKind::departed, {command.token});
  }
  return done();
}

Outcome decide(const machines::TurnedBack& command, const Decision& decision) {
  if (decision.state.leaving.contains(command.token)) {
    tell_move_refused(command, decision);
    decision.tell_numbers(FactKind::turned_back, {command.token});
  }
  return done();
}

}  // namespace sluice::queue
