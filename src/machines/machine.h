#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/need.h"
#include "base/position.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"

/// What the node needs of every machine, and every machine of the node. A machine is a deterministic state machine: no
/// I/O, clock, randomness, thread or map order decides anything in it that it was not handed.
namespace sluice::machines {

/// The nouns. Numbers stand in records: only ever added to.
enum class Kind : std::uint8_t { queue = 1 };

/// Names one machine for ever; a queue deleted and made again is another machine. The cell stands in the upper 16 bits.
struct MachineId {
  std::uint64_t value = 0;
  std::uint16_t cell() const { return static_cast<std::uint16_t>(value >> 48); }
  auto operator<=>(const MachineId&) const = default;
};

/// One change of one machine, as journaled. `payload` is inside the entry at `position`, `offset` bytes from its start:
/// what a machine keeps of a body is a Reference made from these.
struct Fact {
  std::uint16_t kind = 0;
  std::string_view payload;
  Position position;
  std::uint32_t offset = 0;
  Time time;  ///< journal time of the decision

  /// The reference to `part`, which must be a view into `payload`.
  Reference reference(std::string_view part) const {
    return {position.sequence, offset + static_cast<std::uint32_t>(part.data() - payload.data()),
            static_cast<std::uint32_t>(part.size())};
  }
};

/// Where `decide` writes facts: straight into the entry. Frame of a fact: u64 machine, u16 kind, u32 length, payload
/// (docs/formats/entry.md).
class Facts {
 public:
  Facts(std::string& entry, MachineId machine) : writer_(entry), machine_(machine) {}

  template <class Fill>
  void add(std::uint16_t kind, Fill fill) {
    writer_.u64(machine_.value);
    writer_.u16(kind);
    const std::size_t length_at = writer_.size();
    writer_.u32(0);
    fill(writer_);
    writer_.patch_u32(length_at, static_cast<std::uint32_t>(writer_.size() - length_at - sizeof(std::uint32_t)));
    ++count_;
  }
  std::size_t count() const { return count_; }

 private:
  Writer writer_;
  MachineId machine_;
  std::size_t count_ = 0;
};

/// A noun's settings that mean something to a door only (a policy, a key id), under names the door chooses.
using Labels = std::map<std::string, std::string>;

/// What an asker demands of the noun before its command counts, for instance that the noun's policy lets this caller:
/// a door's rule over labels that the machine keeps and does not understand. Asked on the machine's core each time the
/// command is decided, so it holds all that it needs and never changes.
struct Proviso {
  virtual ~Proviso() = default;
  /// Why the command must not be carried out; nullopt: it may.
  virtual std::optional<Refusal> refusal(const Labels& labels) const = 0;
};

/// What a caller wants of a machine: each noun derives its own in its commands.h.
struct Command {
  virtual ~Command() = default;
  virtual Need need() const = 0;
  std::shared_ptr<const Proviso> proviso;  ///< nullptr: none
};

/// What it gets. `wanted` are bytes of the log that the node reads before the reply leaves; it puts them into `bytes`,
/// one for one, nullopt where a place cannot be read.
struct Reply {
  virtual ~Reply() = default;
  std::vector<Reference> wanted;
  std::vector<std::optional<std::string>> bytes;
  /// The reply may leave when this sequence is durable; unset: when all that the machine has applied is.
  std::optional<std::uint64_t> waits_for;
};

/// Pages of a machine's index that were read back from the log: a cache, never state. By the machine's block number.
using Blocks = std::map<std::uint64_t, std::string>;

/// What was counted of the commands to one machine since the process began: for the operator, never state. What stands
/// where is the noun's own.
using Tally = std::array<std::uint64_t, 12>;

/// What `decide` is handed beside the command.
struct Moment {
  Time now;             ///< journal time; never before an earlier one
  std::uint32_t epoch;  ///< of the journal's present ownership
  Random& random;
  const Blocks& blocks;
  std::size_t departures_free;  ///< how many messages may still leave through the cell's outbox
  bool last_chance;             ///< a waiting command's time is over: answer now, empty if need be
  Tally& tally;
};

/// Decided only once this block of the machine's is among Moment::blocks.
struct NeedsBlock {
  std::uint64_t block = 0;
  Reference where;
};
/// Nothing to give yet: the node keeps the command, asks again when `ready` says so, or with `last_chance`. `at_most`
/// is how long it waits when the asker left that open (a queue's own receive wait); zero: the last chance at once.
struct Waits {
  Milliseconds at_most{0};
};

/// Facts decided along with any outcome are journaled and applied, also with a refusal.
using Outcome = std::variant<std::unique_ptr<Reply>, Refusal, NeedsBlock, Waits>;

// Commands that the node itself gives to any machine ------------------------------------------------------------------

/// Time is now: leases, delays and retention that have ended are brought up to date. The node gives it before every
/// command for which `deadline() <= now`, and when the deadline comes.
struct Tick final : Command {
  Need need() const override { return Need::shrinks; }
};
/// A block that `wanted_block` asked for has been read (it is in Moment::blocks under this number), or cannot be (it is
/// not).
struct BlockRead final : Command {
  std::uint64_t block = 0;
  Need need() const override { return Need::shrinks; }
};
/// Something came by transfer from another machine. Answered with any reply (taken) or a refusal (turned back).
struct Arrival final : Command {
  std::string source;  ///< name of the machine it left
  std::string header;  ///< written by the source machine's `parcel`
  std::string body;    ///< the bytes of the parcel's reference
  Need need() const override { return Need::grows; }
};
/// The transfer `token` was taken by its target, durably: forget it.
struct Departed final : Command {
  std::uint64_t token = 0;
  Need need() const override { return Need::shrinks; }
};
/// The transfer `token` was refused: the message is put back where it was.
struct TurnedBack final : Command {
  std::uint64_t token = 0;
  Reason reason = Reason::not_found;
  Need need() const override { return Need::shrinks; }
};

/// A message about to leave for another machine. The node writes it as a fact of the cell's outbox, in the same entry.
struct Departure {
  std::string target;       ///< name of the machine it goes to
  std::uint64_t token = 0;  ///< the source machine's own name for it
};
/// What travels: a header, and bytes that stay in the log until the transfer is taken.
struct Parcel {
  std::string header;
  Reference body;
};

/// A part of the log that a machine still refers to: `bytes` spread over entries first..last.
struct LiveRange {
  std::uint64_t first = 0, last = 0;
  std::uint64_t bytes = 0;
};

class Machine {
 public:
  virtual ~Machine() = default;

