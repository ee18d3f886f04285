#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "io/posix_disk.h"
#include "journal/record.h"
#include "journal/sparse.h"
#include "journal/store_world.h"

namespace sluice::journal {
namespace {

constexpr std::uint64_t entries_written = 420;
const std::string golden = SLUICE_GOLDEN;

std::string directory(int version) { return golden + "/journal-" + std::to_string(version); }

/// Two lives: several segments, one of them rewritten, one dropped; an entry in chunks, a snapshot, a clean end.
void write_all(StoreWorld& world) {
  world.must_open();
  for (std::uint64_t i = 1; i <= entries_written; ++i) {
    world.journal(i % 2).append(i == 7 ? text_of(i, 9000) : text_of(i, 20 + i % 500));
    world.run(std::chrono::milliseconds(1));
    if (i == 300) {
      world.run();
      ASSERT_TRUE(world.take_snapshot({{77, {150, 1, 0}, "the state of a machine"}}, 0));
      ASSERT_TRUE(world.take_snapshot({{78, {150, 1, 1}, ""}, {79, {149, 1, 1}, "another"}}, 1));
      ASSERT_TRUE(world.rewrite(1, {{0, {1, 6, 10}}, {1, {4, 0, 9000}}}));
      world.kill();
      world.replay_from = {151, 151};
      world.must_open();
    }
  }
  world.run();
  world.close();
}

void expect_all(StoreWorld& world) {
  world.replay_from = {151, 150};
  world.must_open();
  EXPECT_EQ(world.entries[0].size(), 60U);
  EXPECT_EQ(world.entries[1].size(), 61U);
  for (std::uint64_t i = 300; i <= entries_written; ++i) {
    if (i > 300) {
      EXPECT_EQ(world.entries[i % 2][(i + 1) / 2], text_of(i, 20 + i % 500)) << i;
    }
  }
  EXPECT_EQ((world.items[{0, 77}].state), "the state of a machine");
  EXPECT_EQ((world.items[{1, 79}].position), (Position{149, 1, 1}));
  EXPECT_EQ(world.items.size(), 3U);
  EXPECT_EQ(world.read({1, 6, 10}, 0), text_of(2, 22).substr(6, 10));
  EXPECT_EQ(world.read({4, 100, 8000}, 1), text_of(7, 9000).substr(100, 8000));
  EXPECT_EQ(world.read({150, 3, 30}, 0), text_of(300, 320).substr(3, 30));
  EXPECT_EQ(world.journal(0).epoch(), 3U);
  EXPECT_EQ(world.journal(0).next().sequence, 211U);
}

std::map<std::string, std::string> files_of(const std::string& path) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    std::ifstream file(entry.path(), std::ios::binary);
    files[entry.path().filename()] = std::string(std::istreambuf_iterator<char>(file), {});
  }
  return files;
}

}  // namespace

TEST(GoldenTest, directories_of_every_version_replay) {
  for (int version = 1; version <= format_version; ++version) {
    StoreWorld world(42, 2);
    for (const auto& [name, bytes] : files_of(directory(version))) {
      world.disk->put(name, bytes);
    }
    expect_all(world);
  }
}

TEST(GoldenTest, the_present_version_has_a_directory) {
  const std::string path = directory(format_version);
  if (std::getenv("SLUICE_GOLDEN_WRITE") != nullptr) {
    ASSERT_FALSE(std::filesystem::exists(path)) << "a golden directory is never changed";
    StoreWorld world(42, 2);
    write_all(world);
    std::filesystem::create_directories(path);
    for (const std::string& name : names_of(*world.disk)) {
      std::string bytes = world.disk->contents(name);
      if (name.ends_with(".segment")) {  // filled with zeros ahead
        bytes.resize((bytes.find_last_not_of('\0') / records_at + 1) * records_at);
      }
      if (name != "q.reserve") {
        std::ofstream(path + "/" + name, std::ios::binary) << bytes;
      }
    }
  }
  EXPECT_TRUE(std::filesystem::exists(path)) << "run this once with SLUICE_GOLDEN_WRITE=1";
}

}  // namespace sluice::journal
