#pragma once

#include <memory>
#include <string>

#include "io/disk.h"
#include "journal/segment.h"

namespace sluice::journal {

/// Opens what was left of a segment.
io::Outcome<std::shared_ptr<Segment>> open_sparse(std::shared_ptr<io::File> file, const SegmentHeader& header,
                                                  const std::string& name);

}  // namespace sluice::journal
