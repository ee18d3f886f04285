#include "machines/queue/message.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace sluice::queue {
namespace {

Message full() {
  Message message;
  message.id = "5a1c";
  message.body = std::string(300, 'b');
  message.headers = {{"colour", "String", "green"}, {"blob", "Binary", std::string("\0\1\xff", 3)}};
  message.sender = "AIDA";
  message.trace = "Root=1";
  message.group = "g";
  message.deduplication_id = "d";
  message.dead_letter_source = "arn:x";
  return message;
}

bool equal(const Message& a, const Message& b) { return encode(a) == encode(b); }

TEST(MessageTest, what_is_encoded_is_decoded) {
  const std::optional<Message> message = decode(encode(full()));
  ASSERT_TRUE(message.has_value());
  EXPECT_TRUE(equal(*message, full()));
  EXPECT_EQ(message->body, full().body);
  ASSERT_EQ(message->headers.size(), 2U);
  EXPECT_EQ(message->headers[1].name, "blob");
  EXPECT_EQ(message->headers[1].type, "Binary");
  EXPECT_EQ(message->headers[1].value.size(), 3U);
  EXPECT_EQ(message->dead_letter_source, "arn:x");
}

TEST(MessageTest, absent_fields_take_no_bytes) {
  Message message;
  message.body = "x";
  EXPECT_EQ(encode(message).size(), 3U);
  EXPECT_TRUE(equal(decode("").value(), Message{}));
}

TEST(MessageTest, unknown_fields_are_skipped) {
  std::string envelope = encode(full());
  Writer out(envelope);
  out.u8(200);
  out.text("from the future");
  EXPECT_TRUE(equal(decode(envelope).value(), full()));
}

TEST(MessageTest, a_cut_envelope_is_malformed_or_lacks_whole_fields) {
  const std::string whole = encode(full());
  std::size_t malformed = 0;
  for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
    malformed += decode(whole.substr(0, bytes)).has_value() ? 0 : 1;
  }
  EXPECT_EQ(malformed, whole.size() - 9) << "but for the places between its nine fields";
}

TEST(MessageTest, the_dead_letter_source_appended_last_wins) {
  const std::string once = with_dead_letter_source(encode(full()), "arn:first");
  EXPECT_EQ(decode(once)->dead_letter_source, "arn:first");
  const std::string twice = with_dead_letter_source(once, "arn:other");
  EXPECT_EQ(decode(twice)->dead_letter_source, "arn:other");
  EXPECT_EQ(twice.size(), once.size()) << "and an envelope does not grow with each move";
}

}  // namespace
}  // namespace sluice::queue
