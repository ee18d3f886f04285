#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/check.h"
#include "base/digest.h"
#include "machines/queue/commands.h"
#include "machines/queue/facts.h"
#include "machines/queue/message.h"
#include "machines/queue/queue.h"

/// For tests only: a queue with a log in memory around it, played as a node would play it.
namespace sluice::queue {

using machines::Outcome;

inline constexpr MachineId test_machine{77};

/// One entry of the log.
struct Entry {
  Time time;
  std::uint32_t epoch = 0;
  std::string bytes;
};

class Stage {
 public:
  explicit Stage(const Options& options = {}) : options_(options), machine_(make(test_machine, options)) {}

  Time now = from_milliseconds(1'700'000'000'000);
  std::uint32_t epoch = 1;
  std::size_t departures_free = 1'000;
  std::vector<machines::Departure> departures;  ///< everything that left, in order
  std::size_t blocks_read = 0;
  bool check_invariants = true;

  machines::Machine& machine() { return *machine_; }
  const std::vector<Entry>& log() const { return log_; }

  void pass(Milliseconds duration) { now += duration; }

  /// Decides and applies, after a Tick if one is due; blocks that are needed are read.
  Outcome give(const Command& command, bool last_chance = false) {
    tick();
    machines::Blocks blocks;
    for (;;) {
      Outcome outcome = decide(command, blocks, last_chance);
      const auto* need = std::get_if<machines::NeedsBlock>(&outcome);
      if (need == nullptr) {
        return outcome;
      }
      check(!blocks.contains(need->block), "a block that is at hand is not asked for again");
      blocks[need->block] = read(need->where).value();
    }
  }

  template <class Expected>
  std::unique_ptr<Expected> ask(const Command& command) {
    Outcome outcome = give(command, true);
    auto* reply = std::get_if<std::unique_ptr<Reply>>(&outcome);
    check(reply != nullptr, "the command is answered");
    auto* exact = dynamic_cast<Expected*>(reply->get());
    check(exact != nullptr, "the command is answered by this reply");
    reply->release();
    return std::unique_ptr<Expected>(exact);
  }

  Refusal refused(const Command& command) {
    Outcome outcome = give(command);
    const auto* refusal = std::get_if<Refusal>(&outcome);
    check(refusal != nullptr, "the command is refused");
    return *refusal;
  }

