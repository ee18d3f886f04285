#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace sluice::io {

/// The world's fault: what failed, and why. `std::errc::no_space_on_device` is told apart by its code.
struct Fault {
  std::error_code code;
  std::string what;  ///< operation and path, for a log line
};

/// Both as one sentence for the operator; without a code there is no more to say than what.
inline std::string words_of(const Fault& fault) {
  return fault.code ? fault.what + ": " + fault.code.message() : fault.what;
}

template <class T>
using Outcome = std::expected<T, Fault>;

/// An open file. Calls may block; from one thread at a time, but reads are allowed beside a write.
class File {
 public:
  virtual ~File() = default;
  /// Writes the pieces one after another at `offset` (bytes). All or a fault; after a fault any part may be there.
  virtual Outcome<void> write(std::uint64_t offset, std::span<const std::string_view> pieces) = 0;
  /// Reads up to `bytes` at `offset` into `into` (resized to what was there).
  virtual Outcome<void> read(std::uint64_t offset, std::size_t bytes, std::string& into) = 0;
  /// Like `read`, but false where it would have to wait for the device.
  virtual Outcome<bool> read_if_cached(std::uint64_t offset, std::size_t bytes, std::string& into) = 0;
  /// Makes all that was written durable (fdatasync). A fault is final: the kernel may have dropped what it held.
  virtual Outcome<void> sync() = 0;
  virtual Outcome<std::uint64_t> size() = 0;
  virtual Outcome<void> truncate(std::uint64_t bytes) = 0;
  /// Really writes zeros (fallocate alone gains little: design.md, Journal).
  virtual Outcome<void> zero_fill(std::uint64_t offset, std::uint64_t bytes) = 0;
};

/// The files below one directory; names are relative to it and may hold '/'. Real (POSIX) or simulated (seeded: drops,
/// tears and reorders at a crash whatever was not synced; runs full on request).
class Disk {
 public:
  virtual ~Disk() = default;
  enum class Mode { read_only, read_write, create };  ///< create: a new empty file, replaces an old one
  virtual Outcome<std::unique_ptr<File>> open(const std::string& name, Mode mode) = 0;
  virtual Outcome<void> rename(const std::string& from, const std::string& to) = 0;
  virtual Outcome<void> remove(const std::string& name) = 0;
  virtual Outcome<void> make_directory(const std::string& name) = 0;
  /// Names of the files directly in `directory` ("" is the root), sorted.
  virtual Outcome<std::vector<std::string>> list(const std::string& directory) = 0;
  /// Makes creations, renames and removals in `directory` durable.
  virtual Outcome<void> sync_directory(const std::string& directory) = 0;
  virtual Outcome<std::uint64_t> free_bytes() = 0;
  /// Takes the exclusive lock of the data directory until the Disk ends; a fault when another process holds it.
  virtual Outcome<void> lock() = 0;
};

}  // namespace sluice::io
