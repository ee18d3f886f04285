#include "machines/queue/waiting.h"

#include <algorithm>

#include "base/digest.h"

namespace sluice::queue {
namespace {

// docs/formats/queue-facts.md, Index. Only ever added to.
constexpr unsigned more_group = 1, more_joined = 2, more_received = 4, more_arrived = 8;

constexpr std::size_t index_entry_bytes_min = 6;

std::int64_t difference(std::uint64_t later, std::uint64_t earlier) {
  return static_cast<std::int64_t>(later - earlier);
}

}  // namespace

std::uint64_t group_hash(std::string_view group) {
  return group.empty() ? 0 : std::max<std::uint64_t>(stable_hash(group), 1);
}

void IndexWriter::add(const Waiting& message) {
  out_.svarint(difference(message.number, last_.number));
  out_.svarint(difference(message.body.sequence, last_.body.sequence));
  out_.varint(message.body.offset);
  const unsigned more = (message.group != 0 ? more_group : 0) | (message.joined != message.sent ? more_joined : 0) |
                        (message.received_here > 0 || message.stays ? more_received : 0) |
                        (message.arrived_after.count() > 0 ? more_arrived : 0);
  if (more != 0) {
    out_.varint(0);
    out_.u8(static_cast<std::uint8_t>(more));
  }
  if ((more & more_group) != 0) {
    out_.u64(message.group);
  }
  if ((more & more_joined) != 0) {
    out_.svarint((message.joined - message.sent).count());
  }
  if ((more & more_received) != 0) {
    out_.svarint((message.received_at - message.sent).count());
    out_.varint(message.received_here);
    out_.varint(message.lease_epoch);
    out_.varint(message.lease_count);
    out_.u8(message.stays ? 1 : 0);
  }
  if ((more & more_arrived) != 0) {
    out_.varint(message.arrived_after.count());
  }
  out_.varint(message.body.length);
  out_.svarint((message.sent - last_.sent).count());
  out_.varint(message.receive_count);
  if (message.receive_count > 0) {
    out_.svarint((message.first_received - message.sent).count());
  }
  last_ = message;
}

Waiting IndexReader::next() {
  Waiting message;
  message.number = last_.number + static_cast<std::uint64_t>(in_.svarint());
  message.body.sequence = last_.body.sequence + static_cast<std::uint64_t>(in_.svarint());
  message.body.offset = static_cast<std::uint32_t>(in_.varint());
  message.body.length = static_cast<std::uint32_t>(in_.varint());
  Milliseconds joined_after{0}, received_after{0};
  if (message.body.length == 0) {
    const unsigned more = in_.u8();
    message.group = (more & more_group) != 0 ? in_.u64() : 0;
    joined_after = Milliseconds((more & more_joined) != 0 ? in_.svarint() : 0);
    if ((more & more_received) != 0) {
      received_after = Milliseconds(in_.svarint());
      message.received_here = static_cast<std::uint32_t>(in_.varint());
      message.lease_epoch = static_cast<std::uint32_t>(in_.varint());
      message.lease_count = static_cast<std::uint32_t>(in_.varint());
      message.stays = in_.u8() != 0;
    }
    message.arrived_after =
        ShortMilliseconds((more & more_arrived) != 0 ? static_cast<std::uint32_t>(in_.varint()) : 0);
    message.body.length = static_cast<std::uint32_t>(in_.varint());
  }
  message.sent = last_.sent + Milliseconds(in_.svarint());
  message.joined = message.sent + joined_after;
  message.received_at = message.received_here > 0 || message.stays ? message.sent + received_after : Time{};
  message.receive_count = static_cast<std::uint32_t>(in_.varint());
  if (message.receive_count > 0) {
    message.first_received = message.sent + Milliseconds(in_.svarint());
  }
  last_ = message;
  return message;
}

std::optional<std::vector<Waiting>> read_index(Reader& in) {
  const std::uint64_t count = in.varint();
  if (!in.ok() || count > in.remaining() / index_entry_bytes_min) {
    return std::nullopt;
  }
  std::vector<Waiting> messages;
  messages.reserve(count);
  IndexReader index(in);
  for (std::uint64_t i = 0; i < count; ++i) {
    messages.push_back(index.next());
  }
  if (!in.ok()) {
    return std::nullopt;
  }
  return messages;
}

std::optional<std::vector<Waiting>> read_index(std::string_view bytes) {
  Reader in(bytes);
  std::optional<std::vector<Waiting>> messages = read_index(in);
  if (!in.at_end()) {
    return std::nullopt;
  }
  return messages;
}

}  // namespace sluice::queue
