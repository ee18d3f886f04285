#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "machines/queue/stage.h"

/// Five million waiting messages: what the queue keeps of them, and their order.
namespace sluice::queue {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t messages = 200'000;  // the same paths, in a bearable time
#else
constexpr std::uint64_t messages = 5'000'000;
#endif
constexpr std::uint32_t batch = 10;
constexpr std::uint64_t commands = messages / batch;
constexpr std::size_t state_bytes_max = 300'000;
constexpr std::size_t index_bytes_max = 10;  ///< in the log, per message

/// A queue whose log is forgotten, but for the blocks that it pages out.
class Backlog {
 public:
  Backlog() {
    Create create;
    create.settings.visibility_timeout = seconds(43'200);
    give(create);
  }

  void fill() {
    Send send;
    send.messages.resize(batch);
    for (Outgoing& message : send.messages) {
      message.envelope = std::string(256, 'x');
    }
    for (std::uint64_t i = 0; i < commands; ++i) {
      give(send);
      if (machine_->deadline() <= now_) {
        give(machines::Tick{});
      }
      now_ += milliseconds(i % 1'000 == 0 ? 7 : 0);
      state_bytes_most_ = i % (commands / 10) == 0 ? std::max(state_bytes_most_, state_bytes()) : state_bytes_most_;
    }
  }

  /// Receives and ends everything; true when it came in the order in which it was sent.
  bool drain_in_order() {
    Receive receive;
    receive.count_max = batch;
    std::uint64_t number = 0;
    for (std::uint64_t i = 0; i < commands; ++i) {
      read_ahead();
      Outcome outcome = give(receive);
      const auto* reply = std::get_if<std::unique_ptr<Reply>>(&outcome);
      if (reply == nullptr) {
        return false;
      }
      Acknowledge done;
      for (const Received& received : static_cast<const Batch&>(**reply).messages) {
        if (received.lease.number != ++number) {
          return false;
        }
        done.leases.push_back(received.lease);
      }
      give(done);
    }
    return number == messages;
  }

  std::size_t state_bytes() const {
    std::string bytes;
    Writer out(bytes);
    machine_->save(out);
    return bytes.size();
  }
  std::size_t state_bytes_most() const { return state_bytes_most_; }
  std::size_t index_bytes() const {
    std::size_t bytes = 0;
    for (const auto& [sequence, entry] : block_entries_) {
      bytes += entry.size();
    }
    return bytes;
  }
  const machines::Machine& machine() const { return *machine_; }

 private:
  Outcome give(const Command& command) {
    entry_.clear();
    machines::Facts facts(entry_, test_machine);
    Outcome outcome = machine_->decide(command, {now_, 1, random_, blocks_, 0, true, tally_}, facts, departures_);
    if (facts.count() > 0) {
      ++sequence_;
      apply();
    }
    return outcome;
  }

  void apply() {
    for (Reader in(entry_); !in.at_end();) {
      machines::Fact fact;
      in.u64();
      fact.kind = in.u16();
      const std::uint32_t length = in.u32();
      fact.offset = static_cast<std::uint32_t>(in.position());
      fact.payload = in.raw(length);
      fact.position = {sequence_, 1, 0};
      fact.time = now_;
      machine_->apply(fact);
      if (fact.kind == static_cast<std::uint16_t>(FactKind::paged_out)) {
        block_entries_[sequence_] = entry_;
      }
    }
  }

  void read_ahead() {
    const auto wanted = machine_->wanted_block();
    if (!wanted) {
      return;
    }
    const auto at = block_entries_.find(wanted->where.sequence);
    machines::BlockRead command;
    command.block = wanted->block;
    blocks_[wanted->block] = at->second.substr(wanted->where.offset, wanted->where.length);
    give(command);
    blocks_.clear();
    block_entries_.erase(at);
  }

  std::unique_ptr<machines::Machine> machine_ = make(test_machine);
  std::map<std::uint64_t, std::string> block_entries_;
  std::uint64_t sequence_ = 0;
  Time now_ = from_milliseconds(1'700'000'000'000);
  machines::Tally tally_{};
  Random random_{1};
  machines::Blocks blocks_;
  std::vector<machines::Departure> departures_;
  std::string entry_;
  std::size_t state_bytes_most_ = 0;
};

TEST(BacklogTest, five_million_waiting_messages_take_a_few_hundred_kilobytes_and_keep_their_order) {
  Backlog backlog;
  backlog.fill();
  EXPECT_LT(std::max(backlog.state_bytes_most(), backlog.state_bytes()), state_bytes_max);
  EXPECT_LT(backlog.index_bytes(), messages * index_bytes_max);
  EXPECT_TRUE(backlog.drain_in_order());
  EXPECT_LT(backlog.state_bytes(), 200U);
  backlog.machine().invariants();
}

}  // namespace
}  // namespace sluice::queue
