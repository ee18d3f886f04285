#include "node/node.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/simulated_disk.h"
#include "io/simulated_loop.h"
#include "node/notebook_for_tests.h"
#include "node/placement.h"

namespace sluice::node {
namespace {

using tests::Close;
using tests::Count;
using tests::Give;
using tests::Note;
using tests::Page;
using tests::Ring;
using tests::Said;
using tests::Take;

constexpr auto book = machines::Kind::queue;

/// A node of real parts over a simulated disk, clock and loops.
class NodeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    tests::Notebook::breaks = false;
    limits_.check_invariants = true;
    start();
  }
  void TearDown() override { end(); }

  void start() {
    journal::Options options;
    options.journals = journals_;
    options.segment_bytes = segment_bytes_;
    options.birth_seed = 1;
    auto& flusher = world_.make_worker(std::chrono::microseconds(200));
    auto& reader = world_.make_worker(std::chrono::microseconds(200));
    auto opened = journal::Store::open(options, *disk_, world_.clock(), flusher, reader);
    ASSERT_TRUE(opened) << opened.error().what;
    store_ = std::move(*opened);
    std::vector<io::Loop*> loops;
    for (std::size_t core = 0; core < cores_; ++core) {
      loops.push_back(&world_.make_loop());
    }
    auto started = Node::start(limits_, *store_, loops, world_.clock(), tests::make_notebook, 5);
    ASSERT_TRUE(started) << started.error().what;
    node_ = std::move(*started);
  }
  void end() {
    node_.reset();
    store_.reset();
    world_.end_process();
  }
  /// kill -9: what was written is kept; power cut: what was not flushed may be lost.
  void crash(bool power) {
    power ? disk_->crash(random_) : disk_->kill();
    end();
    start();
  }

  struct Pending {
    Ticket ticket = 0;
    std::optional<Answer> answer;
  };
  std::shared_ptr<Pending> ask(std::size_t core, const std::string& name, std::unique_ptr<machines::Command> command,
                               std::optional<Milliseconds> wait = Milliseconds(0),
                               std::optional<machines::Kind> make = std::nullopt) {
    auto pending = std::make_shared<Pending>();
    Question question;
    question.name = name;
    question.command = std::move(command);
    question.wait = wait;
    question.make = make;
    pending->ticket =
        node_->gate(core).ask(std::move(question), [pending](Answer got) { pending->answer = std::move(got); });
    return pending;
  }
  Answer finish(const std::shared_ptr<Pending>& pending) {
    for (int events = 0; events < 100'000 && !pending->answer; ++events) {
      if (!world_.step()) {
        break;
      }
    }
    EXPECT_TRUE(pending->answer.has_value()) << "a question gets its answer";
    return pending->answer ? std::move(*pending->answer) : Answer(refuse(Reason::not_implemented));
  }
  Answer note(const std::string& name, std::string text, std::size_t core = 0) {
    return finish(ask(core, name, std::make_unique<Note>(std::move(text)), Milliseconds(0), book));
  }
  std::string take(const std::string& name, std::size_t core = 0) {
    const Answer answer = finish(ask(core, name, std::make_unique<Take>()));
    if (!answer) {
      return "refused";
    }
    return (*answer)->bytes.empty() ? "nothing" : (*answer)->bytes[0].value_or("unreadable");
  }
  std::uint64_t count(const std::string& name) {
    const Answer answer = finish(ask(0, name, std::make_unique<Count>()));
    return answer ? static_cast<const Said&>(**answer).count : 999'999;
  }
  std::vector<std::string> list(std::string prefix = "", std::string after = "", std::size_t count_max = 1'000) {
    Listing listing;
    listing.prefix = std::move(prefix);
    listing.after = std::move(after);
    listing.count_max = count_max;
    std::optional<Result<std::vector<std::string>>> names;
    node_->gate(0).list(std::move(listing), [&](Result<std::vector<std::string>> got) { names = std::move(got); });
    while (!names && world_.step()) {
    }
    return names && *names ? **names : std::vector<std::string>{"no answer"};
  }
  /// A name whose cell is served by that core.
  std::string name_on(std::size_t core, int nth = 0) const {
    const Placement placement(journals_, cores_);
    for (int at = 0;; ++at) {
      std::string name = "book-" + std::to_string(at);
      if (placement.core_of(Placement::cell_of(Placement::hash(name))) == core && nth-- == 0) {
        return name;
      }
    }
  }

