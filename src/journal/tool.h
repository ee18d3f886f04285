#pragma once

#include <iosfwd>

#include "io/disk.h"

/// What an operator looks at a data directory with: `sluice journal inspect|verify|dump DIR`. Nothing is changed. Each
/// returns the exit code: 0, or 1 when something is damaged or cannot be read (and says what and where).
namespace sluice::journal {

/// Segments, records, epochs, snapshots and the space they take. Beside a running server the newest lines may lag.
int inspect(io::Disk& disk, std::ostream& out);

/// Checks every byte that is checksummed, every chain and every sequence, and goes on behind damage to name all of it.
/// Takes the directory's lock: not beside a running server.
int verify(io::Disk& disk, std::ostream& out);

/// One line for each record, and below it one for each entry: position, bytes, and with `contents` the bytes as text.
int dump(io::Disk& disk, std::ostream& out, bool contents);

}  // namespace sluice::journal
