#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "machines/queue/stage.h"

/// Random lives of a queue against a model that is only a map of messages. What a client may expect is checked after
/// every step; a failing seed is printed.
namespace sluice::queue {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int steps_per_seed = 1'000;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t seeds = 60;
#else
constexpr std::uint64_t seeds = 300;
#endif
constexpr std::size_t messages_about = 60;

struct ModelMessage {
  std::string envelope;
  Time sent, visible_at, received_at, first_received;
  std::uint32_t epoch = 0, epoch_count = 0;  // of the newest receive
  std::uint32_t count = 0, count_on_arrival = 0;
  bool received = false, leaving = false, stays = false, purged = false;
};

struct Model {
  std::map<std::uint64_t, ModelMessage> messages;
  std::uint64_t number_next = 1;
  std::size_t log_entries = 0;
};

class Life {
 public:
  explicit Life(std::uint64_t seed) : random_(seed), stage_(options(random_)) {
    retention_ = random_.chance(0.5) ? seconds(60) : seconds(3'600);
    visibility_ = seconds(random_.below(10));
    if (random_.chance(0.5)) {
      settings_.dead_letters = {"target", static_cast<std::uint32_t>(1 + random_.below(3))};
    }
    has_groups_ = random_.chance(0.5);
    settings_.retention = retention_;
    settings_.visibility_timeout = visibility_;
    in_flight_max_ = options(random_copy_).in_flight_max;
    create(stage_, settings_);
    keep();
  }

  void live() {
    for (int step = 0; step < steps_per_seed && !testing::Test::HasFailure(); ++step) {
      act();
      forget_expired();
    }
    drain();
  }

 private:
  Options options(Random& random) {
    random_copy_ = random;
    Options chosen;
    chosen.block_messages = 2 + random.below(6);
    chosen.head_messages = chosen.block_messages * (1 + random.below(3));
    chosen.delayed_messages = random.below(20);
    chosen.small_block_messages = 1 + random.below(4);
    chosen.returned_messages = random.below(8);
    chosen.in_flight_max = random.chance(0.3) ? 5 : 1'000;
    // With little room for messages in flight the model must know exactly how much there is.
    chosen.expiry_pause = milliseconds(chosen.in_flight_max < 1'000 ? 0 : random.below(3) * 500);
    chosen.read_ahead = seconds(random.below(3));
    chosen.apart_messages = 1 + random.below(6);
    return chosen;
  }

  struct Action {
    std::uint64_t weight;
    void (Life::*act)();
  };
  static const std::vector<Action>& actions();

  void act() {
    std::uint64_t total = 0;
    for (const Action& action : actions()) {
      total += action.weight;
    }
    std::uint64_t at = random_.below(total);
    for (const Action& action : actions()) {
      if (at < action.weight) {
        (this->*action.act)();
        return;
      }
      at -= action.weight;
    }
  }

  // What happens

  void act_send() {
    if (model_.messages.size() > messages_about && random_.chance(0.9)) {
      return;
    }
    Send command;
    const std::uint64_t count = 1 + random_.below(6);
    const Seconds delay(random_.chance(0.6) ? 0 : random_.below(8));
    for (std::uint64_t i = 0; i < count; ++i) {
      Outgoing message;
      message.envelope = "e" + std::to_string(++envelopes_);
      message.delay = delay;
      message.group = some_group();
      command.messages.push_back(message);
    }
    const auto sent = stage_.ask<Sent>(command);
    for (std::uint64_t i = 0; i < count; ++i) {
      ASSERT_EQ(sent->each.at(i)->number, model_.number_next);
      ModelMessage message;
      message.envelope = command.messages[i].envelope;
      message.sent = stage_.now;
      message.visible_at = stage_.now + delay;
      model_.messages[model_.number_next++] = message;
    }
  }

  void act_arrive() {
    machines::Arrival command;
    command.source = "elsewhere";
    command.body = "\x01\x02id";  // a field of an envelope
    Luggage luggage{stage_.now - milliseconds(random_.below(20'000)), stage_.now, 0};
    luggage.receive_count = static_cast<std::uint32_t>(random_.below(4));
    luggage.first_received = luggage.sent + seconds(1);
    Writer header(command.header);
    luggage.write(header);
    ASSERT_TRUE(std::holds_alternative<std::unique_ptr<Reply>>(stage_.give(command)));
    ModelMessage message;
    message.envelope = command.body + "\x08\x09" + "elsewhere";
    message.sent = luggage.sent;
    message.visible_at = stage_.now;
    message.count = message.count_on_arrival = luggage.receive_count;
    message.first_received = luggage.first_received;
    model_.messages[model_.number_next++] = message;
  }

  void act_receive() { receive_and_check(static_cast<std::uint32_t>(1 + random_.below(10))); }

  std::size_t receive_and_check(std::uint32_t count_max) {
    Receive command;
    command.count_max = count_max;
    Seconds timeout = visibility_;
    if (random_.chance(0.5)) {
      timeout = Seconds(random_.below(20));
      command.visibility_timeout = timeout;
    }
    stage_.departures_free = random_.below(4);
    const std::size_t departed = stage_.departures.size();
    const std::size_t in_flight_before = in_flight();
    forget_expired();
    Outcome outcome = stage_.give(command, true);
    if (const auto* refusal = std::get_if<Refusal>(&outcome)) {
      EXPECT_EQ(refusal->reason, Reason::too_many_in_flight);
      EXPECT_EQ(in_flight_before, in_flight_max_);
      return 0;
    }
    for (std::size_t i = departed; i < stage_.departures.size(); ++i) {
      check_departure(stage_.departures[i]);
    }
    const auto& batch = dynamic_cast<const Batch&>(*std::get<std::unique_ptr<Reply>>(outcome));
    EXPECT_LE(batch.messages.size(), count_max);
    std::uint64_t waits_for = 0;
    for (std::size_t i = 0; i < batch.messages.size(); ++i) {
      check_received(batch.messages[i], batch.wanted[i], timeout);
      waits_for = std::max(waits_for, batch.wanted[i].sequence);
    }
    if (batch.messages.empty()) {
      check_nothing_to_give();
    } else {
      EXPECT_EQ(batch.waits_for, waits_for);
    }
    return batch.messages.size();
  }

  void check_departure(const machines::Departure& departure) {
    EXPECT_EQ(departure.target, "target");
    ASSERT_TRUE(model_.messages.contains(departure.token));
    ModelMessage& message = model_.messages[departure.token];
    EXPECT_TRUE(must_leave(message));
    EXPECT_LE(message.visible_at, stage_.now);
    message.leaving = true;
    const machines::Parcel parcel = stage_.machine().parcel(departure.token);
    EXPECT_EQ(stage_.bytes_of(parcel.body), message.envelope);
    Reader header(parcel.header);
    const Luggage luggage = Luggage::read(header);
    EXPECT_EQ(luggage.sent, message.sent);
    EXPECT_EQ(luggage.first_received, message.first_received);
    EXPECT_EQ(luggage.receive_count, message.count);
  }

  void check_received(const Received& received, const Reference& envelope, Seconds timeout) {
    const std::uint64_t number = received.lease.number;
    ASSERT_TRUE(model_.messages.contains(number)) << "message " << number << " is gone";
    ModelMessage& message = model_.messages[number];
    EXPECT_FALSE(message.leaving);
    EXPECT_LE(message.visible_at, stage_.now) << "message " << number << " is hidden";
    EXPECT_FALSE(must_leave(message));
    EXPECT_EQ(stage_.bytes_of(envelope), message.envelope);
    EXPECT_EQ(received.sent, message.sent);
    EXPECT_EQ(received.receive_count, message.count + 1);
    if (message.count == 0) {
      message.first_received = stage_.now;
    }
    EXPECT_EQ(received.first_received, message.first_received);
    EXPECT_EQ(received.lease.epoch, stage_.epoch);
    ++message.count;
    message.epoch = stage_.epoch;
    message.epoch_count = message.count;
    message.received = true;
    message.stays = false;
    message.received_at = stage_.now;
    message.visible_at = stage_.now + timeout;
    leases_.push_back(received.lease);
  }

  std::size_t in_flight() const {
    return static_cast<std::size_t>(std::ranges::count_if(model_.messages, [&](const auto& entry) {
      return entry.second.received && !entry.second.leaving && entry.second.visible_at > stage_.now;
    }));
  }

  void check_nothing_to_give() {
    if (in_flight() >= in_flight_max_) {
      return;
    }
    for (const auto& [number, message] : model_.messages) {
      const bool could = !message.leaving && message.visible_at <= stage_.now && !must_leave(message);
      EXPECT_FALSE(could) << "message " << number << " was not given";
    }
  }

  void act_acknowledge() {
    Acknowledge command;
    command.leases = some_leases();
    const auto settled = stage_.ask<Settled>(command);
    for (std::size_t i = 0; i < command.leases.size(); ++i) {
      const Lease& lease = command.leases[i];
      if (lease.machine != test_machine || lease.number >= model_.number_next) {
        EXPECT_EQ(settled->each[i].error().reason, Reason::lease_unknown);
        continue;
      }
      EXPECT_TRUE(settled->each[i].has_value());
      const auto at = model_.messages.find(lease.number);
      if (at != model_.messages.end() && !at->second.leaving && is_newest(lease, at->second)) {
        model_.messages.erase(at);
      }
    }
  }

  void act_extend() {
    Extend command;
    for (const Lease& lease : some_leases()) {
      command.leases.push_back({lease, Seconds(random_.below(random_.chance(0.1) ? 43'201 : 10))});
    }
    const auto settled = stage_.ask<Settled>(command);
    for (std::size_t i = 0; i < command.leases.size(); ++i) {
      check_extended(command.leases[i], settled->each[i]);
    }
  }

  void check_extended(const Extend::One& one, const std::expected<Done, Refusal>& result) {
    const auto at = model_.messages.find(one.lease.number);
    if (one.lease.machine != test_machine || one.lease.number >= model_.number_next) {
      EXPECT_EQ(result.error().reason, Reason::lease_unknown);
      return;
    }
    if (at == model_.messages.end() || at->second.leaving) {
      ASSERT_FALSE(result.has_value());
      EXPECT_EQ(result.error().reason, Reason::message_not_found);
      return;
    }
    ModelMessage& message = at->second;
    const Time received_at = message.received ? message.received_at : stage_.now;
    if (stage_.now + one.timeout > received_at + lease_total_max) {
      ASSERT_FALSE(result.has_value());
      EXPECT_EQ(result.error().reason, Reason::lease_too_long);
      return;
    }
    if (!result.has_value()) {
      EXPECT_EQ(result.error().reason, Reason::too_many_in_flight);
      EXPECT_LT(in_flight_max_, 1'000U);
      return;
    }
    if (!message.received || is_newer(one.lease, message)) {
      message.first_received = message.count == 0 ? stage_.now : message.first_received;
      message.epoch = one.lease.epoch;
      message.epoch_count = one.lease.count;
      message.count = std::max(message.count, one.lease.count);
      message.received = true;
      message.stays = false;
      message.received_at = stage_.now;
    }
    message.visible_at = stage_.now + one.timeout;
  }

  void act_pass() { stage_.pass(milliseconds(random_.below(random_.chance(0.05) ? 30'000 : 3'000))); }
  void act_read_ahead() { stage_.read_ahead(); }
  void act_reload() { stage_.reload(); }

  void act_count() {
    forget_expired();
    stage_.read_ahead();
    const Counts counts = stage_.ask<Description>(Describe{})->counts;
    Counts expected;
    for (const auto& [number, message] : model_.messages) {
      if (message.leaving) {
        continue;
      }
      (message.visible_at <= stage_.now ? expected.visible
       : message.received               ? expected.in_flight
                                        : expected.delayed) += 1;
    }
    // Expired messages in the midst of a block, or since the last look for them, are still counted.
    EXPECT_GE(counts.visible, expected.visible);
    EXPECT_GE(counts.in_flight, expected.in_flight);
    EXPECT_GE(counts.delayed, expected.delayed);
    const std::uint64_t over =
        counts.visible + counts.in_flight + counts.delayed - (expected.visible + expected.in_flight + expected.delayed);
    EXPECT_LE(over, expired_);
  }

  void act_transfer() {
    std::vector<std::uint64_t> tokens;
    for (const auto& [number, message] : model_.messages) {
      if (message.leaving) {
        tokens.push_back(number);
      }
    }
    for (const std::uint64_t token : tokens) {
      if (random_.chance(0.5)) {
        machines::Departed command;
        command.token = token;
        stage_.give(command);
        model_.messages.erase(token);
      } else if (random_.chance(0.5)) {
        machines::TurnedBack command;
        command.token = token;
        stage_.give(command);
        ModelMessage& message = model_.messages[token];
        if (message.purged) {
          model_.messages.erase(token);
          continue;
        }
        message.leaving = false;
        message.stays = true;
        message.visible_at = stage_.now;
      }
    }
  }

  void act_purge() {
    if (random_.chance(0.7)) {
      return;
    }
    stage_.ask<Description>(Purge{});
    std::erase_if(model_.messages, [](const auto& entry) { return !entry.second.leaving; });
    for (auto& [number, message] : model_.messages) {
      message.purged = true;
    }
  }

  // Everything up to here is durable.
  void act_keep() { keep(); }
  void keep() {
    model_.log_entries = stage_.log().size();
    kept_ = model_;
  }
  /// What was not kept never happened, but for what clients know of it: leases outlive the receives that made them.
  void act_crash() {
    stage_.crash(kept_.log_entries);
    model_ = kept_;
    std::erase_if(leases_, [&](const Lease& lease) {
      return lease.machine == test_machine && lease.number >= model_.number_next && lease.number < never_given;
    });
    forget_expired();
  }
  void act_replay() {
    const std::string saved = stage_.saved();
    auto machine = make(test_machine);
    stage_.replay(*machine, 0);
    std::string replayed;
    Writer out(replayed);
    machine->save(out);
    EXPECT_TRUE(replayed == saved) << "a replay gives another state";
  }

  void drain() {
    for (int turn = 0; turn < 400 && !testing::Test::HasFailure(); ++turn) {
      while (receive_and_check(10) > 0 && !testing::Test::HasFailure()) {
        Acknowledge command;
        for (std::size_t i = leases_.size() - std::min<std::size_t>(10, leases_.size()); i < leases_.size(); ++i) {
          command.leases.push_back(leases_[i]);
        }
        stage_.ask<Settled>(command);
        for (const Lease& lease : command.leases) {
          const auto at = model_.messages.find(lease.number);
          if (at != model_.messages.end() && !at->second.leaving && is_newest(lease, at->second)) {
            model_.messages.erase(at);
          }
        }
      }
      act_transfer();
      stage_.pass(seconds(turn < 350 ? 1 : 100));
      forget_expired();
    }
    EXPECT_EQ(model_.messages.size(), 0U);
  }

  // The model's rules

  bool must_leave(const ModelMessage& message) const {
    return settings_.dead_letters && message.received && !message.stays &&
           message.count - message.count_on_arrival >= settings_.dead_letters->receive_count_max;
  }
  static bool is_newest(const Lease& lease, const ModelMessage& message) {
    return message.received ? std::pair(lease.epoch, lease.count) >= std::pair(message.epoch, message.epoch_count)
                            : true;
  }
  static bool is_newer(const Lease& lease, const ModelMessage& message) {
    return std::pair(lease.epoch, lease.count) > std::pair(message.epoch, message.epoch_count);
  }
  void forget_expired() {
    expired_ += std::erase_if(model_.messages, [&](const auto& entry) {
      return !entry.second.leaving && entry.second.sent + retention_ <= stage_.now;
    });
  }

  /// In some lives messages belong to tenants, one of them noisy.
  std::string some_group() {
    if (!has_groups_ || random_.chance(0.2)) {
      return {};
    }
    return random_.chance(0.6) ? "noisy" : "tenant " + std::to_string(random_.below(5));
  }

  static constexpr std::uint64_t never_given = 1'000'000;
  std::vector<Lease> some_leases() {
    std::vector<Lease> some;
    const std::uint64_t count = 1 + random_.below(4);
    for (std::uint64_t i = 0; i < count && !leases_.empty(); ++i) {
      const std::size_t recent = std::min<std::size_t>(leases_.size(), random_.chance(0.8) ? 12 : leases_.size());
      some.push_back(leases_[leases_.size() - 1 - random_.below(recent)]);
    }
    if (random_.chance(0.02)) {
      some.push_back({test_machine, never_given, 1, 1});
      some.push_back({MachineId{78}, 1, 1, 1});
    }
    return some;
  }

  Random random_, random_copy_{0};
  Stage stage_;
  SettingsChange settings_;
  Seconds retention_{0}, visibility_{0};
  std::size_t in_flight_max_ = 0;
  bool has_groups_ = false;
  Model model_, kept_;
  std::vector<Lease> leases_;
  std::uint64_t envelopes_ = 0, expired_ = 0;
};

const std::vector<Life::Action>& Life::actions() {
  static const std::vector<Action> table = {
      {30, &Life::act_send}, {25, &Life::act_receive},   {20, &Life::act_acknowledge}, {12, &Life::act_extend},
      {25, &Life::act_pass}, {6, &Life::act_read_ahead}, {6, &Life::act_count},        {2, &Life::act_reload},
      {3, &Life::act_keep},  {2, &Life::act_crash},      {8, &Life::act_transfer},     {4, &Life::act_arrive},
      {1, &Life::act_purge}, {2, &Life::act_replay},
  };
  return table;
}

TEST(QueuePropertyTest, a_queue_does_what_a_map_of_messages_does) {
  for (std::uint64_t seed = 1; seed <= seeds && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const CheckTrap trap;
    try {
      Life(seed).live();
    } catch (const CheckFailed& failed) {
      ADD_FAILURE() << "check failed: " << failed.words;
    }
  }
}

}  // namespace
}  // namespace sluice::queue