  std::uint16_t journals_ = 3;
  std::size_t cores_ = 2;
  std::uint64_t segment_bytes_ = 1U << 20;
  Limits limits_;
  Random random_{11};
  io::SimulatedWorld world_{42};
  std::unique_ptr<io::SimulatedDisk> disk_ = io::SimulatedDisk::make();
  std::unique_ptr<journal::Store> store_;
  std::unique_ptr<Node> node_;
};

TEST_F(NodeTest, a_question_is_answered_wherever_its_machine_lives) {
  for (const std::size_t core : {0, 1}) {
    const std::string name = name_on(core);
    EXPECT_FALSE(finish(ask(0, name, std::make_unique<Take>())));
    ASSERT_TRUE(note(name, "hello"));
    EXPECT_EQ(take(name), "hello");
    EXPECT_EQ(take(name), "nothing");
  }
}

TEST_F(NodeTest, no_answer_leaves_before_its_flush) {
  const std::string name = name_on(0);
  const auto pending = ask(0, name, std::make_unique<Note>("x"), Milliseconds(0), book);
  EXPECT_FALSE(pending->answer);
  // Whoever sees the fact waits for it as well, a refusal included.
  const auto second = ask(0, name, std::make_unique<Count>());
  EXPECT_FALSE(second->answer);
  ASSERT_TRUE(finish(pending));
  ASSERT_TRUE(finish(second));
  const auto third = ask(0, name, std::make_unique<Count>());
  EXPECT_TRUE(third->answer) << "nothing to wait for: at once";
}

TEST_F(NodeTest, what_was_answered_is_there_after_a_power_cut) {
  std::vector<std::string> names;
  for (int at = 0; at < 20; ++at) {
    names.push_back("book-" + std::to_string(at));
    ASSERT_TRUE(note(names.back(), "first of " + names.back()));
    ASSERT_TRUE(note(names.back(), "second"));
  }
  for (int round = 0; round < 5; ++round) {
    crash(true);
    for (const std::string& name : names) {
      ASSERT_EQ(count(name), 2U);
    }
  }
  EXPECT_EQ(take(names[3]), "first of " + names[3]);
  crash(true);
  EXPECT_EQ(take(names[3]), "second");
}

