// What the decider does for a machine beside answering: reading its blocks, asking those that wait, its deadline.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "node/core.h"
#include "node/decider.h"

namespace sluice::node {
namespace {

// A Tick that cannot be written now (disk full) is tried again after this.
constexpr std::uint64_t tick_again_milliseconds = 100;

}  // namespace

// Blocks

Decider::Fetched Decider::fetch(Host& host, const machines::NeedsBlock& needed) {
  if (host.unreadable.contains(needed.block)) {
    return Fetched::unreadable;
  }
  if (host.coming.contains(needed.block)) {
    return Fetched::coming;
  }
  check(!host.blocks.has(needed.block), "a machine does not ask for a block that it was handed");
  std::string bytes;
  // A Tick before the command, in the same entry, may just have paged the block out.
  if (host.lane.entry.read(needed.where, bytes) || host.lane.journal().read_now(needed.where, bytes)) {
    host.blocks.put(needed.block, std::move(bytes));
    return Fetched::here;
  }
  host.coming.insert(needed.block);
  ++core_.pending;
  host.lane.journal().read(needed.where, [this, id = host.id, block = needed.block](std::optional<std::string> got) {
    fetched(id, block, std::move(got));
  });
  return Fetched::coming;
}

void Decider::fetched(machines::MachineId id, std::uint64_t block, std::optional<std::string> bytes) {
  const Turn turn(core_);
  core_.ended();
  Host* const host = core_.hosts.find(id);
  if (host == nullptr) {
    return;
  }
  host->coming.erase(block);
  if (bytes) {
    host->blocks.put(block, std::move(*bytes));
  } else {
    host->unreadable.insert(block);
    log(LogLevel::error,
        fmt::format("block {} of \"{}\" cannot be read: what it lists is kept but not served", block, host->name));
  }
  host->tick_blocked = false;
  if (host->ahead == block) {
    host->ahead.reset();
    give_block(*host, block);
  }
  // Decided anew from the start; whoever still needs a block comes back into the list.
  MatterList blocked = std::exchange(host->blocked, {});
  while (!blocked.empty()) {
    Matter& matter = blocked.pop_front();
    if (host->gone) {
      matter.concluded(core_, {refuse(Reason::not_found), &host->lane, host->last_sequence});
    } else {
      consult(*host, matter);
    }
  }
  touch(*host);
}

bool Decider::give_block(Host& host, std::uint64_t block) {
  if (host.gone || !host.lane.journal().admits(Need::shrinks)) {
    return false;
  }
  machines::BlockRead read;
  read.block = block;
  open(host.lane);
  machines::Outcome outcome;
  decide_with_blocks(host, read, true, outcome);
  const bool changed = commit(&host, host.cell, host.lane);
  host.blocks.drop(block);
  return changed;
}

// One block is read ahead at a time; the machine says after each entry whether it wants one.
void Decider::read_ahead(Host& host) {
  while (!host.gone && !host.ahead && !core_.is_stopping()) {
    const auto wanted = host.machine->wanted_block();
    if (!wanted) {
      return;
    }
    if (!host.lane.journal().admits(Need::shrinks)) {
      host.lane.read_ahead_refused = true;
      return;
    }
    const Fetched got = host.blocks.has(wanted->block) ? Fetched::here : fetch(host, *wanted);
    if (got == Fetched::coming) {
      host.ahead = wanted->block;
    }
    // Of one that cannot be read the machine is told as well: it may have something else to do then.
    if (got == Fetched::coming || !give_block(host, wanted->block)) {
      return;
    }
  }
}

// After each change

void Decider::touch(Host& host) {
  if (!host.touched && !host.gone) {
    host.touched = true;
    touched_.push_back(&host);
  }
}

bool Decider::tend_touched() {
  if (touched_.empty()) {
    return false;
  }
  std::swap(touched_, tending_);
  for (Host* host : tending_) {
    host->touched = false;
    if (!host->gone && host->machine != nullptr) {
      tend(*host);
    }
  }
  tending_.clear();
  return true;
}

void Decider::tend(Host& host) {
  read_ahead(host);
  if (!host.gone) {
    ask_waiting(host);
  }
  if (!host.gone) {
    set_alarm(host);
  }
}

void Decider::ask_waiting(Host& host) {
  while (!host.gone && !host.waiting.empty() && host.machine->ready()) {
    Matter& oldest = host.waiting.pop_front();
    const std::uint64_t before = host.last_sequence;
    if (consult(host, oldest) == Standing::waiting) {
      // Nothing for this one after all: it keeps its place, and the others wait for the next change.
      host.waiting.remove(oldest);
      host.waiting.push_front(oldest);
      if (before == host.last_sequence) {
        return;
      }
    }
  }
}

void Decider::set_alarm(Host& host) {
  const Time deadline = host.machine->deadline();
  if (deadline == never || host.tick_blocked) {
    core_.wheel.remove(host.alarm);
    return;
  }
  const Time now = core_.now();
  const auto wait = static_cast<std::uint64_t>(std::max<std::int64_t>(0, (deadline - now).count()));
  const std::uint64_t at = core_.monotonic_milliseconds() + wait + 1;
  // One that rings too early is set anew then: cheaper than moving it with every message.
  if (!host.alarm.set() || host.alarm.at_milliseconds > at) {
    core_.wheel.set(host.alarm, at);
  }
}

void Decider::tick(Host& host) {
  if (host.machine == nullptr || host.tick_blocked) {
    return;
  }
  Lane& lane = host.lane;
  if (lane.journal().failed()) {
    return;
  }
  if (!lane.journal().admits(Need::shrinks)) {
    core_.wheel.set(host.alarm, core_.monotonic_milliseconds() + tick_again_milliseconds);
    return;
  }
  if (host.machine->deadline() > core_.now()) {
    set_alarm(host);
    return;
  }
  open(lane);
  bring_up_to_date(host);
  const bool changed = commit(&host, host.cell, lane);
  if (!changed && !host.gone && !host.tick_blocked) {
    core_.wheel.set(host.alarm, core_.monotonic_milliseconds() + tick_again_milliseconds);
  }
}

}  // namespace sluice::node
