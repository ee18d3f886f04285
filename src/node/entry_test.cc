#include "node/entry.h"

#include <gtest/gtest.h>

namespace sluice::node {

TEST(EntryTest, what_is_being_written_can_be_read_before_the_journal_has_it) {
  Entry entry;
  entry.begin({.sequence = 7, .epoch = 1, .journal = 0}, from_milliseconds(1));
  const auto at = static_cast<std::uint32_t>(entry.bytes().size());
  entry.bytes() += "block";
  std::string bytes;
  EXPECT_TRUE(entry.read({7, at, 5}, bytes));
  EXPECT_EQ(bytes, "block");
  EXPECT_FALSE(entry.read({6, at, 5}, bytes)) << "another entry";
  EXPECT_FALSE(entry.read({7, at, 6}, bytes)) << "past its end";
  entry.end();
  EXPECT_FALSE(entry.read({7, at, 5}, bytes)) << "the journal has it now";
}

}  // namespace sluice::node