  /// What is due by now, and what the queue wants to read ahead.
  void tick() {
    for (int turn = 0; machine_->deadline() <= now; ++turn) {
      check(turn < 10'000, "ticks come to an end");
      decide(machines::Tick{}, {}, false);
    }
  }
  void read_ahead() {
    tick();
    for (auto wanted = machine_->wanted_block(); wanted; wanted = machine_->wanted_block()) {
      machines::BlockRead command;
      command.block = wanted->block;
      const std::size_t before = log_.size();
      decide(command, {{wanted->block, read(wanted->where).value()}}, false);
      check(log_.size() > before, "a wanted block is taken");
      tick();
    }
  }

  std::optional<std::string> read(const Reference& reference) {
    ++blocks_read;
    return bytes_of(reference);
  }
  std::optional<std::string> bytes_of(const Reference& reference) const {
    check(reference.sequence >= 1 && reference.sequence <= log_.size(), "a reference is into the log");
    return log_[reference.sequence - 1].bytes.substr(reference.offset, reference.length);
  }

  std::string saved() const {
    std::string bytes;
    Writer out(bytes);
    machine_->save(out);
    return bytes;
  }

  /// The process dies: of the log the first `entries` are durable; another ownership rebuilds from them.
  void crash(std::size_t entries) {
    check(entries <= log_.size(), "only what was written can be durable");
    log_.resize(entries);
    ++epoch;
    machine_ = make(test_machine, options_);
    replay(*machine_, 0);
  }
  /// The state goes through a snapshot, into a machine of the same options or of others.
  void reload() { reload(options_); }
  void reload(const Options& options) {
    const std::string bytes = saved();
    options_ = options;
    machine_ = make(test_machine, options_);
    Reader in(bytes);
    check(machine_->load(in) && in.at_end(), "a snapshot can be read");
  }
  void replay(machines::Machine& machine, std::size_t from) const {
    for (std::size_t i = from; i < log_.size(); ++i) {
      apply_entry(machine, i);
    }
  }

  /// The kinds of facts in the log from entry `from` on.
  std::vector<FactKind> kinds(std::size_t from = 0) const {
    std::vector<FactKind> kinds;
    for (std::size_t i = from; i < log_.size(); ++i) {
      each_fact(i, [&](const machines::Fact& fact) { kinds.push_back(static_cast<FactKind>(fact.kind)); });
    }
    return kinds;
  }

 private:
  Outcome decide(const Command& command, const machines::Blocks& blocks, bool last_chance) {
    std::string bytes;
    machines::Facts facts(bytes, test_machine);
    const std::size_t departed = departures.size();
    const machines::Moment moment{now, epoch, random_, blocks, departures_free, last_chance, tally_};
    Outcome outcome = machine_->decide(command, moment, facts, departures);
    check(departures.size() - departed <= departures_free, "no more leave than may");
    if (facts.count() > 0) {
      log_.push_back({now, epoch, std::move(bytes)});
      apply_entry(*machine_, log_.size() - 1);
    }
    return outcome;
  }

  template <class Take>
  void each_fact(std::size_t entry, Take take) const {
    Reader in(log_[entry].bytes);
    while (!in.at_end()) {
      machines::Fact fact;
      check(in.u64() == test_machine.value, "a fact names its machine");
      fact.kind = in.u16();
      const std::uint32_t length = in.u32();
      fact.offset = static_cast<std::uint32_t>(in.position());
      fact.payload = in.raw(length);
      fact.position = {entry + 1, log_[entry].epoch, 0};
      fact.time = log_[entry].time;
      check(in.ok(), "an entry is whole");
      take(fact);
    }
  }

  void apply_entry(machines::Machine& machine, std::size_t entry) const {
    each_fact(entry, [&](const machines::Fact& fact) {
      machine.apply(fact);
      if (check_invariants) {
        machine.invariants();
      }
    });
  }

  Options options_;
  std::unique_ptr<machines::Machine> machine_;
  std::vector<Entry> log_;
  Random random_{1};
  machines::Tally tally_{};
};

// Words for tests

inline constexpr machines::LiveRange everything{0, ~std::uint64_t{0}, 0};

inline void create(Stage& stage, const SettingsChange& settings = {}) {
  Create command;
  command.settings = settings;
  stage.ask<Description>(command);
}

inline std::uint64_t send(Stage& stage, const std::string& envelope, std::optional<Seconds> delay = std::nullopt) {
  Send command;
  Outgoing message;
  message.envelope = envelope;
  message.size_bytes = static_cast<std::uint32_t>(envelope.size());
  message.delay = delay;
  command.messages.push_back(message);
  return stage.ask<Sent>(command)->each.at(0).value().number;
}

inline std::unique_ptr<Batch> receive(Stage& stage, std::uint32_t count_max = 1,
                                      std::optional<Seconds> visibility_timeout = std::nullopt) {
  Receive command;
  command.count_max = count_max;
  command.visibility_timeout = visibility_timeout;
  return stage.ask<Batch>(command);
}

/// The envelopes, one after the other, with a space between.
inline std::string texts(const Stage& stage, const Batch& batch) {
  std::string all;
  for (const Reference& reference : batch.wanted) {
    all += (all.empty() ? "" : " ") + stage.bytes_of(reference).value();
  }
  return all;
}

/// "visible/in flight/delayed".
inline std::string counts(Stage& stage) {
  const Counts counts = stage.ask<Description>(Describe{})->counts;
  return std::to_string(counts.visible) + "/" + std::to_string(counts.in_flight) + "/" + std::to_string(counts.delayed);
}

/// One lease.
inline std::expected<Done, Refusal> acknowledge(Stage& stage, const Lease& lease) {
  Acknowledge command;
  command.leases.push_back(lease);
  return stage.ask<Settled>(command)->each.at(0);
}

inline std::expected<Done, Refusal> extend(Stage& stage, const Lease& lease, Seconds timeout) {
  Extend command;
  command.leases.push_back({lease, timeout});
  return stage.ask<Settled>(command)->each.at(0);
}

}  // namespace sluice::queue
