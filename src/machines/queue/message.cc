#include "machines/queue/message.h"

#include "base/bytes.h"

namespace sluice::queue {
namespace {

// docs/formats/queue-facts.md, Envelope. Only ever added to.
enum Tag : std::uint8_t {
  tag_id = 1,
  tag_body = 2,
  tag_header = 3,
  tag_sender = 4,
  tag_trace = 5,
  tag_group = 6,
  tag_deduplication_id = 7,
  tag_dead_letter_source = 8,
};

struct TextField {
  Tag tag;
  std::string Message::* member;
};
constexpr TextField text_fields[] = {
    {tag_id, &Message::id},
    {tag_body, &Message::body},
    {tag_sender, &Message::sender},
    {tag_trace, &Message::trace},
    {tag_group, &Message::group},
    {tag_deduplication_id, &Message::deduplication_id},
    {tag_dead_letter_source, &Message::dead_letter_source},
};

std::size_t varint_bytes(std::uint64_t value) {
  std::size_t bytes = 1;
  while (value >= 0x80) {
    value >>= 7;
    ++bytes;
  }
  return bytes;
}

std::size_t text_bytes(std::string_view text) { return varint_bytes(text.size()) + text.size(); }

std::size_t header_bytes(const Header& header) {
  return text_bytes(header.name) + text_bytes(header.type) + text_bytes(header.value);
}

void write_field(Writer& writer, Tag tag, std::string_view value) {
  if (!value.empty()) {
    writer.u8(tag);
    writer.text(value);
  }
}

std::optional<Header> decode_header(std::string_view bytes) {
  Reader reader(bytes);
  Header header{std::string(reader.text()), std::string(reader.text()), std::string(reader.text())};
  if (!reader.ok()) {
    return std::nullopt;
  }
  return header;
}

/// Where the last field begins if it has this tag and is not the only one: a message that goes round and round must not
/// grow by what each round appends.
std::size_t end_without(Tag last, std::string_view envelope) {
  Reader reader(envelope);
  std::size_t end = envelope.size();
  while (reader.ok() && !reader.at_end()) {
    const std::size_t begin = reader.position();
    const std::uint8_t tag = reader.u8();
    reader.text();
    end = tag == last && begin > 0 && reader.at_end() ? begin : envelope.size();
  }
  return reader.ok() ? end : envelope.size();
}

}  // namespace

std::string encode(const Message& message) {
  std::size_t bytes = 0;
  for (const TextField& field : text_fields) {
    bytes += 1 + text_bytes(message.*field.member);
  }
  for (const Header& header : message.headers) {
    const std::size_t inner = header_bytes(header);
    bytes += 1 + varint_bytes(inner) + inner;
  }
  std::string envelope;
  envelope.reserve(bytes);
  Writer writer(envelope);
  for (const TextField& field : text_fields) {
    write_field(writer, field.tag, message.*field.member);
  }
  for (const Header& header : message.headers) {
    writer.u8(tag_header);
    writer.varint(header_bytes(header));
    writer.text(header.name);
    writer.text(header.type);
    writer.text(header.value);
  }
  return envelope;
}

std::optional<Message> decode(std::string_view envelope) {
  Message message;
  Reader reader(envelope);
  while (!reader.at_end()) {
    const std::uint8_t tag = reader.u8();
    const std::string_view value = reader.text();
    if (!reader.ok()) {
      return std::nullopt;
    }
    if (tag == tag_header) {
      std::optional<Header> header = decode_header(value);
      if (!header) {
        return std::nullopt;
      }
      message.headers.push_back(std::move(*header));
      continue;
    }
    for (const TextField& field : text_fields) {
      if (field.tag == tag) {
        message.*field.member = value;
      }
    }
  }
  return message;
}

std::string_view group_of(std::string_view envelope) {
  Reader reader(envelope);
  std::string_view group;
  while (reader.ok() && !reader.at_end()) {
    const std::uint8_t tag = reader.u8();
    const std::string_view value = reader.text();
    if (tag == tag_group && reader.ok()) {
      group = value;
    }
  }
  return group;
}

std::string with_dead_letter_source(std::string_view envelope, std::string_view source) {
  std::string whole(envelope.substr(0, end_without(tag_dead_letter_source, envelope)));
  Writer writer(whole);
  write_field(writer, tag_dead_letter_source, source);
  return whole;
}

std::string as_new(std::string_view envelope, std::string_view id) {
  envelope = envelope.substr(0, end_without(tag_dead_letter_source, envelope));
  std::string whole(envelope.substr(0, end_without(tag_id, envelope)));
  Writer writer(whole);
  write_field(writer, tag_id, id);
  return whole;
}

}  // namespace sluice::queue
