#include "doors/aws/sqs/receipt_handle.h"

#include <gtest/gtest.h>

namespace sluice::sqs {

constexpr std::string_view secret = "0123456789abcdef0123456789abcdef";

queue::Lease some_lease() {
  queue::Lease lease;
  lease.machine.value = 0x0102000000000007;
  lease.number = 99;
  lease.epoch = 3;
  lease.count = 2;
  return lease;
}

TEST(ReceiptHandleTest, goes_both_ways) {
  const std::optional<queue::Lease> read = read_receipt_handle(make_receipt_handle(some_lease(), secret), secret);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->machine, some_lease().machine);
  EXPECT_EQ(read->number, 99U);
  EXPECT_EQ(read->epoch, 3U);
  EXPECT_EQ(read->count, 2U);
}

TEST(ReceiptHandleTest, every_changed_letter_is_noticed) {
  const std::string handle = make_receipt_handle(some_lease(), secret);
  for (std::size_t at = 0; at < handle.size(); ++at) {
    std::string forged = handle;
    forged[at] = forged[at] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(read_receipt_handle(forged, secret)) << at;
    EXPECT_FALSE(read_receipt_handle(handle.substr(0, at), secret)) << at;
  }
}

TEST(ReceiptHandleTest, another_data_directory_s_handle_is_not_ours) {
  EXPECT_FALSE(read_receipt_handle(make_receipt_handle(some_lease(), "other"), secret));
}

}  // namespace sluice::sqs
