#pragma once

#include <cstdint>
#include <expected>
#include <string>

namespace sluice {

/// Why a machine or the node did not do what a caller asked. Words of the domain, not of a protocol: each door has one
/// table from these to its own errors. An entry exists only if some door answers it in its own way.
enum class Reason : std::uint8_t {
  // the noun
  not_found,         ///< no machine of that name
  already_exists,    ///< it exists with other settings; detail: the first setting that differs
  deleted_recently,  ///< deleted too short a time ago to be made again
  invalid_setting,   ///< detail: the setting's name
  proviso_fails,     ///< what the asker demands of the noun does not hold; detail: the asker's own words
  // what it holds
  lease_unknown,             ///< the lease names another machine, or a message that never was
  lease_expired,             ///< the lease is no longer the message's newest, or its time is over
  message_not_found,         ///< the message is gone (deleted, expired, purged)
  deduplication_id_missing,  ///< the queue does not make one from the content
  lease_too_long,            ///< the extension would pass the longest total lease
  too_many_in_flight,        ///< the bound on leased messages is reached
  purge_in_progress,         ///< purged too short a time ago
  dead_letter_target_refuses,
  task_active,   ///< another move task runs
  task_unknown,  ///< no such move task
  task_over,     ///< it does not run any more
  // the node
  full,               ///< bounded buffers are full: slow down
  no_space,           ///< the disk's reserve is touched: this kind of command is refused
  unknown_outcome,    ///< the append may or may not be durable: retry
  unavailable,        ///< the journal is final or the server is stopping
  machine_set_aside,  ///< the machine failed a check in replay; detail: which
  not_implemented,
};

/// The caller's fault, as a value.
struct Refusal {
  Reason reason;
  std::string detail;
};

template <class T>
using Result = std::expected<T, Refusal>;

inline std::unexpected<Refusal> refuse(Reason reason, std::string detail = {}) {
  return std::unexpected(Refusal{reason, std::move(detail)});
}

}  // namespace sluice
