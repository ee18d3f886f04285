#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "machines/machine.h"
#include "node/entry.h"
#include "node/mailbox.h"

namespace sluice::node {

/// How a transfer ended at its target, as records know it: only ever added to.
enum class Verdict : std::uint8_t { taken = 0, no_target = 1, full = 2, other = 3 };

Verdict verdict_of(Reason reason);
Reason reason_of(Verdict verdict);

/// A message that stands in a cell's outbox until its target has answered, durably.
struct Slot {
  machines::MachineId source;
  std::uint64_t token = 0;  ///< the source machine's own name for it
  std::string target;       ///< name of the machine it goes to
  std::uint64_t given = 0;  ///< sequence of the entry that gave it: it leaves when that is durable
};

/// The transfers from one cell to another, oldest first: slots[i] has the number settled_through + 1 + i.
struct Channel {
  std::deque<Slot> slots;
  std::uint64_t settled_through = 0;

  // Not state: what is under way. At most one letter per channel.
  std::uint64_t told_settled = 0;  ///< the newest settled_through known to be durable
  std::uint64_t ended_by = 0;      ///< sequence of the entry that settled the last one
  std::unique_ptr<Letter> letter;
  bool away = false;     ///< the letter is under way, or being answered
  bool listed = false;   ///< stands among the channels that wait for a flush
  bool retries = false;  ///< a timer will try again
};

/// What a target cell knows of one source cell: state that is never collected.
struct Inbox {
  std::uint64_t through = 0;                 ///< taken or refused up to here
  std::map<std::uint64_t, Verdict> refused;  ///< those not yet settled at the source: a resend gets the same answer
};

/// One hash slot's own state: machine numbers, outbox, inbox. Its facts stand in entries beside those of its machines.
/// One thread.
class Cell {
 public:
  explicit Cell(std::uint16_t number) : number_(number) {}

  std::uint16_t number() const { return number_; }
  machines::MachineId id() const { return cell_id(number_); }
  /// The id that the next machine born here gets; never given twice.
  machines::MachineId next_machine() const { return {id().value | next_number_}; }
  bool pristine() const { return next_number_ == 1 && outbox_.empty() && inbox_.empty(); }

  /// Transfers that wait for an answer, over all channels.
  std::size_t departures() const { return departures_; }
  std::map<std::uint16_t, Channel>& outbox() { return outbox_; }
  /// What is known of the transfers of that cell; an empty one where none has come yet.
  const Inbox& inbox(std::uint16_t source) const;

  /// Makes it so: pure, as every apply. A fact that cannot be is our fault (check).
  void apply(const Frame& fact, std::uint64_t sequence);

  void save(Writer& out) const;
  bool load(Reader& in);
  void invariants() const;

 private:
  std::uint16_t number_;
  std::uint64_t next_number_ = 1;
  std::size_t departures_ = 0;
  std::map<std::uint16_t, Channel> outbox_;  // by target cell
  std::map<std::uint16_t, Inbox> inbox_;     // by source cell
};

// The payloads of cell facts: written by the one, read by the other.

struct Born {
  machines::MachineId machine;
  machines::Kind kind = machines::Kind::queue;
  std::string_view name;
  void write(Writer& out) const;
  static Born read(std::string_view payload);
};
struct Died {
  machines::MachineId machine;
  void write(Writer& out) const { out.u64(machine.value); }
  static Died read(std::string_view payload);
};
struct Left {
  std::uint16_t target_cell = 0;
  machines::MachineId source;
  std::uint64_t token = 0;
  std::string_view target;
  void write(Writer& out) const;
  static Left read(std::string_view payload);
};
struct SettledFact {
  std::uint16_t target_cell = 0;
  std::uint64_t number = 0;
  void write(Writer& out) const;
  static SettledFact read(std::string_view payload);
};
struct Arrived {
  std::uint16_t source_cell = 0;
  std::uint64_t number = 0;
  std::uint64_t settled_through = 0;  ///< at the source, durably: earlier refusals may be forgotten
  Verdict verdict = Verdict::taken;
  void write(Writer& out) const;
  static Arrived read(std::string_view payload);
};

}  // namespace sluice::node
