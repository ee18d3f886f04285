#include "node/cell.h"

#include "base/check.h"
#include "node/placement.h"

namespace sluice::node {
namespace {

constexpr std::uint8_t cell_version = 1;

// Payloads are written by us and checksummed by the journal: one that cannot be read is our fault.
template <class T>
T whole(const Reader& reader, T value) {
  check(reader.ok() && reader.at_end(), "a cell's fact has exactly its members");
  return value;
}

}  // namespace

Verdict verdict_of(Reason reason) {
  if (reason == Reason::not_found) {
    return Verdict::no_target;
  }
  return reason == Reason::full ? Verdict::full : Verdict::other;
}

Reason reason_of(Verdict verdict) {
  if (verdict == Verdict::no_target) {
    return Reason::not_found;
  }
  return verdict == Verdict::full ? Reason::full : Reason::dead_letter_target_refuses;
}

void Born::write(Writer& out) const {
  out.u64(machine.value);
  out.u8(static_cast<std::uint8_t>(kind));
  out.text(name);
}
Born Born::read(std::string_view payload) {
  Reader in(payload);
  Born born;
  born.machine = {in.u64()};
  born.kind = static_cast<machines::Kind>(in.u8());
  born.name = in.text();
  return whole(in, born);
}

Died Died::read(std::string_view payload) {
  Reader in(payload);
  const Died died{{in.u64()}};
  return whole(in, died);
}

void Left::write(Writer& out) const {
  out.u16(target_cell);
  out.u64(source.value);
  out.varint(token);
  out.text(target);
}
Left Left::read(std::string_view payload) {
  Reader in(payload);
  Left left;
  left.target_cell = in.u16();
  left.source = {in.u64()};
  left.token = in.varint();
  left.target = in.text();
  return whole(in, left);
}

void SettledFact::write(Writer& out) const {
  out.u16(target_cell);
  out.varint(number);
}
SettledFact SettledFact::read(std::string_view payload) {
  Reader in(payload);
  SettledFact settled;
  settled.target_cell = in.u16();
  settled.number = in.varint();
  return whole(in, settled);
}

void Arrived::write(Writer& out) const {
  out.u16(source_cell);
  out.varint(number);
  out.varint(settled_through);
  out.u8(static_cast<std::uint8_t>(verdict));
}
Arrived Arrived::read(std::string_view payload) {
  Reader in(payload);
  Arrived arrived;
  arrived.source_cell = in.u16();
  arrived.number = in.varint();
  arrived.settled_through = in.varint();
  arrived.verdict = static_cast<Verdict>(in.u8());
  return whole(in, arrived);
}

const Inbox& Cell::inbox(std::uint16_t source) const {
  static const Inbox nothing_yet;
  const auto found = inbox_.find(source);
  return found == inbox_.end() ? nothing_yet : found->second;
}

void Cell::apply(const Frame& fact, std::uint64_t sequence) {
  switch (static_cast<CellFact>(fact.kind)) {
    case CellFact::born: {
      const Born born = Born::read(fact.payload);
      check(born.machine == next_machine(), "machine numbers of a cell follow one another");
      ++next_number_;
      return;
    }
    case CellFact::died:
      return;  // the machines are not the cell's own state
    case CellFact::left: {
      const Left left = Left::read(fact.payload);
      check(left.target_cell < cells_max, "a transfer goes to a cell that there is");
      outbox_[left.target_cell].slots.push_back({left.source, left.token, std::string(left.target), sequence});
      ++departures_;
      return;
    }
    case CellFact::settled: {
      const SettledFact settled = SettledFact::read(fact.payload);
      Channel& from = outbox_[settled.target_cell];
      check(!from.slots.empty() && settled.number == from.settled_through + 1, "transfers are settled in their order");
      from.slots.pop_front();
      ++from.settled_through;
      --departures_;
      return;
    }
    case CellFact::arrived: {
      const Arrived arrived = Arrived::read(fact.payload);
      Inbox& inbox = inbox_[arrived.source_cell];
      check(arrived.number == inbox.through + 1, "a cell takes only the next transfer of another");
      inbox.through = arrived.number;
      inbox.refused.erase(inbox.refused.begin(), inbox.refused.upper_bound(arrived.settled_through));
      if (arrived.verdict != Verdict::taken) {
        inbox.refused.emplace(arrived.number, arrived.verdict);
      }
      return;
    }
  }
  check(false, "a cell's fact is of a kind that we know");
}

void Cell::save(Writer& out) const {
  out.u8(cell_version);
  out.varint(next_number_);
  out.varint(outbox_.size());
  for (const auto& [target, from] : outbox_) {
    out.u16(target);
    out.varint(from.settled_through);
    out.varint(from.slots.size());
    for (const Slot& slot : from.slots) {
      out.u64(slot.source.value);
      out.varint(slot.token);
      out.text(slot.target);
    }
  }
  out.varint(inbox_.size());
  for (const auto& [source, inbox] : inbox_) {
    out.u16(source);
    out.varint(inbox.through);
    out.varint(inbox.refused.size());
    for (const auto& [number, verdict] : inbox.refused) {
      out.varint(number);
      out.u8(static_cast<std::uint8_t>(verdict));
    }
  }
}

bool Cell::load(Reader& in) {
  if (in.u8() != cell_version) {
    return false;
  }
  next_number_ = in.varint();
  for (std::uint64_t channels = in.varint(); channels > 0 && in.ok(); --channels) {
    Channel& to = outbox_[in.u16()];
    to.settled_through = in.varint();
    to.told_settled = to.settled_through;
    for (std::uint64_t slots = in.varint(); slots > 0 && in.ok(); --slots) {
      Slot slot;
      slot.source = {in.u64()};
      slot.token = in.varint();
      slot.target = in.text();
      to.slots.push_back(std::move(slot));
      ++departures_;
    }
  }
  for (std::uint64_t sources = in.varint(); sources > 0 && in.ok(); --sources) {
    Inbox& inbox = inbox_[in.u16()];
    inbox.through = in.varint();
    for (std::uint64_t refused = in.varint(); refused > 0 && in.ok(); --refused) {
      const std::uint64_t number = in.varint();
      inbox.refused[number] = static_cast<Verdict>(in.u8());
    }
  }
  return in.ok() && in.at_end() && next_number_ > 0;
}

void Cell::invariants() const {
  std::size_t waiting = 0;
  for (const auto& [target, from] : outbox_) {
    waiting += from.slots.size();
    check(target < cells_max, "an outbox goes to a cell that there is");
    check(from.told_settled <= from.settled_through, "what is told as settled is settled");
  }
  check(waiting == departures_, "the outbox counts what it holds");
  for (const auto& [source, inbox] : inbox_) {
    check(source < cells_max, "an inbox comes from a cell that there is");
    check(inbox.refused.empty() || inbox.refused.rbegin()->first <= inbox.through, "what is refused has arrived");
  }
}

}  // namespace sluice::node
