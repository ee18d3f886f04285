#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/random.h"
#include "io/disk.h"

namespace sluice::io {

/// A disk in memory that loses at a crash what a real one may lose: any subset of the writes that were not synced, one
/// of them torn between sectors, in any order; and any subset of the creations, renames and removals of a directory
/// that was not synced. Deterministic by the Random handed in. One flat directory. From any thread.
class SimulatedDisk : public Disk {
 public:
  enum class Operation { open, write, read, sync, truncate, zero_fill, rename, remove, sync_directory, lock };

  static std::unique_ptr<SimulatedDisk> make();

  /// The machine loses power: what was not synced survives by chance, the lock is free, and files opened before answer
  /// faults from now on. Also ends `stop_after` and `on_operation`.
  virtual void crash(Random& random) = 0;
  /// The process dies, the machine lives: all that was written is kept; otherwise as `crash`.
  virtual void kill() = 0;

  /// Room for all files together; a write that grows a file past it is refused with no_space_on_device.
  virtual void set_capacity(std::uint64_t bytes) = 0;
  /// What all files together take of it.
  virtual std::uint64_t used_bytes() const = 0;
  /// From the n-th operation from now on that could change something, nothing happens any more and all operations
  /// answer faults, as if the power went just before it; `crash` or `kill` ends this. For a crash at every step.
  virtual void stop_after(std::uint64_t operations) = 0;
  /// Operations so far that could change something (all but read, list and size).
  virtual std::uint64_t operations() const = 0;
  /// Asked before every operation with the file's name: an error is answered in place of it.
  virtual void on_operation(std::function<std::optional<std::errc>(Operation, const std::string& name)> hook) = 0;

  /// A copy of a file's bytes, and a file with these bytes (durable at once): for tests that tear and flip.
  virtual std::string contents(const std::string& name) = 0;
  virtual void put(const std::string& name, std::string_view bytes) = 0;
  /// A copy of all that is durable now, as a disk of its own.
  virtual std::unique_ptr<SimulatedDisk> clone() = 0;
};

}  // namespace sluice::io
