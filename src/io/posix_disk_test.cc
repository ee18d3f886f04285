#include "io/posix_disk.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>

namespace sluice::io {
namespace {

class PosixDiskTest : public testing::Test {
 protected:
  PosixDiskTest() {
    std::string name = testing::TempDir() + "sluice-disk-XXXXXX";
    directory_ = ::mkdtemp(name.data());
    disk_ = std::move(*open_posix_disk(directory_ + "/made/on/the/way"));
  }
  ~PosixDiskTest() override { std::filesystem::remove_all(directory_); }

  std::string directory_;
  std::unique_ptr<Disk> disk_;
};

}  // namespace

TEST_F(PosixDiskTest, what_is_written_in_pieces_is_read_as_one) {
  const std::unique_ptr<File> file = std::move(*disk_->open("a", Disk::Mode::create));
  std::vector<std::string> texts;
  std::string whole;
  for (int i = 0; i < 2500; ++i) {  // more than one call takes
    texts.push_back("piece " + std::to_string(i) + ";");
    whole += texts.back();
  }
  const std::vector<std::string_view> pieces(texts.begin(), texts.end());
  ASSERT_TRUE(file->write(100, pieces));
  ASSERT_TRUE(file->sync());
  std::string got;
  ASSERT_TRUE(file->read(100, whole.size() + 50, got));
  EXPECT_EQ(got, whole);
  EXPECT_EQ(*file->size(), 100 + whole.size());
  const Outcome<bool> cached = file->read_if_cached(100, 10, got);
  ASSERT_TRUE(cached);
  EXPECT_TRUE(!*cached || got == whole.substr(0, 10));
}

TEST_F(PosixDiskTest, zeros_are_really_there_and_a_cut_file_is_shorter) {
  const std::unique_ptr<File> file = std::move(*disk_->open("a", Disk::Mode::create));
  ASSERT_TRUE(file->zero_fill(5, 3'000'000));
  std::string got;
  ASSERT_TRUE(file->read(2'999'000, 5000, got));
  EXPECT_EQ(got, std::string(1005, '\0'));
  ASSERT_TRUE(file->truncate(7));
  EXPECT_EQ(*file->size(), 7U);
}

TEST_F(PosixDiskTest, files_are_renamed_listed_and_removed) {
  ASSERT_TRUE(disk_->open("b", Disk::Mode::create));
  ASSERT_TRUE(disk_->open("a.new", Disk::Mode::create));
  ASSERT_TRUE(disk_->rename("a.new", "a"));
  ASSERT_TRUE(disk_->sync_directory(""));
  EXPECT_EQ(*disk_->list(""), (std::vector<std::string>{"a", "b"}));
  ASSERT_TRUE(disk_->remove("b"));
  EXPECT_EQ(disk_->remove("b").error().code, std::errc::no_such_file_or_directory);
  EXPECT_EQ(disk_->open("b", Disk::Mode::read_only).error().code, std::errc::no_such_file_or_directory);
  EXPECT_GT(*disk_->free_bytes(), 0U);
}

TEST_F(PosixDiskTest, the_directory_is_locked_until_the_disk_ends) {
  ASSERT_TRUE(disk_->lock());
  const std::unique_ptr<Disk> second = std::move(*open_posix_disk(directory_ + "/made/on/the/way"));
  EXPECT_FALSE(second->lock());
  disk_ = nullptr;
  EXPECT_TRUE(second->lock());
}

}  // namespace sluice::io
