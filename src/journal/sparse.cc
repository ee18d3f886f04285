#include "journal/sparse.h"

#include "journal/scan.h"

namespace sluice::journal {

io::Outcome<std::shared_ptr<Segment>> open_sparse(std::shared_ptr<io::File>, const SegmentHeader&,
                                                  const std::string& name) {
  return std::unexpected(damage(name, 0, "sparse segments are not read yet"));
}

}  // namespace sluice::journal
