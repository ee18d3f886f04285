#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/position.h"
#include "io/disk.h"
#include "journal/birth.h"
#include "journal/counting.h"
#include "journal/layout.h"
#include "journal/segment.h"
#include "journal/supply.h"

namespace sluice::journal {

/// What is found in a directory.
struct Recovered {
  Birth birth;
  std::vector<std::shared_ptr<Segment>> segments;  ///< that hold records, by id
  std::vector<Blank> spares;
  // Of the newest segment, where the log ends. None in a new directory.
  std::shared_ptr<LogSegment> newest;
  std::uint64_t newest_bytes = 0;  ///< of the file
  std::uint64_t end = records_at;
  std::uint64_t zeros_from = 0;  ///< what lies between the end and this place is a torn tail
  std::uint32_t chain = 0;
  bool sealed = false;             ///< its last record is a seal: the next segment must be opened
  std::vector<JournalStart> next;  ///< how the journals stand there
  std::uint64_t next_id = 1;
};

/// Looks at every segment's head and walks the newest. Changes nothing. A fault names the file and the offset of
/// damage. `mode` is how segments are opened.
io::Outcome<Recovered> recover(io::Disk& disk, io::Disk::Mode mode);

/// Gives what counts from `from` on, checks every record on its way and indexes what it passes.
io::Outcome<void> replay_segments(const Recovered& recovered, const std::vector<std::uint64_t>& from,
                                  const Counting::Take& take);

/// Makes what lies behind the end of the log zeros again, and all before it durable.
io::Outcome<void> cut_tail(const Recovered& recovered);

/// Walks a segment that ends with a seal. A fault when it does not.
io::Outcome<void> walk_sealed(LogSegment& segment, Counting& counting, const Counting::Take& take, bool index);

}  // namespace sluice::journal
