// Ordered queues against a model that says in a few lines what spec/sqs.md §7 says: random commands, time, restarts.
#include <algorithm>
#include <cstdlib>
#include <deque>
#include <random>

#include "machines/queue/stage.h"

namespace sluice::queue {
namespace {

using std::chrono::seconds;

struct ModelMessage {
  std::uint64_t number = 0;
  std::string group, envelope;
  Time sent, joined;
  std::uint32_t receives = 0, receives_here = 0;
  std::optional<Time> hidden_until;  ///< by the newest receive; unset: never received here
  std::optional<Lease> lease;        ///< the newest
  bool stays = false;                ///< it was turned back: given out once
};

struct KnownId {
  std::string id, group;
  std::uint64_t number = 0;
  Time at;
};

class Play {
 public:
  explicit Play(std::uint64_t seed, const Options& options) : random_(seed), stage_(options) {
    create(stage_, {.retention = seconds(600), .ordered = true});
  }

  void step() {
    const auto chance = pick(100);
    if (chance < 35) {
      send();
    } else if (chance < 60) {
      receive_some();
    } else if (chance < 75) {
      settle(true);
    } else if (chance < 81) {
      settle(false);
    } else if (chance < 92) {
      stage_.pass(Milliseconds(pick(pick(20) == 0 ? 120'000 : 4'000)));
      stage_.tick();
      forget_expired();
    } else {
      seldom();
    }
    check_counts();
  }

  void drain() {
    Configure command;
    command.settings = {.delay = seconds(0), .dead_letters = DeadLetterRule{}};
    stage_.ask<Description>(command);
    delay_ = seconds(0);
    receives_max_ = 0;
    answer_departures();
    for (int quiet = 0; quiet < 3;) {
      const std::size_t before = messages_.size();
      receive_some(seconds(5));
      for (std::size_t i = 0; i < leases_.size();) {
        acknowledge_one(leases_[i].first, leases_[i].second);
        leases_.erase(leases_.begin());
      }
      stage_.pass(seconds(60));
      stage_.tick();
      forget_expired();
      stage_.read_ahead();
      quiet = messages_.size() == before ? quiet + 1 : 0;
    }
    EXPECT_TRUE(messages_.empty()) << messages_.size() << " are left, the first " << messages_.front().envelope;
  }

 private:
  std::uint64_t pick(std::uint64_t below) { return random_() % below; }

  void send() {
    Send command;
    for (std::uint64_t i = 0, count = 1 + pick(4); i < count; ++i) {
      Outgoing message;
      message.group = std::string(1, static_cast<char>('a' + pick(pick(3) == 0 ? 12 : 3)));
      message.envelope = message.group + std::to_string(++sent_);
      message.size_bytes = 1;
      message.deduplication_id = pick(4) == 0 ? std::to_string(pick(10)) : "own" + std::to_string(sent_);
      command.messages.push_back(message);
    }
    const auto sent = stage_.ask<Sent>(command);
    for (std::size_t i = 0; i < command.messages.size(); ++i) {
      const Outgoing& message = command.messages[i];
      const Accepted& accepted = sent->each[i].value();
      const std::vector<std::uint64_t> first = known(message);
      ASSERT_EQ(accepted.duplicate, !first.empty()) << message.envelope << " with id " << message.deduplication_id;
      if (accepted.duplicate) {
        EXPECT_NE(std::ranges::find(first, accepted.number), first.end());
        EXPECT_TRUE(accepted.first_in_bytes || accepted.first_in_command);
        continue;
      }
      EXPECT_GT(accepted.number, last_number_);
      last_number_ = accepted.number;
      ids_.push_back({message.deduplication_id, message.group, accepted.number, stage_.now});
      messages_.push_back({.number = accepted.number,
                           .group = message.group,
                           .envelope = message.envelope,
                           .sent = stage_.now,
                           .joined = stage_.now,
                           .hidden_until = {},
                           .lease = {}});
    }
  }

  /// Several after a change of scope: those were accepted in different groups.
  std::vector<std::uint64_t> known(const Outgoing& message) const {
    std::vector<std::uint64_t> numbers;
    const bool by_group = (stage_.now < scope_at_ ? scope_before_ : scope_) == DeduplicationScope::group;
    for (const KnownId& known : ids_) {
      if (known.id == message.deduplication_id && known.at + deduplication_window > stage_.now &&
          (!by_group || known.group == message.group)) {
        numbers.push_back(known.number);
      }
    }
    return numbers;
  }

