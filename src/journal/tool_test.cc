#include "journal/tool.h"

#include <sstream>

#include "journal/layout.h"
#include "journal/sparse.h"
#include "journal/store_world.h"

namespace sluice::journal {
namespace {

/// Segments, one of them rewritten, a snapshot, a chunked entry.
void live_a_while(StoreWorld& world) {
  world.must_open();
  world.journal(0).append(std::string(9000, 'c'));
  for (std::uint64_t i = 1; i <= 600; ++i) {
    world.journal(i % 2).append(text_of(i, 200));
    world.run(std::chrono::milliseconds(1));
  }
  world.run();
  ASSERT_TRUE(world.take_snapshot({{1, {200, 1, 0}, "state"}}));
  ASSERT_TRUE(world.rewrite(1, {{0, {1, 100, 50}}}));
  world.close();
}

std::pair<int, std::string> told(int (*tool)(io::Disk&, std::ostream&), io::Disk& disk) {
  std::ostringstream out;
  const int code = tool(disk, out);
  return {code, out.str()};
}

}  // namespace

TEST(ToolTest, verify_finds_a_good_directory_good_and_names_every_flipped_byte) {
  StoreWorld world(1, 2);
  live_a_while(world);
  const auto [code, text] = told(verify, *world.disk);
  EXPECT_EQ(code, 0) << text;
  EXPECT_TRUE(text.ends_with("good\n")) << text;
  const std::unique_ptr<io::SimulatedDisk> kept = world.disk->clone();
  for (const std::string& name : names_of(*kept)) {
    if (name == "lock" || name == "q.reserve") {
      continue;
    }
    const std::string whole = kept->contents(name);
    const std::size_t step = std::max<std::size_t>(1, whole.size() / 97);
    for (std::size_t at = 0; at < whole.size(); at += step) {
      if (whole.find_first_not_of('\0', at) == std::string::npos) {
        break;  // filled ahead: nothing there
      }
      std::string flipped = whole;
      flipped[at] ^= 0x10;
      const bool unused = at >= sizeof(SegmentHeader) && at < records_at && segment_id(name) > 1;
      const std::unique_ptr<io::SimulatedDisk> disk = kept->clone();
      disk->put(name, flipped);
      const auto [damaged, what] = told(verify, *disk);
      EXPECT_EQ(damaged, unused ? 0 : 1) << name << " byte " << at << "\n" << what;
      EXPECT_TRUE(unused || what.find(name) != std::string::npos) << name << " byte " << at << "\n" << what;
    }
  }
}

TEST(ToolTest, inspect_and_dump_tell_what_is_there) {
  StoreWorld world(1, 2);
  live_a_while(world);
  const auto [code, text] = told(inspect, *world.disk);
  EXPECT_EQ(code, 0);
  for (const char* part : {"class q, 2 journals", "rewritten, 1 pieces of 50 bytes", "sealed", "open", "epoch 1",
                           "up to entry 200, 1 items"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " in\n" << text;
  }
  std::ostringstream out;
  EXPECT_EQ(dump(*world.disk, out, true), 0);
  for (const char* part :
       {"piece at 100 of entry 1 of journal 0", "opening", "seal", "closing", "entry 300 of 200 bytes"}) {
    EXPECT_NE(out.str().find(part), std::string::npos) << part;
  }
}

TEST(ToolTest, verify_refuses_beside_a_running_server) {
  StoreWorld world;
  world.must_open();
  const auto [code, text] = told(verify, *world.disk);
  EXPECT_EQ(code, 1);
  EXPECT_NE(text.find("another process"), std::string::npos);
}

}  // namespace sluice::journal
