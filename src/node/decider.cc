#include "node/decider.h"

#include <fmt/format.h>

#include <cstdio>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "node/core.h"

namespace sluice::node {
namespace {

using machines::NeedsBlock;
using machines::Outcome;

// A command that needs more blocks than this one after another will never have enough.
constexpr int blocks_per_command_max = 10'000;

struct Scene {
  const Host& host;
  std::uint64_t sequence;
};
void describe(const void* subject, char* text, unsigned long text_bytes) {
  const Scene& scene = *static_cast<const Scene*>(subject);
  std::snprintf(text, text_bytes, "machine %llx \"%s\", journal %u, sequence %llu",
                static_cast<unsigned long long>(scene.host.id.value), scene.host.name.c_str(),
                static_cast<unsigned>(scene.host.lane.number()), static_cast<unsigned long long>(scene.sequence));
}

std::optional<Reason> stops(Core& core, Lane& lane, Need need) {
  if (lane.journal().failed()) {
    return Reason::unavailable;
  }
  if (!lane.journal().admits(need)) {
    return lane.journal().disk_full() ? Reason::no_space : Reason::full;
  }
  if (need != Need::reclaims && lane.journal().unflushed_bytes() > core.shared.limits.unflushed_bytes_max) {
    return Reason::full;
  }
  return std::nullopt;
}

Answer refused(Reason reason, std::string detail = {}) { return refuse(reason, std::move(detail)); }

}  // namespace

// Questions

void Decider::serve(Inquiry& inquiry) {
  Host* const host = core_.hosts.find(inquiry.name, inquiry.name_hash);
  const bool is_meant = host != nullptr && (!inquiry.only || *inquiry.only == host->id);
  if (is_meant) {
    consult(*host, inquiry);
    return;
  }
  if (host == nullptr && inquiry.make && !inquiry.only) {
    give_birth(inquiry, *inquiry.make);
    return;
  }
  // That it is gone must itself be durable before anybody is told.
  Lane& lane = core_.lane_of_cell(Placement::cell_of(inquiry.name_hash));
  inquiry.concluded(core_, {refused(Reason::not_found), &lane, lane.life_sequence});
}

Decider::Standing Decider::consult(Host& host, Matter& matter) {
  Lane& lane = host.lane;
  if (host.machine == nullptr) {
    matter.concluded(core_, {refused(Reason::machine_set_aside, host.name), &lane, 0});
    return Standing::concluded;
  }
  if (const auto reason = stops(core_, lane, matter.command->need())) {
    matter.concluded(core_, {refused(*reason), &lane, 0, false});
    return Standing::concluded;
  }
  open(lane);
  Outcome outcome;
  const bool current = bring_up_to_date(host);
  if (host.machine->gone()) {
    commit(&host, host.cell, lane);  // its time has come: nothing of that name is here now
    matter.machine_gone(core_, host);
    return Standing::concluded;
  }
  const Step step = current ? decide_with_blocks(host, *matter.command, matter.last_chance, outcome) : Step::blocked;
  const bool waits = step == Step::decided && std::holds_alternative<machines::Waits>(outcome);
  if (step == Step::decided && !waits) {
    matter.ride(core_, host.cell, lane, outcome);
  }
  commit(&host, host.cell, lane);
  if (step == Step::entry_full) {
    return consult(host, matter);
  }
  if (step == Step::blocked) {
    host.blocked.push_back(matter);
    return Standing::blocked;
  }
  if (host.blocked.empty()) {
    host.blocks.trim(core_.shared.limits.block_cache_bytes_max);
  }
  if (!waits) {
    conclude(host, matter, std::move(outcome));
    return Standing::concluded;
  }
  check(!matter.last_chance, "a machine answers at the last chance");
  switch (matter.parks(core_, host, std::get<machines::Waits>(outcome).at_most)) {
    case Matter::Parks::waits:
      host.waiting.push_back(matter);
      return Standing::waiting;
    case Matter::Parks::no_room:
      matter.concluded(core_, {refused(Reason::full), &lane, 0, false});
      return Standing::concluded;
    case Matter::Parks::cannot:
      break;
  }
  matter.last_chance = true;
  return consult(host, matter);
}

void Decider::conclude(Host& host, Matter& matter, Outcome outcome) {
  Conclusion conclusion{{}, &host.lane, host.last_sequence};
  if (auto* refusal = std::get_if<Refusal>(&outcome)) {
    conclusion.answer = std::unexpected(std::move(*refusal));
  } else {
    conclusion.answer = std::move(std::get<std::unique_ptr<machines::Reply>>(outcome));
    conclusion.waits_for = (*conclusion.answer)->waits_for.value_or(host.last_sequence);
  }
  matter.concluded(core_, std::move(conclusion));
}

void Decider::give_birth(Inquiry& inquiry, machines::Kind kind) {
  Cell& cell = core_.cell(Placement::cell_of(inquiry.name_hash));
  Lane& lane = core_.lane_of_cell(cell.number());
  if (const auto reason = stops(core_, lane, inquiry.command->need())) {
    inquiry.concluded(core_, {refused(*reason), &lane, 0, false});
    return;
  }
  const machines::MachineId id = cell.next_machine();
  auto unborn = std::make_unique<Host>(id, kind, inquiry.name, cell, lane);
  Host& host = *unborn;
  host.machine = core_.shared.factory(kind, id);

  open(lane);
  machines::Facts life(lane.entry.bytes(), cell.id());
  life.add(static_cast<std::uint16_t>(CellFact::born), [&](Writer& out) { Born{id, kind, host.name}.write(out); });
  const std::size_t mark = lane.entry.bytes().size();
  machines::Facts facts(lane.entry.bytes(), id);
  Outcome outcome = decide(host, *inquiry.command, true, facts);
  const bool is_answer = outcome.index() <= 1;
  check(is_answer, "a machine that is being made answers at once");
  if (facts.count() == 0) {
    // It decided not to be: nothing of it is written, its number is given to the next.
    lane.entry.end();
    host.last_sequence = lane.life_sequence;
    conclude(host, inquiry, std::move(outcome));
    return;
  }
  apply_cell(cell, lane, entry_header_bytes);
  core_.hosts.add(std::move(unborn));
  apply(host, mark);
  lane.life_sequence = lane.entry.position().sequence;
  commit(&host, cell, lane);
  conclude(host, inquiry, std::move(outcome));
}

// Entries

void Decider::open(Lane& lane) { lane.entry.begin(lane.journal().next(), core_.now()); }

// True when there was something to append.
bool Decider::commit(Host* host, Cell& cell, Lane& lane) {
  Entry& entry = lane.entry;
  if (!entry.holds_facts()) {
    entry.end();
    return false;
  }
  const bool goes = host != nullptr && !host->gone && host->machine->gone();
  if (goes) {
    cell_fact(cell, lane, CellFact::died, [&](Writer& out) { Died{host->id}.write(out); });
    lane.life_sequence = entry.position().sequence;
  }
  check(entry.bytes().size() <= journal::entry_bytes_max, "an entry is bounded");
  const Position given = lane.journal().append(entry.bytes());
  check(given == entry.position(), "an entry gets the position that its facts were applied with");
  lane.last_sequence = given.sequence;
  entry.end();
  if (host != nullptr) {
    host->last_sequence = given.sequence;
    if (goes) {
      remove(*host);
    } else {
      touch(*host);
    }
  }
  return true;
}

void Decider::apply_cell(Cell& cell, Lane& lane, std::size_t mark) {
  Frames frames(lane.entry.bytes(), mark);
  for (Frame frame; frames.next(frame);) {
    if (frame.machine != cell.id()) {
      return;  // at a birth the machine's own facts follow
    }
    cell.apply(frame, lane.entry.position().sequence);
  }
  if (core_.shared.limits.check_invariants) {
    cell.invariants();
  }
}

void Decider::apply(Host& host, std::size_t mark) {
  const Entry& entry = host.lane.entry;
  Frames frames(host.lane.entry.bytes(), mark);
  for (Frame frame; frames.next(frame);) {
    host.machine->apply(entry.fact(frame));
    if (core_.shared.limits.check_invariants) {
      host.machine->invariants();
    }
  }
  check(frames.ok(), "an entry is made of whole facts");
  if (departures_.empty()) {
    return;
  }
  for (const machines::Departure& departure : std::exchange(departures_, {})) {
    const std::uint16_t target_cell = Placement::cell_of(Placement::hash(departure.target));
    cell_fact(host.cell, host.lane, CellFact::left,
              [&](Writer& out) { Left{target_cell, host.id, departure.token, departure.target}.write(out); });
    core_.transfers.given(host.cell, target_cell);
  }
}

Outcome Decider::decide(Host& host, const machines::Command& command, bool last_chance, machines::Facts& facts) {
  const Scene scene{host, host.lane.entry.position().sequence};
  const CheckContext context(describe, &scene);
  const std::size_t departures_max = core_.shared.limits.departures_max;
  const std::size_t departures = host.cell.departures();
  const machines::Moment moment{host.lane.entry.time(),
                                host.lane.epoch(),
                                core_.random(),
                                host.blocks.pages(),
                                departures < departures_max ? departures_max - departures : 0,
                                last_chance,
                                host.tally};
  return host.machine->decide(command, moment, facts, departures_);
}

Outcome Decider::decide_and_apply(Host& host, const machines::Command& command, bool last_chance) {
  const std::size_t mark = host.lane.entry.bytes().size();
  machines::Facts facts(host.lane.entry.bytes(), host.id);
  Outcome outcome = decide(host, command, last_chance, facts);
  if (facts.count() > 0) {
    const Scene scene{host, host.lane.entry.position().sequence};
    const CheckContext context(describe, &scene);
    apply(host, mark);
  }
  return outcome;
}

Decider::Step Decider::decide_with_blocks(Host& host, const machines::Command& command, bool last_chance,
                                          Outcome& outcome) {
  for (int blocks = 0; blocks < blocks_per_command_max; ++blocks) {
    outcome = decide_and_apply(host, command, last_chance);
    const auto* needed = std::get_if<NeedsBlock>(&outcome);
    if (needed == nullptr) {
      return Step::decided;
    }
    const Fetched fetched = fetch(host, *needed);
    if (fetched == Fetched::coming) {
      return Step::blocked;
    }
    if (fetched == Fetched::unreadable) {
      outcome = Refusal{Reason::unavailable, "a part of the log cannot be read"};
      return Step::decided;
    }
    // Facts came along with each block: what is decided so far is one entry, the rest goes into another.
    if (host.lane.entry.bytes().size() > core_.shared.limits.entry_bytes_goal) {
      return Step::entry_full;
    }
  }
  check(false, "a command is decided after a bounded number of blocks");
  return Step::decided;
}

// The time comes before every command. False when the machine needs a block for it that is not there yet. Where a tick
// cannot be had (disk full, a block unreadable) the command is decided all the same.
bool Decider::bring_up_to_date(Host& host) {
  if (host.machine->deadline() > host.lane.entry.time() || !host.lane.journal().admits(Need::shrinks)) {
    return true;
  }
  Outcome outcome;
  host.tick_blocked = decide_with_blocks(host, machines::Tick{}, true, outcome) == Step::blocked;
  return !host.tick_blocked;
}

void Decider::remove(Host& host) {
  host.gone = true;
  core_.wheel.remove(host.alarm);
  removed_.push_back(core_.hosts.remove(host));
  for (MatterList* list : {&host.waiting, &host.blocked}) {
    while (!list->empty()) {
      list->pop_front().concluded(core_, {refused(Reason::not_found), &host.lane, host.last_sequence});
    }
  }
}

}  // namespace sluice::node
