#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What every protocol's message is while it waits: the envelope, encoded by the door that took it and decoded by the
/// door that gives it out. The machine carries it as opaque bytes.
namespace sluice::queue {

/// An application's own header. `type` is the sender's word for it ("String", "Number.float", "Binary").
struct Header {
  std::string name;
  std::string type;
  std::string value;  ///< bytes
};

struct Message {
  std::string id;  ///< a UUID's text, the same for the message's whole life
  std::string body;
  std::vector<Header> headers;
  std::string sender;              ///< principal id
  std::string trace;               ///< AWSTraceHeader; empty: none
  std::string group;               ///< message group; empty: none
  std::string deduplication_id;    ///< empty: none
  std::string dead_letter_source;  ///< name of the queue it came from by redrive; empty: none
};

/// Tagged fields in any order, absent when empty; unknown tags are skipped, so that fields can be added for ever, and a
/// field appended later wins. Format: docs/formats/entry.md.
std::string encode(const Message& message);
std::optional<Message> decode(std::string_view envelope);

/// The envelope of the same message sent anew, under another id: what a move task makes of it.
std::string as_new(std::string_view envelope, std::string_view id);

/// Its message group, without decoding the rest; empty: none.
std::string_view group_of(std::string_view envelope);

/// The envelope with one more field at its end: what a redrive adds without reading the rest.
std::string with_dead_letter_source(std::string_view envelope, std::string_view source);

}  // namespace sluice::queue
