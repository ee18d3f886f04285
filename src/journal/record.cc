#include "journal/record.h"

#include "base/digest.h"

namespace sluice::journal {

std::uint32_t record_checksum(std::string_view record) { return crc32c(record.substr(record_checksummed_from)); }

std::uint32_t segment_checksum(const SegmentHeader& header) {
  return crc32c(bytes_of(header).substr(record_checksummed_from));
}

bool plausible(const RecordHeader& header, std::uint64_t salt) {
  const auto kind = static_cast<std::uint8_t>(header.kind);
  return header.magic == record_magic && header.salt == salt && header.version == format_version && kind > 0 &&
         kind <= record_kind_max && header.payload_bytes <= record_payload_bytes_max;
}

}  // namespace sluice::journal
