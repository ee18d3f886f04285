#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/need.h"
#include "base/position.h"

namespace sluice::journal {

/// One journal: opaque entries in, durable entries out, in order. Owned by one core; every call from that core's
/// thread. Local (files), simulated through io, later Kafka. Nothing here knows what an entry means.
class Journal {
 public:
  virtual ~Journal() = default;

  virtual std::uint16_t number() const = 0;
  /// The ownership under which this process appends; every start claims a new one.
  virtual std::uint32_t epoch() const = 0;

  /// The position the next `append` will give. Facts are applied with it before they are appended.
  virtual Position next() const = 0;
  /// Takes a copy and returns at once; the entry becomes durable with the next flush, which is asked for by itself.
  /// Any size up to `entry_bytes_max`; larger than a record is chunked.
  virtual Position append(std::string_view entry) = 0;

  /// Every entry up to and including this sequence is durable.
  virtual std::uint64_t durable() const = 0;
  /// The journal is final (a flush failed, or it was fenced): what is not durable never will be, as far as this process
  /// can know (outcome unknown), and no append counts any more.
  virtual bool failed() const = 0;
  /// `told` runs on the owner's loop after each change of durable(), failed() or admits().
  virtual void on_progress(std::function<void()> told) = 0;

  /// May a command of this need be decided now? False near a full disk (by need), while too much waits to be written,
  /// and always after a failure.
  virtual bool admits(Need need) const = 0;
  /// The disk has no room, as far as is known: what is not admitted will not be before space is freed.
  virtual bool disk_full() const = 0;
  /// Bytes appended and not yet durable: past its bound the node refuses with `full`.
  virtual std::size_t unflushed_bytes() const = 0;

  /// The bytes behind a reference, if they are in memory (recent, or in the page cache); else false: use `read`.
  virtual bool read_now(const Reference& reference, std::string& into) = 0;
  /// The same off the loop's thread; `done` runs on the owner's loop, nullopt when the place cannot be read.
  virtual void read(const Reference& reference, std::function<void(std::optional<std::string>)> done) = 0;
};

/// Bytes of one entry at most: a batch of SQS (1 MiB and its frame) with room to spare.
inline constexpr std::size_t entry_bytes_max = 16U << 20;

}  // namespace sluice::journal
