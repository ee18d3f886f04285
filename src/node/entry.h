#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/check.h"
#include "base/position.h"
#include "base/time.h"
#include "journal/journal.h"
#include "machines/machine.h"

/// What one decision writes (docs/formats/entry.md): a header, then facts in the frame of machines::Facts. Facts of the
/// cell itself stand in the same frame under the cell's own id, whose number is 0.
namespace sluice::node {

inline constexpr std::uint8_t entry_version = 1;
inline constexpr std::size_t entry_header_bytes = 1 + 8;    // version, journal time
inline constexpr std::size_t fact_frame_bytes = 8 + 2 + 4;  // machine, kind, length of the payload

/// Numbers stand in records: only ever added to.
enum class CellFact : std::uint16_t {
  born = 1,     ///< a machine: id, kind, name
  died = 2,     ///< its last fact is applied
  left = 3,     ///< a transfer stands in the outbox
  settled = 4,  ///< the oldest transfer to that cell is answered and forgotten
  arrived = 5,  ///< the next transfer of that source cell was taken or refused
};

inline machines::MachineId cell_id(std::uint16_t cell) { return {static_cast<std::uint64_t>(cell) << 48}; }
inline std::uint64_t number_in_cell(machines::MachineId id) { return id.value & ((std::uint64_t{1} << 48) - 1); }

/// One fact as it stands in an entry; views into it.
struct Frame {
  machines::MachineId machine;
  std::uint16_t kind = 0;
  std::string_view payload;
  std::uint32_t offset = 0;  ///< of the payload, from the entry's start
};

/// Walks the facts of an entry from byte `from` on.
class Frames {
 public:
  Frames(std::string_view entry, std::size_t from) : entry_(entry), at_(from) {}

  /// False at the end, or where the bytes make no sense (then `ok` is false too).
  bool next(Frame& frame) {
    Reader reader(entry_.substr(at_));
    if (reader.at_end()) {
      return false;
    }
    frame.machine = {reader.u64()};
    frame.kind = reader.u16();
    frame.payload = reader.raw(reader.u32());
    ok_ = reader.ok();
    frame.offset = static_cast<std::uint32_t>(at_ + fact_frame_bytes);
    at_ += reader.position();
    return ok_;
  }
  bool ok() const { return ok_; }

 private:
  std::string_view entry_;
  std::size_t at_;
  bool ok_ = true;
};

/// The header of an entry; false when it is of no version that we know.
inline bool read_entry_header(std::string_view entry, Time& time) {
  Reader reader(entry);
  const bool known = reader.u8() == entry_version;
  time = from_milliseconds(reader.i64());
  return known && reader.ok();
}

/// The entry being written: one at a time in a journal, its buffer used again and again.
class Entry {
 public:
  void begin(Position position, Time now) {
    check(!open_, "one entry is written at a time");
    open_ = true;
    position_ = position;
    time_ = now;
    bytes_.clear();
    Writer writer(bytes_);
    writer.u8(entry_version);
    writer.i64(to_milliseconds(now));
  }
  void end() {
    open_ = false;
    if (bytes_.capacity() > kept_bytes_max) {
      bytes_ = {};
    }
  }

  bool holds_facts() const { return bytes_.size() > entry_header_bytes; }
  std::string& bytes() { return bytes_; }
  Position position() const { return position_; }
  Time time() const { return time_; }

  /// The bytes behind a reference into this entry while it is being written: the journal does not have it yet. False
  /// when the reference is to another.
  bool read(const Reference& reference, std::string& into) const {
    const std::uint64_t end = static_cast<std::uint64_t>(reference.offset) + reference.length;
    if (!open_ || reference.sequence != position_.sequence || end > bytes_.size()) {
      return false;
    }
    into.assign(bytes_, reference.offset, reference.length);
    return true;
  }

  machines::Fact fact(const Frame& frame) const { return {frame.kind, frame.payload, position_, frame.offset, time_}; }

 private:
  // An unusually large entry does not keep its memory for ever.
  static constexpr std::size_t kept_bytes_max = 2U << 20;

  std::string bytes_;
  Position position_;
  Time time_;
  bool open_ = false;
};

}  // namespace sluice::node