  bool is_hidden(const ModelMessage& message) const {
    return message.hidden_until ? *message.hidden_until > stage_.now : message.joined + delay_ > stage_.now;
  }
  bool must_leave(const ModelMessage& message) const {
    return receives_max_ > 0 && message.receives_here >= receives_max_ && !message.stays;
  }
  /// What may be given out now, of each group in order.
  std::map<std::string, std::vector<ModelMessage*>> available() {
    std::map<std::string, std::vector<ModelMessage*>> groups;
    std::map<std::string, bool> locked;
    for (ModelMessage& message : messages_) {
      locked[message.group] = locked[message.group] || is_hidden(message);
      if (!locked[message.group]) {
        groups[message.group].push_back(&message);
      }
    }
    return groups;
  }

  void receive_some(std::optional<Seconds> timeout = std::nullopt) {
    Receive command;
    command.count_max = static_cast<std::uint32_t>(1 + pick(4));
    command.visibility_timeout = timeout.value_or(seconds(pick(3) == 0 ? 0 : pick(20)));
    if (pick(3) == 0) {
      command.attempt_id = std::string(1, static_cast<char>('x' + pick(3)));
      if (const std::vector<std::uint64_t>* again = repeats(command.attempt_id)) {
        repeat(command, *again);
        return;
      }
    }
    const auto batch = stage_.ask<Batch>(command);
    take_departures();
    auto groups = available();
    std::vector<std::uint64_t> numbers;
    std::vector<std::string> seen;
    for (std::size_t i = 0; i < batch->messages.size(); ++i) {
      const Received& got = batch->messages[i];
      numbers.push_back(got.lease.number);
      ModelMessage* message = find(got.lease.number);
      ASSERT_NE(message, nullptr);
      std::vector<ModelMessage*>& group = groups[message->group];
      ASSERT_FALSE(group.empty()) << message->envelope << " is not to be given out";
      ASSERT_EQ(group.front(), message) << "of the group, " << group.front()->envelope << " comes first";
      EXPECT_FALSE(must_leave(*message)) << message->envelope << " was received often enough";
      group.erase(group.begin());
      EXPECT_EQ(stage_.bytes_of(batch->wanted[i]).value(), message->envelope);
      EXPECT_EQ(got.sent, message->sent);
      if (seen.empty() || seen.back() != message->group) {
        EXPECT_EQ(std::ranges::find(seen, message->group), seen.end()) << "one group after the other";
        seen.push_back(message->group);
      }
      lease(*message, got.lease, *command.visibility_timeout);
      EXPECT_EQ(got.receive_count, message->receives);
    }
    const bool any = std::ranges::any_of(groups, [](const auto& group) { return !group.second.empty(); });
    if (batch->messages.empty() && any) {
      for (const auto& [name, group] : groups) {
        EXPECT_TRUE(group.empty()) << group.front()->envelope << " could be given out";
      }
    }
    remember_attempt(command, std::move(numbers));
  }

  void lease(ModelMessage& message, const Lease& lease, Seconds timeout) {
    leases_.emplace_back(lease, message.envelope);
    message.lease = lease;
    message.hidden_until = stage_.now + timeout;
    message.stays = false;
    ++message.receives;
    ++message.receives_here;
    touch(message.number);
  }

  // Attempts
  void remember_attempt(const Receive& command, std::vector<std::uint64_t> numbers) {
    if (!command.attempt_id.empty() && !numbers.empty()) {
      attempts_[command.attempt_id] = {stage_.now, std::move(numbers)};
    }
  }
  void touch(std::uint64_t number) {
    std::erase_if(attempts_, [&](const auto& attempt) {
      return std::ranges::find(attempt.second.second, number) != attempt.second.second.end();
    });
  }
  const std::vector<std::uint64_t>* repeats(const std::string& id) {
    const auto at = attempts_.find(id);
    if (at == attempts_.end() || at->second.first + deduplication_window <= stage_.now) {
      return nullptr;
    }
    const bool untouched = std::ranges::all_of(at->second.second, [&](std::uint64_t number) {
      const ModelMessage* message = find(number);
      return message != nullptr && is_hidden(*message);
    });
    return untouched ? &at->second.second : nullptr;
  }
  void repeat(const Receive& command, const std::vector<std::uint64_t>& numbers) {
    const auto batch = stage_.ask<Batch>(command);
    ASSERT_EQ(batch->messages.size(), numbers.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      ModelMessage& message = *find(numbers[i]);
      EXPECT_EQ(batch->messages[i].lease.number, numbers[i]);
      EXPECT_EQ(batch->messages[i].lease.count, message.lease->count);
      EXPECT_EQ(batch->messages[i].receive_count, message.receives);
      message.hidden_until = stage_.now + *command.visibility_timeout;
    }
    if (command.visibility_timeout->count() == 0) {
      attempts_.erase(command.attempt_id);
    }
  }

