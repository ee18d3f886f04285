#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/position.h"
#include "base/time.h"

namespace sluice::queue {

/// Up to 49 days: more than any message is kept.
using ShortMilliseconds = std::chrono::duration<std::uint32_t, std::milli>;

/// What the machine keeps of a message that waits: where its envelope lies, and what orders it.
struct Waiting {
  std::uint64_t number = 0;
  Reference body;           ///< the envelope, in the entry that took the message in
  std::uint64_t group = 0;  ///< `group_hash` of its message group; 0: none
  Time sent = {};
  Time joined = {};                 ///< what retention and delay count from: mostly the same as sent
  Time first_received = {};         ///< meaningful when receive_count > 0
  std::uint32_t receive_count = 0;  ///< here, and in the queues it came from
  /// When it came into this queue, after `joined`: more than zero of a standard queue's dead letters, whose retention
  /// goes on from where they were.
  ShortMilliseconds arrived_after{0};
  // Of one that came back and waits in its chain: what else Held says of it (leases.h).
  Time received_at = {};
  std::uint32_t received_here = 0;
  std::uint32_t lease_epoch = 0, lease_count = 0;
  bool stays = false;

  Time arrived() const { return joined + arrived_after; }
  bool expired(Time limit) const { return joined <= limit; }
  bool operator==(const Waiting&) const = default;
};
static_assert(sizeof(Waiting) <= 88, "a waiting message in memory");

/// Names a message group in memory; 0 for none. Two groups of one hash are treated as one: no harm but waiting.
std::uint64_t group_hash(std::string_view group);

/// Writes messages as an index: each relative to the one before, about 8 bytes in the common case.
/// Format: docs/formats/queue-facts.md, Index.
class IndexWriter {
 public:
  explicit IndexWriter(Writer& out) : out_(out) {}
  void add(const Waiting& message);

 private:
  Writer& out_;
  Waiting last_;
};

/// Reads what an IndexWriter wrote; whether it was well formed is the Reader's `ok()`.
class IndexReader {
 public:
  explicit IndexReader(Reader& in) : in_(in) {}
  Waiting next();

 private:
  Reader& in_;
  Waiting last_;
};

/// A counted index, the content of a block.
template <class Messages>
void write_index(Writer& out, const Messages& messages) {
  out.varint(messages.size());
  IndexWriter index(out);
  for (const Waiting& message : messages) {
    index.add(message);
  }
}

/// Nullopt when malformed.
std::optional<std::vector<Waiting>> read_index(Reader& in);
/// The same for bytes that hold nothing else.
std::optional<std::vector<Waiting>> read_index(std::string_view bytes);

}  // namespace sluice::queue
