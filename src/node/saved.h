#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "journal/store.h"
#include "node/cell.h"
#include "node/host.h"

/// What a snapshot's items hold (docs/formats/entry.md, Snapshots): a checksum of the rest, then a machine with its
/// name, a cell, or the journal's time. An item's key is the id of what it holds.
namespace sluice::node {

/// The key of the item that says up to where a journal's snapshot reaches, and its time. No cell has this number.
inline constexpr std::uint64_t journal_item_key = ~std::uint64_t{0};

struct SavedMachine {
  machines::Kind kind = machines::Kind::queue;
  std::string_view name;
  std::string_view state;
};

std::string saved_time(Time time);
std::string saved_cell(const Cell& cell);
std::string saved_machine(const Host& host);
/// A machine as it is before its first fact: what is kept of one that was set aside and never saved.
std::string saved_unborn(machines::Kind kind, std::string_view name, const machines::Machine& fresh);

/// What stands behind the checksum; nullopt where it does not fit. Views into `item`.
std::optional<std::string_view> unsealed(std::string_view item);
std::optional<SavedMachine> read_saved_machine(std::string_view unsealed_item);

}  // namespace sluice::node
