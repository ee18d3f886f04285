#include "node/transfers.h"

#include <utility>

#include "base/check.h"
#include "node/core.h"

namespace sluice::node {
namespace {

constexpr std::size_t transfers_per_letter_max = 64;
constexpr std::size_t letter_bytes_max = 1U << 20;  // of bodies; a letter holds at least one
constexpr Milliseconds try_again_after{100};        // a target or source that could not write now (disk full)

}  // namespace

void TransferLetter::arrive(Core& here) {
  if (returning) {
    here.transfers.settle(*this);
  } else {
    here.transfers.take(*this);
  }
}

void TransferLetter::released(Core& here, bool durable) {
  failed = !durable;
  returning = true;
  here.send(*this, here.shared.placement.core_of(source_cell));
}

void TransferLetter::ride(Core& here, Cell& cell, Lane& lane, const machines::Outcome& outcome) {
  if (returning) {
    here.transfers.write_settled(*this, cell, lane);
    return;
  }
  const auto* refusal = std::get_if<Refusal>(&outcome);
  here.transfers.write_arrived(*this, cell, lane, refusal == nullptr ? Verdict::taken : verdict_of(refusal->reason));
}

void TransferLetter::concluded(Core& here, Conclusion conclusion) {
  stopped = !conclusion.decided;
  if (deciding) {
    return;  // whoever asks goes on by itself
  }
  if (returning) {
    here.transfers.settle_next(*this);
  } else {
    here.transfers.take_next(*this);
  }
}

// Nothing was written of it: the item is looked at anew, and finds nobody.
void TransferLetter::machine_gone(Core& here, Host&) { concluded(here, {}); }

// At the source

void Transfers::begin() {
  for (const auto& cell : core_.cells) {
    if (cell != nullptr) {
      for (auto& [target_cell, channel] : cell->outbox()) {
        send_next(*cell, target_cell);
      }
    }
  }
}

void Transfers::given(Cell& cell, std::uint16_t target_cell) {
  Channel& channel = cell.outbox().at(target_cell);
  if (!channel.listed) {
    channel.listed = true;
    waiting_.push_back({cell.number(), target_cell});
  }
}

void Transfers::flushed(Lane&) {
  if (waiting_.empty()) {
    return;
  }
  std::swap(waiting_, looked_at_);
  for (const Waiting& waiting : looked_at_) {
    Cell& cell = core_.cell(waiting.cell);
    cell.outbox().at(waiting.target_cell).listed = false;
    send_next(cell, waiting.target_cell);
  }
  looked_at_.clear();
}

void Transfers::send_next(Cell& cell, std::uint16_t target_cell) {
  Channel& channel = cell.outbox().at(target_cell);
  if (channel.away || channel.retries || channel.slots.empty() || core_.is_stopping()) {
    return;
  }
  Lane& lane = core_.lane_of_cell(cell.number());
  if (lane.journal().failed()) {
    return;
  }
  if (!lane.is_durable(channel.slots.front().given)) {
    given(cell, target_cell);
    return;
  }
  // What the target forgets on our word must never be sent again: only what is settled durably is told.
  if (lane.is_durable(channel.ended_by)) {
    channel.told_settled = channel.settled_through;
  }
  auto letter = std::make_unique<TransferLetter>();
  letter->source_cell = cell.number();
  letter->target_cell = target_cell;
  letter->first = channel.settled_through + 1;
  letter->settled_through = channel.told_settled;
  TransferLetter& packed = *letter;
  channel.letter = std::move(letter);
  channel.away = true;
  ++core_.pending;
  pack(cell, channel, packed);
}

void Transfers::pack(Cell& cell, Channel& channel, TransferLetter& letter) {
  Lane& lane = core_.lane_of_cell(cell.number());
  std::size_t bytes = 0;
  std::vector<std::pair<std::size_t, Reference>> bodies;
  for (const Slot& slot : channel.slots) {
    if (letter.items.size() == transfers_per_letter_max || bytes > letter_bytes_max || !lane.is_durable(slot.given)) {
      break;
    }
    TransferLetter::Item& item = letter.items.emplace_back();
    item.source = slot.source;
    item.token = slot.token;
    item.target = slot.target;
    const Host* const host = core_.hosts.find(slot.source);
    if (host == nullptr || host->machine == nullptr) {
      item.is_void = true;
      continue;
    }
    machines::Parcel parcel = host->machine->parcel(slot.token);
    item.source_name = host->name;
    item.header = std::move(parcel.header);
    bytes += parcel.body.length;
    bodies.emplace_back(letter.items.size() - 1, parcel.body);
  }
  letter.reads_pending = 1;  // so that it does not leave before all are asked for
  for (const auto& [at, body] : bodies) {
    pack_body(letter, at, lane, body);
  }
  --letter.reads_pending;
  dispatch_if_packed(letter);
}

void Transfers::pack_body(TransferLetter& letter, std::size_t at, Lane& lane, const Reference& body) {
  if (lane.journal().read_now(body, letter.items[at].body)) {
    return;
  }
  ++letter.reads_pending;
  lane.journal().read(body, [this, &letter, at](std::optional<std::string> got) {
    const Turn turn(core_);
    letter.items[at].is_void = !got;
    letter.items[at].body = std::move(got).value_or(std::string());
    --letter.reads_pending;
    dispatch_if_packed(letter);
  });
}

void Transfers::dispatch_if_packed(TransferLetter& letter) {
  if (letter.reads_pending == 0) {
    core_.send(letter, core_.shared.placement.core_of(letter.target_cell));
  }
}

// At the target

void Transfers::take(TransferLetter& letter) {
  letter.at = 0;
  letter.stopped = false;
  take_next(letter);
}

// One item after another, each in an entry of its own; goes on from `concluded` where a block had to be read.
void Transfers::take_next(TransferLetter& letter) {
  Cell& cell = core_.cell(letter.target_cell);
  Lane& lane = core_.lane_of_cell(letter.target_cell);
  letter.deciding = true;
  while (!letter.stopped && !lane.journal().failed() && letter.verdicts.size() < letter.items.size()) {
    letter.at = letter.verdicts.size();
    const Inbox& inbox = cell.inbox(letter.source_cell);
    const std::uint64_t number = letter.first + letter.at;
    if (number <= inbox.through) {
      const auto refused = inbox.refused.find(number);
      letter.verdicts.push_back(refused == inbox.refused.end() ? Verdict::taken : refused->second);
      continue;
    }
    TransferLetter::Item& item = letter.items[letter.at];
    Host* const host = core_.hosts.find(item.target, Placement::hash(item.target));
    if (item.is_void || host == nullptr || host->machine == nullptr) {
      const Verdict verdict = !item.is_void && host == nullptr ? Verdict::no_target : Verdict::other;
      core_.decider.cell_entry(cell, lane, [&] { write_arrived(letter, cell, lane, verdict); });
      continue;
    }
    auto arrival = std::make_unique<machines::Arrival>();
    arrival->source = item.source_name;
    arrival->header = item.header;
    arrival->body = std::move(item.body);
    letter.command = std::move(arrival);
    if (core_.decider.consult(*host, letter) == Decider::Standing::blocked) {
      letter.deciding = false;
      return;
    }
  }
  letter.deciding = false;
  letter.command.reset();
  answer(letter);
}

void Transfers::write_arrived(TransferLetter& letter, Cell& cell, Lane& lane, Verdict verdict) {
  const Arrived arrived{letter.source_cell, letter.first + letter.at, letter.settled_through, verdict};
  core_.decider.cell_fact(cell, lane, CellFact::arrived, [&](Writer& out) { arrived.write(out); });
  letter.verdicts.push_back(verdict);
}

// The source hears of it once all of it is durable, what an earlier life has written included.
void Transfers::answer(TransferLetter& letter) {
  Lane& lane = core_.lane_of_cell(letter.target_cell);
  if (lane.is_durable(lane.last_sequence)) {
    letter.released(core_, true);
  } else if (lane.journal().failed()) {
    letter.released(core_, false);
  } else {
    lane.hold(lane.last_sequence, letter);
  }
}

// Back at the source

void Transfers::settle(TransferLetter& letter) {
  letter.at = 0;
  letter.stopped = false;
  if (letter.failed) {
    letter.verdicts.clear();
  }
  settle_next(letter);
}

void Transfers::settle_next(TransferLetter& letter) {
  Cell& cell = core_.cell(letter.source_cell);
  Lane& lane = core_.lane_of_cell(letter.source_cell);
  const Channel& channel = cell.outbox().at(letter.target_cell);
  letter.deciding = true;
  while (!letter.stopped && !lane.journal().failed()) {
    letter.at = channel.settled_through + 1 - letter.first;
    if (letter.at >= letter.verdicts.size()) {
      break;
    }
    const TransferLetter::Item& item = letter.items[letter.at];
    Host* const host = core_.hosts.find(item.source);
    if (host == nullptr || host->machine == nullptr) {
      core_.decider.cell_entry(cell, lane, [&] { write_settled(letter, cell, lane); });
      continue;
    }
    if (letter.verdicts[letter.at] == Verdict::taken) {
      auto departed = std::make_unique<machines::Departed>();
      departed->token = item.token;
      letter.command = std::move(departed);
    } else {
      auto turned_back = std::make_unique<machines::TurnedBack>();
      turned_back->token = item.token;
      turned_back->reason = reason_of(letter.verdicts[letter.at]);
      letter.command = std::move(turned_back);
    }
    if (core_.decider.consult(*host, letter) == Decider::Standing::blocked) {
      letter.deciding = false;
      return;
    }
  }
  letter.deciding = false;
  rest(letter);
}

void Transfers::write_settled(TransferLetter& letter, Cell& cell, Lane& lane) {
  const SettledFact settled{letter.target_cell, letter.first + letter.at};
  core_.decider.cell_fact(cell, lane, CellFact::settled, [&](Writer& out) { settled.write(out); });
  cell.outbox().at(letter.target_cell).ended_by = lane.entry.position().sequence;
}

// The letter has done what it could; the next one leaves, or the same again after a while.
void Transfers::rest(TransferLetter& letter) {
  Cell& cell = core_.cell(letter.source_cell);
  const std::uint16_t target_cell = letter.target_cell;
  Channel& channel = cell.outbox().at(target_cell);
  const bool whole = channel.settled_through + 1 == letter.first + letter.items.size();
  const bool failed = letter.failed;
  channel.letter.reset();
  channel.away = false;
  if (!failed && !whole) {
    try_again(cell.number(), target_cell);
  } else if (!failed) {
    send_next(cell, target_cell);
  }
  core_.ended();
}

void Transfers::try_again(std::uint16_t cell, std::uint16_t target_cell) {
  core_.cell(cell).outbox().at(target_cell).retries = true;
  core_.loop.after(try_again_after, [this, cell, target_cell] {
    const Turn turn(core_);
    core_.cell(cell).outbox().at(target_cell).retries = false;
    send_next(core_.cell(cell), target_cell);
  });
}

}  // namespace sluice::node
