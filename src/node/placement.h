#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/digest.h"

namespace sluice::node {

/// Cells of one class of journal. Stands in machine ids and records: never changes.
inline constexpr std::uint16_t cells_max = 1'024;

/// Who serves a cell. Embedded there is one answer; cluster mode adds the others (design.md, Between machines).
enum class Owner : std::uint8_t { here };

/// Where names live: name -> cell -> journal -> core. Fixed while the process runs; any thread.
class Placement {
 public:
  Placement(std::uint16_t journals, std::size_t cores) : journals_(journals), cores_(cores) {}

  static std::uint64_t hash(std::string_view name) { return stable_hash(name); }
  static std::uint16_t cell_of(std::uint64_t name_hash) { return static_cast<std::uint16_t>(name_hash % cells_max); }
  Owner owner(std::uint16_t) const { return Owner::here; }
  std::uint16_t journal_of(std::uint16_t cell) const { return static_cast<std::uint16_t>(cell % journals_); }
  std::size_t core_of_journal(std::uint16_t journal) const { return journal % cores_; }
  std::size_t core_of(std::uint16_t cell) const { return core_of_journal(journal_of(cell)); }
  std::uint16_t journals() const { return journals_; }
  std::size_t cores() const { return cores_; }

 private:
  std::uint16_t journals_;
  std::size_t cores_;
};

}  // namespace sluice::node
