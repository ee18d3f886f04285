#include "node/recovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "node/saved.h"

namespace sluice::node {
namespace {

constexpr std::uint64_t nothing_found = ~std::uint64_t{0};

}  // namespace

io::Outcome<void> Recovery::run() {
  from_.assign(shared_.placement.journals(), nothing_found);
  if (auto loaded = load_snapshots(); !loaded) {
    return loaded;
  }
  for (std::uint16_t journal = 0; journal < from_.size(); ++journal) {
    from_[journal] = from_[journal] == nothing_found ? 1 : from_[journal] + 1;
    lane_of(journal).replay_from = from_[journal];
    shared_.replay_from[journal] = from_[journal];
  }
  if (auto replayed = replay(); !replayed) {
    return replayed;
  }
  for (const std::uint64_t id : unknown_) {
    if (!died_.contains(id)) {
      fault({}, fmt::format("facts of machine {:x}, which was never born", id));
    }
  }
  if (!fault_.empty()) {
    return std::unexpected(io::Fault{std::make_error_code(std::errc::bad_message), fault_});
  }
  return keep_what_is_set_aside();
}

// Snapshots

io::Outcome<void> Recovery::load_snapshots() {
  auto read = shared_.store.read_snapshots(
      [this](std::uint16_t journal, journal::SnapshotItem&& item) { load(journal, std::move(item)); });
  if (read && !fault_.empty()) {
    return std::unexpected(io::Fault{std::make_error_code(std::errc::bad_message), fault_});
  }
  return read;
}

void Recovery::load(std::uint16_t journal, journal::SnapshotItem&& item) {
  from_[journal] = std::min(from_[journal], item.position.sequence);
  const auto state = unsealed(item.state);
  if (item.key == journal_item_key) {
    if (!state) {
      return fault(item.position, "a journal's time in a snapshot");
    }
    Reader in(*state);
    last_record_ = std::max(last_record_, from_milliseconds(in.i64()));
    return;
  }
  through_[item.key] = item.position.sequence;
  const machines::MachineId id{item.key};
  if (number_in_cell(id) != 0) {
    return load_machine(journal, item, state.value_or(std::string_view()));
  }
  Reader in(state.value_or(std::string_view()));
  if (!state || id.cell() >= cells_max || !core_of(id.cell()).cell(id.cell()).load(in)) {
    fault(item.position, fmt::format("cell {} in a snapshot", id.cell()));
  }
}

void Recovery::load_machine(std::uint16_t journal, const journal::SnapshotItem& item, std::string_view state) {
  const machines::MachineId id{item.key};
  const auto saved = read_saved_machine(state);
  if (id.cell() >= cells_max) {
    return fault(item.position, "a machine of no cell in a snapshot");
  }
  Core& core = core_of(id.cell());
  // Without its name nobody could ask for it; its id keeps it apart from the others.
  const std::string name = saved ? std::string(saved->name) : fmt::format("machine {:x}", id.value);
  const machines::Kind kind = saved ? saved->kind : machines::Kind::queue;
  Host& host = core.hosts.add(std::make_unique<Host>(id, kind, name, core.cell(id.cell()), lane_of(journal)));
  if (!saved) {
    return set_aside(host, "its snapshot is damaged");
  }
  host.machine = shared_.factory(kind, id);
  Reader in(saved->state);
  try {
    const CheckTrap trap;
    if (host.machine == nullptr || !host.machine->load(in)) {
      return set_aside(host, "its snapshot cannot be read");
    }
    host.machine->invariants();
  } catch (const CheckFailed& failed) {
    set_aside(host, fmt::format("its snapshot is wrong: {}", failed.words));
  }
}

// The log

io::Outcome<void> Recovery::replay() {
  return shared_.store.replay(from_, [this](Position position, std::string_view entry) { take(position, entry); });
}

void Recovery::take(Position position, std::string_view entry) {
  Time time;
  if (position.journal >= shared_.placement.journals() || !read_entry_header(entry, time)) {
    return fault(position, "an entry of an unknown version");
  }
  last_record_ = std::max(last_record_, time);
  Frames frames(entry, entry_header_bytes);
  for (Frame frame; frames.next(frame);) {
    if (frame.machine.cell() >= cells_max || shared_.placement.journal_of(frame.machine.cell()) != position.journal) {
      return fault(position, "a fact of a cell that is not in this journal");
    }
    const auto through = through_.find(frame.machine.value);
    const bool covered = through != through_.end() && position.sequence <= through->second;
    const machines::Fact fact{frame.kind, frame.payload, position, frame.offset, time};
    if (number_in_cell(frame.machine) != 0) {
      if (!covered) {
        take_machine_fact(fact, frame);
      }
    } else {
      take_cell_fact(fact, frame);
    }
  }
  if (!frames.ok()) {
    fault(position, "an entry that is no list of facts");
  }
}

// Births and deaths change which machines there are even where the cell's own snapshot holds them already: the machines
// have snapshots, or their facts, of their own.
void Recovery::take_cell_fact(const machines::Fact& fact, const Frame& frame) {
  const std::uint16_t number = frame.machine.cell();
  Core& core = core_of(number);
  Cell& cell = core.cell(number);
  const auto through = through_.find(frame.machine.value);
  const bool covered = through != through_.end() && fact.position.sequence <= through->second;
  try {
    const CheckTrap trap;
    if (!covered) {
      cell.apply(frame, fact.position.sequence);
    }
    if (frame.kind == static_cast<std::uint16_t>(CellFact::born)) {
      const Born born = Born::read(frame.payload);
      if (through_.contains(born.machine.value)) {
        return;  // in the snapshot, newer than its birth
      }
      auto host =
          std::make_unique<Host>(born.machine, born.kind, std::string(born.name), cell, lane_of(fact.position.journal));
      host->machine = shared_.factory(born.kind, born.machine);
      host->born = fact.position.sequence;
      Host& added = core.hosts.add(std::move(host));
      if (added.machine == nullptr) {
        set_aside(added, "it is of a kind that this version does not know");
      }
    } else if (frame.kind == static_cast<std::uint16_t>(CellFact::died)) {
      const Died died = Died::read(frame.payload);
      died_.insert(died.machine.value);
      if (Host* const host = core.hosts.find(died.machine)) {
        core.hosts.remove(*host);
      }
    }
  } catch (const CheckFailed& failed) {
    fault(fact.position, fmt::format("cell {}: {}", number, failed.words));
  }
}

void Recovery::take_machine_fact(const machines::Fact& fact, const Frame& frame) {
  Host* const host = core_of(frame.machine.cell()).hosts.find(frame.machine);
  if (host == nullptr) {
    // Died after its cell was saved and before its own turn came: the log must say so.
    unknown_.insert(frame.machine.value);
    return;
  }
  if (host->machine != nullptr) {
    apply(*host, fact);
  }
}

void Recovery::apply(Host& host, const machines::Fact& fact) {
  try {
    const CheckTrap trap;
    host.machine->apply(fact);
    if (shared_.limits.check_invariants) {
      host.machine->invariants();
    }
  } catch (const CheckFailed& failed) {
    set_aside(host, fmt::format("sequence {} of journal {}: {}", fact.position.sequence, fact.position.journal,
                                failed.words));
  }
}

// Faults

void Recovery::fault(Position position, std::string_view what) {
  if (fault_.empty()) {
    fault_ = fmt::format("cannot recover: {} (journal {}, sequence {})", what, position.journal, position.sequence);
  }
}

void Recovery::set_aside(Host& host, std::string why) {
  log(LogLevel::error, fmt::format("\"{}\" is set aside, its log is kept: {}", host.name, why));
  host.machine = nullptr;
  host.set_aside = std::move(why);
}

// A later version may know how to bring it back: every snapshot from now on holds what the last one held of it.
io::Outcome<void> Recovery::keep_what_is_set_aside() {
  std::unordered_map<std::uint64_t, Host*> aside;
  for (const auto& core : shared_.cores) {
    for (const machines::MachineId id : core->hosts.ids([](const Host& host) { return host.machine == nullptr; })) {
      Host& host = *core->hosts.find(id);
      aside.emplace(id.value, &host);
      const auto fresh = shared_.factory(host.kind, id);
      host.kept.key = id.value;
      host.kept.position = {host.born - 1, 0, host.lane.number()};
      host.kept.state = fresh == nullptr ? std::string() : saved_unborn(host.kind, host.name, *fresh);
    }
  }
  if (aside.empty()) {
    return {};
  }
  return shared_.store.read_snapshots([&](std::uint16_t, journal::SnapshotItem&& item) {
    if (const auto found = aside.find(item.key); found != aside.end()) {
      found->second->kept = std::move(item);
    }
  });
}

}  // namespace sluice::node