TEST_F(NodeTest, a_waiting_command_is_answered_when_there_is_something_oldest_first) {
  for (const std::size_t core : {0, 1}) {
    const std::string name = name_on(core);
    ASSERT_TRUE(note(name, "gone"));
    ASSERT_EQ(take(name), "gone");
    const auto first = ask(0, name, std::make_unique<Take>(), Milliseconds(1'000));
    const auto second = ask(0, name, std::make_unique<Take>(), Milliseconds(1'000));
    world_.run_for(std::chrono::milliseconds(100));
    EXPECT_FALSE(first->answer);
    ASSERT_TRUE(note(name, "new"));
    EXPECT_EQ((*finish(first))->bytes.at(0), "new");
    world_.run_for(std::chrono::milliseconds(100));
    EXPECT_FALSE(second->answer);
    const auto asked = world_.now();
    EXPECT_TRUE((*finish(second))->bytes.empty());
    EXPECT_LT(world_.now() - asked, std::chrono::milliseconds(900));
  }
}

TEST_F(NodeTest, a_wait_left_open_lasts_as_long_as_the_machine_says) {
  const std::string name = name_on(1);
  ASSERT_TRUE(note(name, "gone"));
  ASSERT_EQ(take(name), "gone");
  const auto before = world_.now();
  ASSERT_TRUE(finish(ask(0, name, std::make_unique<Take>(), std::nullopt)));
  EXPECT_GE(world_.now() - before, std::chrono::milliseconds(50));
  EXPECT_LT(world_.now() - before, std::chrono::milliseconds(60));
}

TEST_F(NodeTest, a_cancelled_command_takes_nothing) {
  for (const std::size_t core : {0, 1}) {
    const std::string name = name_on(core);
    ASSERT_TRUE(note(name, "gone"));
    ASSERT_EQ(take(name), "gone");
    const auto waiting = ask(0, name, std::make_unique<Take>(), Milliseconds(1'000));
    world_.run_for(std::chrono::milliseconds(10));
    node_->gate(0).cancel(waiting->ticket);
    world_.run_for(std::chrono::milliseconds(10));
    ASSERT_TRUE(note(name, "kept"));
    EXPECT_EQ(take(name), "kept");
    EXPECT_FALSE(waiting->answer);
  }
}

TEST_F(NodeTest, a_machine_is_woken_at_its_deadline) {
  const std::string name = name_on(1);
  ASSERT_TRUE(note(name, "x"));
  ASSERT_EQ(take(name), "x");
  ASSERT_TRUE(finish(ask(0, name, std::make_unique<Ring>(Milliseconds(300)))));
  const auto before = world_.now();
  const auto waiting = ask(0, name, std::make_unique<Take>(), Milliseconds(2'000));
  EXPECT_EQ((*finish(waiting))->bytes.at(0), "rang");
  EXPECT_GE(world_.now() - before, std::chrono::milliseconds(290));
  EXPECT_LT(world_.now() - before, std::chrono::milliseconds(320));
}

TEST_F(NodeTest, a_deadline_that_passed_while_the_process_was_down_is_kept) {
  const std::string name = name_on(0);
  ASSERT_TRUE(note(name, "x"));
  ASSERT_EQ(take(name), "x");
  ASSERT_TRUE(finish(ask(0, name, std::make_unique<Ring>(Milliseconds(300)))));
  disk_->kill();
  end();
  world_.run_for(std::chrono::seconds(1));
  start();
  world_.run_for(std::chrono::milliseconds(5));
  EXPECT_EQ(take(name), "rang");
}

TEST_F(NodeTest, a_closed_machine_is_gone_with_its_waiters_and_its_name_can_be_used_again) {
  const std::string name = name_on(1);
  ASSERT_TRUE(note(name, "x"));
  ASSERT_EQ(take(name), "x");
  const auto waiting = ask(0, name, std::make_unique<Take>(), Milliseconds(1'000));
  ASSERT_TRUE(finish(ask(0, name, std::make_unique<Close>())));
  const Answer left = finish(waiting);
  ASSERT_FALSE(left);
  EXPECT_EQ(left.error().reason, Reason::not_found);
  EXPECT_EQ(take(name), "refused");
  ASSERT_TRUE(note(name, "again"));
  crash(true);
  EXPECT_EQ(take(name), "again");
}

TEST_F(NodeTest, names_are_listed_in_order_over_all_cores) {
  for (const char* name : {"b/3", "a/1", "b/1", "b/2", "c", "b/4"}) {
    ASSERT_TRUE(note(name, "x"));
  }
  EXPECT_EQ(list("b/"), (std::vector<std::string>{"b/1", "b/2", "b/3", "b/4"}));
  EXPECT_EQ(list("b/", "b/1", 2), (std::vector<std::string>{"b/2", "b/3"}));
  EXPECT_EQ(list().size(), 6U);
}

TEST_F(NodeTest, a_block_is_read_and_handed_in) {
  const std::string name = name_on(0);
  ASSERT_TRUE(note(name, "sixteen letters."));
  const Answer paged = finish(ask(0, name, std::make_unique<Page>()));
  ASSERT_TRUE(paged);
  EXPECT_EQ(static_cast<const Said&>(**paged).count, 16U);
}

TEST_F(NodeTest, a_transfer_arrives_once_on_whichever_core_and_cell) {
  for (const auto& [from, to] : {std::pair{name_on(0), name_on(1)},
                                 {name_on(1, 1), name_on(0, 1)},
                                 {name_on(0, 2), name_on(0, 3)},
                                 {name_on(0, 4), name_on(0, 4)}}) {
    ASSERT_TRUE(note(to, "first"));
    for (int notes = 0; notes < 200; ++notes) {
      ASSERT_TRUE(note(from, "note " + std::to_string(notes)));
    }
    const std::uint64_t before = count(to);
    for (int notes = 0; notes < 200; ++notes) {
      ASSERT_TRUE(finish(ask(0, from, std::make_unique<Give>(to))));
    }
    world_.run_for(std::chrono::milliseconds(200));
    EXPECT_EQ(count(to), from == to ? before : before + 200);
    EXPECT_EQ(take(to), from == to ? "note 199" : "first");
  }
}

TEST_F(NodeTest, a_refused_transfer_comes_back) {
  const std::string from = name_on(0), to = name_on(1);
  ASSERT_TRUE(note(to, "x"));
  ASSERT_TRUE(note(from, "unwanted"));
  ASSERT_TRUE(finish(ask(0, from, std::make_unique<Give>(to))));
  EXPECT_EQ(count(from), 0U);
  world_.run_for(std::chrono::milliseconds(50));
  EXPECT_EQ(count(from), 1U);
  ASSERT_TRUE(finish(ask(0, from, std::make_unique<Give>("nobody"))));
  world_.run_for(std::chrono::milliseconds(50));
  EXPECT_EQ(count(from), 1U);
  EXPECT_EQ(take(from), "unwanted");
}

TEST_F(NodeTest, no_transfer_is_lost_or_doubled_at_any_crash) {
  const std::string from = name_on(0), to = name_on(1);
  ASSERT_TRUE(note(to, "x"));
  ASSERT_EQ(take(to), "x");
  std::uint64_t expected = 0;
  for (int round = 0; round < 60; ++round) {
    for (int notes = 0; notes < 3; ++notes) {
      ASSERT_TRUE(note(from, random_.chance(0.3) ? "unwanted" : "note"));
      ++expected;
    }
    for (int notes = 0; notes < 3; ++notes) {
      ask(0, from, std::make_unique<Give>(to));
    }
    world_.run_for(std::chrono::microseconds(random_.below(2'000)));
    crash(random_.chance(0.5));
    world_.run_for(std::chrono::milliseconds(random_.below(3) * 20));
  }
  world_.run_for(std::chrono::milliseconds(500));
  EXPECT_EQ(count(from) + count(to), expected);
}

TEST_F(NodeTest, a_machine_that_breaks_in_replay_is_set_aside_and_the_others_serve) {
  const std::string broken = name_on(0), whole = name_on(0, 1);
  ASSERT_TRUE(note(broken, "x"));
  ASSERT_TRUE(note(whole, "y"));
  ASSERT_TRUE(finish(ask(0, broken, std::make_unique<tests::Break>())));
  tests::Notebook::breaks = true;
  crash(false);
  ASSERT_EQ(node_->set_aside().size(), 1U);
  const Answer answer = finish(ask(0, broken, std::make_unique<Count>()));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().reason, Reason::machine_set_aside);
  EXPECT_EQ(take(whole), "y");
  tests::Notebook::breaks = false;
  crash(false);
  EXPECT_EQ(take(broken), "x");
}

TEST_F(NodeTest, a_stopping_node_ends_what_waits_and_takes_nothing_new) {
  const std::string name = name_on(1);
  ASSERT_TRUE(note(name, "x"));
  ASSERT_EQ(take(name), "x");
  const auto waiting = ask(0, name, std::make_unique<Take>(), Milliseconds(20'000));
  const auto noting = ask(0, name, std::make_unique<Note>("y"));
  bool stopped = false;
  node_->stop([&] { stopped = true; });
  world_.run_for(std::chrono::milliseconds(100));
  EXPECT_TRUE(stopped);
  EXPECT_TRUE(waiting->answer);
  EXPECT_TRUE(noting->answer);
  const auto late = ask(0, name, std::make_unique<Count>());
  ASSERT_TRUE(late->answer);
  EXPECT_EQ(late->answer->error().reason, Reason::unavailable);
}

TEST_F(NodeTest, a_failed_flush_is_final) {
  const std::string name = name_on(0);
  ASSERT_TRUE(note(name, "x"));
  const auto waiting = ask(0, name_on(1), std::make_unique<Note>("z"), Milliseconds(0), book);
  disk_->on_operation([](io::SimulatedDisk::Operation operation, const std::string&) {
    return operation == io::SimulatedDisk::Operation::sync ? std::optional(std::errc::io_error) : std::nullopt;
  });
  const Answer unknown = note(name, "y");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().reason, Reason::unknown_outcome);
  const Answer later = finish(ask(0, name, std::make_unique<Count>()));
  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().reason, Reason::unavailable);
}

/// Small segments and frequent snapshots, so that space is given back within a test.
class ReclaimTest : public NodeTest {
 protected:
  void SetUp() override {
    limits_.snapshot_after_bytes = 48U << 10;
    limits_.step_machines_max = 2;
    segment_bytes_ = 64U << 10;
    NodeTest::SetUp();
  }
  std::uint64_t stored_bytes() const {
    std::uint64_t bytes = 0;
    for (const journal::SegmentInfo& segment : store_->segments()) {
      bytes += segment.bytes;
    }
    return bytes;
  }
};

TEST_F(ReclaimTest, what_nobody_refers_to_gives_its_space_back) {
  const std::string name = name_on(0), other = name_on(1);
  ASSERT_TRUE(note(other, "stays"));
  for (int round = 0; round < 1'500; ++round) {
    ASSERT_TRUE(note(name, std::string(2'000, 'x')));
    ASSERT_EQ(take(name).size(), 2'000U);
    if (round % 400 == 0) {
      crash(round % 800 == 0);
    }
  }
  world_.run_for(std::chrono::milliseconds(500));
  EXPECT_LT(stored_bytes(), 12 * segment_bytes_) << "of three megabytes written";
  EXPECT_EQ(take(other), "stays");
}

TEST_F(ReclaimTest, a_disk_full_of_its_own_messages_takes_more_once_they_are_taken) {
  limits_.snapshot_after_bytes = 1U << 30;  // never for their own sake
  disk_->set_capacity(40 * segment_bytes_);
  crash(false);
  const std::string name = name_on(0);
  std::size_t noted = 0;
  Answer answer = note(name, std::string(2'000, 'x'));
  for (; answer && noted < 5'000; ++noted) {
    answer = note(name, std::string(2'000, 'x'));
  }
  ASSERT_FALSE(answer) << "the disk is smaller than that";
  EXPECT_EQ(answer.error().reason, Reason::no_space);
  for (std::size_t taken = 0, refused = 0; taken < noted;) {
    if (take(name).size() == 2'000U) {
      ++taken;
    } else {  // what changes is refused too when its share is used up, until a snapshot gave space back
      ASSERT_LT(++refused, 100U);
      world_.run_for(std::chrono::seconds(2));
    }
  }
  world_.run_for(std::chrono::seconds(5));
  EXPECT_TRUE(note(name, std::string(2'000, 'x')));
}

TEST_F(ReclaimTest, the_few_that_live_long_do_not_hold_what_died_around_them) {
  const std::string name = name_on(0);
  const std::string keeper = name_on(1);
  std::vector<std::string> kept;
  for (int round = 0; round < 1'500; ++round) {
    ASSERT_TRUE(note(name, std::string(2'000, 'x')));
    ASSERT_EQ(take(name).size(), 2'000U);
    if (round % 10 == 0) {
      kept.push_back("kept " + std::to_string(round) + std::string(100, 'k'));
      ASSERT_TRUE(note(keeper, kept.back()));
    }
  }
  world_.run_for(std::chrono::milliseconds(500));
  EXPECT_LT(stored_bytes(), 20 * segment_bytes_) << "of three megabytes written";
  crash(true);
  for (const std::string& text : kept) {
    ASSERT_EQ(take(keeper), text);
  }
}

TEST_F(ReclaimTest, a_replay_reads_little_after_a_snapshot_and_machines_born_and_closed_meanwhile_are_right) {
  std::map<std::string, std::uint64_t> expected;
  for (int round = 0; round < 3'000; ++round) {
    const std::string name = "book-" + std::to_string(random_.below(30));
    if (random_.chance(0.1) && expected.contains(name)) {
      ASSERT_TRUE(finish(ask(0, name, std::make_unique<Close>())));
      expected.erase(name);
    } else {
      ASSERT_TRUE(note(name, std::string(300, 'x')));
      ++expected[name];
    }
    if (random_.chance(0.01)) {
      crash(random_.chance(0.5));
    }
  }
  for (int book_number = 0; book_number < 30; ++book_number) {
    const std::string name = "book-" + std::to_string(book_number);
    EXPECT_EQ(count(name), expected.contains(name) ? expected[name] : 999'999U);
  }
}

TEST_F(ReclaimTest, the_log_of_a_machine_set_aside_is_kept) {
  const std::string broken = name_on(0), busy = name_on(0, 1);
  ASSERT_TRUE(note(broken, "x"));
  ASSERT_TRUE(finish(ask(0, broken, std::make_unique<tests::Break>())));
  tests::Notebook::breaks = true;
  crash(false);
  for (int round = 0; round < 500; ++round) {
    ASSERT_TRUE(note(busy, std::string(2'000, 'x')));
    ASSERT_EQ(take(busy).size(), 2'000U);
    if (round % 200 == 0) {
      crash(false);
    }
  }
  tests::Notebook::breaks = false;
  crash(false);
  EXPECT_TRUE(node_->set_aside().empty());
  EXPECT_EQ(take(broken), "x");
}

}  // namespace
}  // namespace sluice::node
