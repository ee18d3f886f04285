#include "doors/aws/sqs/receipt_handle.h"

#include "base/bytes.h"
#include "base/digest.h"

namespace sluice::sqs {
namespace {

constexpr std::uint8_t version = 1;
constexpr std::size_t seal_bytes = 12;  // of the HMAC: 96 bits cannot be guessed online

std::string seal_of(std::string_view lease, std::string_view secret) {
  return std::string(as_bytes(hmac_sha256(secret, lease)).substr(0, seal_bytes));
}

}  // namespace

std::string make_receipt_handle(const queue::Lease& lease, std::string_view secret) {
  std::string bytes;
  Writer writer(bytes);
  writer.u8(version);
  writer.u64(lease.machine.value);
  writer.u16(0);  // the part: a queue is one part now (design.md, Machines and facts)
  writer.u64(lease.number);
  writer.u32(lease.epoch);
  writer.u32(lease.count);
  bytes += seal_of(bytes, secret);
  return base64url_encode(bytes);
}

std::optional<queue::Lease> read_receipt_handle(std::string_view handle, std::string_view secret) {
  const std::optional<std::string> bytes = base64url_decode(handle);
  if (!bytes || bytes->size() <= seal_bytes) {
    return std::nullopt;
  }
  const std::string_view sealed = std::string_view(*bytes).substr(0, bytes->size() - seal_bytes);
  if (!equal_in_constant_time(seal_of(sealed, secret), std::string_view(*bytes).substr(sealed.size()))) {
    return std::nullopt;
  }
  Reader reader(sealed);
  queue::Lease lease;
  const std::uint8_t read_version = reader.u8();
  lease.machine.value = reader.u64();
  const std::uint16_t part = reader.u16();
  lease.number = reader.u64();
  lease.epoch = reader.u32();
  lease.count = reader.u32();
  if (!reader.ok() || !reader.at_end() || read_version != version || part != 0) {
    return std::nullopt;
  }
  return lease;
}

}  // namespace sluice::sqs