  /// What should happen; changes nothing. Writes facts, appends to `departures` what those facts send away.
  virtual Outcome decide(const Command& command, const Moment& moment, Facts& facts,
                         std::vector<Departure>& departures) const = 0;
  /// Makes it so. Pure: depends on the state and the fact alone. A fact that cannot be is our fault: check.
  virtual void apply(const Fact& fact) = 0;

  /// When the machine must be given a Tick; `never` when there is nothing to wait for.
  virtual Time deadline() const = 0;
  /// Could a command that waits be answered now?
  virtual bool ready() const = 0;
  /// The block that should be read ahead (its BlockRead will be given), if any.
  virtual std::optional<NeedsBlock> wanted_block() const = 0;
  /// After its last fact: the node forgets the machine and its name.
  virtual bool gone() const = 0;
  /// Does a listing show it? Not while only its name is kept.
  virtual bool listed() const { return true; }
  /// Does it name the machine `name` as a target (dead letters)? For listings.
  virtual bool refers_to(std::string_view name) const = 0;

  /// What travels under this token. It must be one that a Departure gave and that has not been answered.
  virtual Parcel parcel(std::uint64_t token) const = 0;

  /// The whole state, versioned; `load` into a fresh machine is false when it cannot be read.
  virtual void save(Writer& out) const = 0;
  virtual bool load(Reader& in) = 0;

  /// What of the log is still referred to, roughly per group; and exactly, given the bytes of a block.
  virtual void live(const std::function<void(const LiveRange&)>& tell) const = 0;
  /// All exact references into the entries `within`, and perhaps others: those in memory, and of each block its own and
  /// those inside (from its bytes via `read`, which gives nullopt when it cannot be read). False when a block could not
  /// be read: nothing may be dropped then.
  virtual bool references(const LiveRange& within,
                          const std::function<std::optional<std::string>(const Reference&)>& read,
                          const std::function<void(const Reference&)>& tell) const = 0;

  /// Checks everything that must hold; after each apply in tests, simulation and debug builds.
  virtual void invariants() const = 0;
};

/// Makes an empty machine of a kind; the server hands it to the node, which knows no noun.
using Factory = std::function<std::unique_ptr<Machine>(Kind kind, MachineId id)>;

}  // namespace sluice::machines
