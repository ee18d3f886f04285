#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "machines/queue/deduplication.h"
#include "machines/queue/settings.h"
#include "machines/queue/waiting.h"

/// The queue's facts as they stand in the log: the writing and the reading of each beside each other. Kinds and layouts
/// never change; a new thing to say is a new kind. Format: docs/formats/queue-facts.md.
namespace sluice::queue {

enum class FactKind : std::uint16_t {
  created = 1,
  configured = 2,
  removed = 3,
  purged = 4,
  tagged = 5,
  accepted = 16,
  arrived = 17,
  accepted_in_order = 18,
  arrived_in_order = 19,
  leased = 32,
  extended = 33,
  deleted = 34,
  expired = 35,
  lifted = 36,
  attempted = 37,
  repeated = 38,
  ticked = 48,
  paged_out = 49,
  paged_in = 50,
  ids_paged_out = 51,
  queued_again = 52,
  set_apart = 53,
  dead_lettered = 64,
  departed = 65,
  turned_back = 66,
  move_started = 80,
  moved_out = 81,
  move_ended = 82,
};

/// What we read in a fact we wrote: that it is malformed is our fault.
inline void check_whole(const Reader& in) { check(in.ok() && in.at_end(), "a fact's payload is whole"); }

inline std::uint64_t milliseconds_of(Milliseconds duration) { return static_cast<std::uint64_t>(duration.count()); }

struct Created {
  SettingsChange settings;
  std::map<std::string, std::string> tags;

  void write(Writer& out) const {
    queue::write(out, settings);
    queue::write(out, tags);
  }
  static Created read(std::string_view payload) {
    Reader in(payload);
    std::optional<SettingsChange> settings = read_change(in);
    check(settings.has_value(), "a creation's settings can be read");
    Created created{std::move(*settings), read_texts(in)};
    check_whole(in);
    return created;
  }
};

struct Removed {
  Milliseconds keep_name{0};

  void write(Writer& out) const { out.varint(milliseconds_of(keep_name)); }
  static Removed read(std::string_view payload) {
    Reader in(payload);
    const Removed removed{Milliseconds(in.varint())};
    check_whole(in);
    return removed;
  }
};

struct Configured {
  SettingsChange settings;

  void write(Writer& out) const { queue::write(out, settings); }
  static Configured read(std::string_view payload) {
    Reader in(payload);
    std::optional<SettingsChange> settings = read_change(in);
    check(settings.has_value(), "a change's settings can be read");
    check_whole(in);
    return {std::move(*settings)};
  }
};

struct Tagged {
  std::map<std::string, std::string> set;
  std::vector<std::string> removed;

  void write(Writer& out) const {
    queue::write(out, set);
    out.varint(removed.size());
    for (const std::string& name : removed) {
      out.text(name);
    }
  }
  static Tagged read(std::string_view payload) {
    Reader in(payload);
    Tagged tagged{read_texts(in), {}};
    const std::uint64_t removed = in.varint();
    for (std::uint64_t i = 0; i < removed && in.ok(); ++i) {
      tagged.removed.emplace_back(in.text());
    }
    check_whole(in);
    return tagged;
  }
};

/// A message was sent. Its sent time is the fact's. The envelope stands last and is what the machine refers to.
struct AcceptedFact {
  std::uint64_t number = 0;
  Milliseconds delay{0};
  std::string_view group, deduplication_id;
  std::string_view envelope;

  void write(Writer& out) const {
    out.varint(number);
    out.varint(milliseconds_of(delay));
    out.text(group);
    out.text(deduplication_id);
    out.raw(envelope);
  }
  static AcceptedFact read(std::string_view payload) {
    Reader in(payload);
    AcceptedFact accepted;
    accepted.number = in.varint();
    accepted.delay = Milliseconds(in.varint());
    accepted.group = in.text();
    accepted.deduplication_id = in.text();
    accepted.envelope = in.rest();
    check_whole(in);
    return accepted;
  }
};

/// A message was sent to an ordered queue: as accepted, but the delay is the queue's, the group's name stands in the
/// envelope alone and the deduplication id is known by its hashes.
struct AcceptedInOrderFact {
  std::uint64_t number = 0;
  std::uint64_t group = 0;
  bool is_known_again = true;  ///< false: it came without a deduplication id
  DeduplicationKey key;
  std::string_view envelope;

