#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "journal/store.h"
#include "machines/machine.h"

/// Defects planted on purpose: a simulation that does not notice them proves nothing. They sit in wrappers around the
/// journal and the machines, none in the product.
namespace sluice::simulation {

enum class Mutation {
  none,
  reply_before_flush,  ///< the journal says durable at once
  forget_inbox,        ///< the facts that say "taken" are not written
  forget_deletes,      ///< the facts that delete messages are not written
  early_snapshot,      ///< a snapshot claims to hold more than it does
  live_looks_dead,     ///< machines tell less than what they refer to: segments go too early
  half_rewritten,      ///< machines name only half of what a rewritten segment must keep
  deaf,                ///< no machine is woken at its deadline
  forget_groups,       ///< of an ordered queue, each message is put into a group of its own
  forget_ids,          ///< deduplication ids are written as others
  torn_body,           ///< a body is read back with a byte changed
  moved_stays,         ///< what a move task handed over stands in its source, too
  move_drops,          ///< what a move task's destination refuses is forgotten
  move_hurries,        ///< a move task makes no pause
};

struct MutationRow {
  Mutation mutation;
  std::string_view name;
};
const std::vector<MutationRow>& mutations();
std::optional<Mutation> mutation_of(std::string_view name);

/// The store with the defect in it; without one, the store itself.
std::unique_ptr<journal::Store> mutated(std::unique_ptr<journal::Store> store, Mutation mutation);

}  // namespace sluice::simulation