  // Settling
  void settle(bool deletes) {
    if (leases_.empty()) {
      return;
    }
    const std::size_t at = pick(leases_.size());
    const auto [lease, envelope] = leases_[at];
    if (deletes) {
      acknowledge_one(lease, envelope);
      leases_.erase(leases_.begin() + static_cast<std::ptrdiff_t>(at));
    } else {
      extend_one(lease);
    }
  }
  bool is_good(const ModelMessage* message, const Lease& lease) const {
    return message != nullptr && message->lease && message->lease->epoch == lease.epoch &&
           message->lease->count == lease.count && is_hidden(*message);
  }
  void acknowledge_one(const Lease& lease, const std::string& envelope) {
    const auto done = acknowledge(stage_, lease);
    const ModelMessage* message = find(lease.number);
    ASSERT_EQ(done.has_value(), message == nullptr || is_good(message, lease)) << envelope;
    if (message != nullptr && done.has_value()) {
      touch(lease.number);
      std::erase_if(messages_, [&](const ModelMessage& one) { return one.number == lease.number; });
    }
  }
  void extend_one(const Lease& lease) {
    const Seconds timeout(pick(3) == 0 ? 0 : pick(30));
    const auto done = extend(stage_, lease, timeout);
    ModelMessage* message = find(lease.number);
    ASSERT_EQ(done.has_value(), is_good(message, lease));
    if (done.has_value()) {
      message->hidden_until = stage_.now + timeout;
      touch(lease.number);
    }
  }