  void write(Writer& out) const {
    out.varint(number);
    out.u64(group);
    out.u8(is_known_again ? 1 : 0);
    if (is_known_again) {
      write_key(out, key);
    }
    out.raw(envelope);
  }
  static AcceptedInOrderFact read(std::string_view payload) {
    Reader in(payload);
    AcceptedInOrderFact accepted;
    accepted.number = in.varint();
    accepted.group = in.u64();
    accepted.is_known_again = in.u8() != 0;
    if (accepted.is_known_again) {
      accepted.key = read_key(in);
    }
    accepted.envelope = in.rest();
    check_whole(in);
    return accepted;
  }
};

/// What travels of a message beside its envelope; also a parcel's header.
struct Luggage {
  Time sent, first_received;
  std::uint32_t receive_count = 0;

  void write(Writer& out) const {
    out.svarint(to_milliseconds(sent));
    out.svarint(to_milliseconds(first_received));
    out.varint(receive_count);
  }
  static Luggage read(Reader& in) {
    Luggage luggage;
    luggage.sent = from_milliseconds(in.svarint());
    luggage.first_received = from_milliseconds(in.svarint());
    luggage.receive_count = static_cast<std::uint32_t>(in.varint());
    return luggage;
  }
};

/// Stands in a parcel's header after the luggage: a new message to its target, which gives it an id and counts anew.
inline constexpr std::uint8_t arrives_as_new = 1;

/// A message came from another queue. `arrived_in_order` has its group too.
struct ArrivedFact {
  std::uint64_t number = 0;
  Luggage luggage;
  std::string_view source;
  std::optional<std::uint64_t> group;
  std::string_view envelope;

  void write(Writer& out) const {
    out.varint(number);
    luggage.write(out);
    out.text(source);
    if (group) {
      out.u64(*group);
    }
    out.raw(envelope);
  }
  static ArrivedFact read(std::string_view payload, bool in_order) {
    Reader in(payload);
    ArrivedFact arrived;
    arrived.number = in.varint();
    arrived.luggage = Luggage::read(in);
    arrived.source = in.text();
    if (in_order) {
      arrived.group = in.u64();
    }
    arrived.envelope = in.rest();
    check_whole(in);
    return arrived;
  }
};

/// Messages were received: each is hidden for `timeout` from the fact's time, and its newest receive is (epoch, count).
struct LeasedFact {
  struct One {
    std::uint64_t number = 0;
    std::uint32_t count = 0;
  };
  Milliseconds timeout{0};
  std::uint32_t epoch = 0;

  void write(Writer& out, const std::vector<One>& each) const {
    out.varint(milliseconds_of(timeout));
    out.varint(epoch);
    std::uint64_t last = 0;
    for (const One& one : each) {
      out.svarint(static_cast<std::int64_t>(one.number - last));
      out.varint(one.count);
      last = one.number;
    }
  }
  template <class Take>
  static void read(std::string_view payload, Take take) {
    Reader in(payload);
    LeasedFact leased;
    leased.timeout = Milliseconds(in.varint());
    leased.epoch = static_cast<std::uint32_t>(in.varint());
    std::uint64_t last = 0;
    while (in.ok() && !in.at_end()) {
      last += static_cast<std::uint64_t>(in.svarint());
      take(leased, One{last, static_cast<std::uint32_t>(in.varint())});
    }
    check_whole(in);
  }
};

/// A lease ends `timeout` after the fact's time.
struct ExtendedFact {
  std::uint64_t number = 0;
  Milliseconds timeout{0};

  void write(Writer& out) const {
    out.varint(number);
    out.varint(milliseconds_of(timeout));
  }
  static ExtendedFact read(std::string_view payload) {
    Reader in(payload);
    ExtendedFact extended;
    extended.number = in.varint();
    extended.timeout = Milliseconds(in.varint());
    check_whole(in);
    return extended;
  }
};

/// The numbers that deleted, expired, dead_lettered, departed and turned_back tell of.
struct Numbers {
  static void write(Writer& out, const std::vector<std::uint64_t>& numbers) {
    std::uint64_t last = 0;
    for (const std::uint64_t number : numbers) {
      out.svarint(static_cast<std::int64_t>(number - last));
      last = number;
    }
  }
  template <class Take>
  static void read(std::string_view payload, Take take) {
    Reader in(payload);
    std::uint64_t last = 0;
    while (in.ok() && !in.at_end()) {
      last += static_cast<std::uint64_t>(in.svarint());
      take(last);
    }
    check_whole(in);
  }
};

/// A message was taken out of a chain, as one that came back and is held: its lease is settled late, or its receive was
/// lost in a crash and its lease was not. `chain` is the chain's key (state.h); block 0: it was in memory.
struct LiftedFact {
  std::uint64_t chain = 0, block = 0;
  Waiting message;

