#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/check.h"
#include "base/digest.h"
#include "base/random.h"

namespace sluice {

TEST(BytesTest, what_a_writer_wrote_a_reader_reads) {
  std::string buffer;
  Writer writer(buffer);
  writer.u8(7);
  writer.u32(0xdeadbeef);
  writer.varint(300);
  writer.svarint(-5);
  writer.text("queue");
  Reader reader(buffer);
  EXPECT_EQ(reader.u8(), 7);
  EXPECT_EQ(reader.u32(), 0xdeadbeef);
  EXPECT_EQ(reader.varint(), 300U);
  EXPECT_EQ(reader.svarint(), -5);
  EXPECT_EQ(reader.text(), "queue");
  EXPECT_TRUE(reader.ok() && reader.at_end());
}

TEST(BytesTest, a_short_input_is_told_and_stays_told) {
  Reader reader(
      std::string_view("\x05"
                       "ab",
                       3));
  EXPECT_EQ(reader.text(), "");
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.u8(), 0);
}

TEST(DigestTest, known_vectors) {
  EXPECT_EQ(hex(md5("")), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");  // RFC 4231, case 2
  EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
  EXPECT_EQ(crc32c("6789", crc32c("12345")), 0xe3069283U);
}

TEST(DigestTest, base64_goes_both_ways_and_refuses_garbage) {
  for (const std::string bytes : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
    EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes);
    EXPECT_EQ(base64url_decode(base64url_encode(bytes)), bytes);
  }
  EXPECT_EQ(base64_encode("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64_decode("Zm9vYmE"), std::nullopt);
  EXPECT_EQ(base64_decode("Zm9*YmE="), std::nullopt);
  EXPECT_EQ(base64_decode("Zm9vYmF="), std::nullopt);
}

TEST(RandomTest, a_uuid_has_its_version_and_variant) {
  Random random(1);
  const std::string uuid = make_uuid(random);
  EXPECT_EQ(uuid.size(), 36U);
  EXPECT_EQ(uuid[14], '4');
  EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
  EXPECT_NE(uuid, make_uuid(random));
}

TEST(CheckTest, a_trapped_check_throws) {
  CheckTrap trap;
  EXPECT_THROW(check(false, "never"), CheckFailed);
}

}  // namespace sluice