  // Time, restarts, settings, other queues
  void seldom() {
    switch (pick(9)) {
      case 0:
        stage_.reload();
        break;
      case 1:
        restart();
        break;
      case 2:
        stage_.read_ahead();
        break;
      case 3:
        configure_delay();
        break;
      case 4:
        configure_scope();
        break;
      case 5:
        configure_dead_letters();
        break;
      case 6:
        answer_departures();
        break;
      case 7:
        arrive();
        break;
      default:
        if (pick(6) == 0) {
          purge();
        }
    }
  }
  void restart() {
    const std::string before = stage_.saved();
    stage_.crash(stage_.log().size());
    EXPECT_TRUE(stage_.saved() == before) << "replay makes the same state";
  }
  void configure(const SettingsChange& change) {
    Configure command;
    command.settings = change;
    stage_.ask<Description>(command);
  }
  void configure_delay() {
    delay_ = seconds(pick(2) == 0 ? 0 : pick(10));
    configure({.delay = delay_});
  }
  void configure_scope() {
    const auto scope = static_cast<DeduplicationScope>(pick(2));
    configure({.deduplication_scope = scope});
    if (scope != scope_) {
      scope_before_ = stage_.now < scope_at_ ? scope_before_ : scope_;
      scope_at_ = stage_.now + deduplication_scope_delay;
      scope_ = scope;
    }
  }
  void configure_dead_letters() {
    receives_max_ = static_cast<std::uint32_t>(pick(2) * (1 + pick(4)));
    configure({.dead_letters = DeadLetterRule{receives_max_ > 0 ? "target" : "", receives_max_}});
  }
  /// Those that left: they were visible, had been received often enough, and their group goes on.
  void take_departures() {
    for (; departed_ < stage_.departures.size(); ++departed_) {
      const std::uint64_t number = stage_.departures[departed_].token;
      const ModelMessage* message = find(number);
      ASSERT_NE(message, nullptr);
      EXPECT_TRUE(!is_hidden(*message) && must_leave(*message));
      away_[number] = *message;
      std::erase_if(messages_, [&](const ModelMessage& one) { return one.number == number; });
    }
  }
  void answer_departures() {
    for (auto& [number, message] : std::exchange(away_, {})) {
      if (pick(2) == 0) {
        machines::Departed departed;
        departed.token = number;
        stage_.ask<machines::Reply>(departed);
        continue;
      }
      machines::TurnedBack back;
      back.token = number;
      stage_.ask<machines::Reply>(back);
      message.hidden_until = stage_.now;
      message.stays = true;
      const auto after = std::ranges::find_if(messages_, [&](const ModelMessage& one) { return one.number > number; });
      messages_.insert(after, message);
    }
    forget_expired();
  }
  void arrive() {
    Message content;
    content.id = "id";
    content.body = std::to_string(++sent_);
    content.group = std::string(1, static_cast<char>('a' + pick(3)));
    machines::Arrival arrival;
    arrival.source = "source";
    arrival.body = encode(content);
    Writer header(arrival.header);
    const Time sent = stage_.now - seconds(1'000);
    Luggage{sent, sent + seconds(1), 2}.write(header);
    last_number_ = stage_.ask<Sent>(arrival)->each.at(0)->number;
    messages_.push_back({.number = last_number_,
                         .group = content.group,
                         .envelope = with_dead_letter_source(arrival.body, arrival.source),
                         .sent = sent,
                         .joined = stage_.now,
                         .receives = 2,
                         .hidden_until = {},
                         .lease = {}});
  }
  void purge() {
    stage_.ask<Description>(Purge{});
    messages_.clear();
    ids_.clear();
    attempts_.clear();
    // What left and is turned back after a purge is forgotten.
    for (const auto& [number, message] : std::exchange(away_, {})) {
      machines::Departed departed;
      departed.token = number;
      stage_.ask<machines::Reply>(departed);
    }
  }
  void forget_expired() {
    std::erase_if(messages_, [&](const ModelMessage& one) { return one.joined + seconds(600) <= stage_.now; });
  }

  ModelMessage* find(std::uint64_t number) {
    const auto at = std::ranges::find(messages_, number, &ModelMessage::number);
    return at == messages_.end() ? nullptr : &*at;
  }
  void check_counts() {
    const Counts counts = stage_.ask<Description>(Describe{})->counts;
    std::uint64_t in_flight = 0;
    for (const ModelMessage& message : messages_) {
      in_flight += message.hidden_until && is_hidden(message) ? 1 : 0;
    }
    EXPECT_LE(in_flight, counts.in_flight);  // what is over may still be counted for a moment
    EXPECT_GE(counts.visible + counts.in_flight + counts.delayed, messages_.size());
  }

  std::mt19937_64 random_;
  Stage stage_;
  std::vector<ModelMessage> messages_;  // by number
  std::deque<KnownId> ids_;
  std::vector<std::pair<Lease, std::string>> leases_;
  std::map<std::string, std::pair<Time, std::vector<std::uint64_t>>> attempts_;
  std::map<std::uint64_t, ModelMessage> away_;
  std::size_t departed_ = 0;
  std::uint64_t sent_ = 0, last_number_ = 0;
  Seconds delay_{0};
  std::uint32_t receives_max_ = 0;
  DeduplicationScope scope_ = DeduplicationScope::queue, scope_before_ = DeduplicationScope::queue;
  Time scope_at_;
};

/// `SLUICE_SEEDS` plays more.
void play(std::uint64_t seeds, const Options& options) {
  if (const char* more = std::getenv("SLUICE_SEEDS")) {
    seeds = std::stoull(more);
  }
  for (std::uint64_t seed = 1; seed <= seeds && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Play play(seed, options);
    for (int i = 0; i < 400 && !testing::Test::HasFailure(); ++i) {
      play.step();
    }
    if (!testing::Test::HasFailure()) {
      play.drain();
    }
  }
}

TEST(OrderedPropertyTest, all_in_memory) { play(60, {}); }

TEST(OrderedPropertyTest, paged_out_early) {
  Options options;
  options.head_messages = 6;
  options.block_messages = 4;
  options.fair_messages_max = 16;
  options.ids_in_page = 4;
  options.ids_pause = Milliseconds(500);
  play(60, options);
}

}  // namespace
}  // namespace sluice::queue