  void write(Writer& out) const {
    out.varint(chain);
    out.varint(block);
    IndexWriter(out).add(message);
  }
  static LiftedFact read(std::string_view payload) {
    Reader in(payload);
    LiftedFact lifted;
    lifted.chain = in.varint();
    lifted.block = in.varint();
    lifted.message = IndexReader(in).next();
    check_whole(in);
    return lifted;
  }
};

/// `count` messages after the first `keep` in memory left it; their index stands last and is what the block refers to.
struct PagedOutFact {
  std::uint64_t chain = 0, block = 0;
  std::size_t keep = 0, count = 0;

  void write(Writer& out, const std::vector<Waiting>& messages) const {
    out.varint(chain);
    out.varint(block);
    out.varint(keep);
    out.varint(count);
    write_index(out, messages);
  }
  static PagedOutFact read(std::string_view payload, std::string_view& index) {
    Reader in(payload);
    PagedOutFact paged_out;
    paged_out.chain = in.varint();
    paged_out.block = in.varint();
    paged_out.keep = in.varint();
    paged_out.count = in.varint();
    index = in.rest();
    check_whole(in);
    return paged_out;
  }
};

/// The oldest deduplication ids in memory left it; their records stand last.
struct IdsPagedOutFact {
  std::uint64_t block = 0;
  std::size_t count = 0;

  void write(Writer& out, std::string_view records) const {
    out.varint(block);
    out.varint(count);
    out.raw(records);
  }
  static IdsPagedOutFact read(std::string_view payload, std::string_view& records) {
    Reader in(payload);
    IdsPagedOutFact paged_out;
    paged_out.block = in.varint();
    paged_out.count = in.varint();
    records = in.rest();
    check_whole(in);
    return paged_out;
  }
};

/// The receive that leased these messages can be repeated under this id.
struct AttemptedFact {
  Digest id{};

  void write(Writer& out, const std::vector<std::uint64_t>& numbers) const {
    write_digest(out, id);
    Numbers::write(out, numbers);
  }
  static AttemptedFact read(std::string_view payload, std::vector<std::uint64_t>& numbers) {
    Reader in(payload);
    const AttemptedFact attempted{read_digest(in)};
    Numbers::read(in.rest(), [&](std::uint64_t number) { numbers.push_back(number); });
    return attempted;
  }
};

/// That receive was repeated: the leases of its messages end `timeout` after the fact's time.
struct RepeatedFact {
  Digest id{};
  Milliseconds timeout{0};

  void write(Writer& out) const {
    write_digest(out, id);
    out.varint(milliseconds_of(timeout));
  }
  static RepeatedFact read(std::string_view payload) {
    Reader in(payload);
    RepeatedFact repeated{.id = read_digest(in)};
    repeated.timeout = Milliseconds(in.varint());
    check_whole(in);
    return repeated;
  }
};

/// A noisy group stands apart: its messages that are in memory in the ready chain are in a chain of its own from now
/// on.
struct SetApartFact {
  std::uint64_t group = 0;

  void write(Writer& out) const { out.u64(group); }
  static SetApartFact read(std::string_view payload) {
    Reader in(payload);
    const SetApartFact set_apart{in.u64()};
    check_whole(in);
    return set_apart;
  }
};

/// Time is the fact's: delays that ended are over. Whether messages whose retention ended were looked for is said too.
struct TickedFact {
  bool look_for_expired = false;

  void write(Writer& out) const { out.u8(look_for_expired ? 1 : 0); }
  static TickedFact read(std::string_view payload) {
    Reader in(payload);
    const TickedFact ticked{in.u8() != 0};
    check_whole(in);
    return ticked;
  }
};

/// A block's surviving messages are in memory again.
struct PagedInFact {
  std::uint64_t chain = 0, block = 0;
  std::vector<Waiting> messages;

  void write(Writer& out) const {
    out.varint(chain);
    out.varint(block);
    write_index(out, messages);
  }
  static PagedInFact read(std::string_view payload) {
    Reader in(payload);
    PagedInFact paged_in;
    paged_in.chain = in.varint();
    paged_in.block = in.varint();
    std::optional<std::vector<Waiting>> messages = read_index(in);
    check(messages.has_value(), "the messages of a block that was read can be read");
    paged_in.messages = std::move(*messages);
    check_whole(in);
    return paged_in;
  }
};

}  // namespace sluice::queue
