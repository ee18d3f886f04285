#include "watched.h"

#include <cstring>
#include <set>
#include <utility>

#include "machines/queue/facts.h"
#include "machines/queue/move_facts.h"

namespace sluice::simulation {
namespace {

using machines::Command;
using machines::Fact;
using machines::LiveRange;
using machines::NeedsBlock;

/// A fact accepted_in_order whose group is the message's number.
std::string alone_in_its_group(std::string_view payload) {
  std::string spoiled(payload);
  Reader in(payload);
  const std::uint64_t number = in.varint();
  std::memcpy(spoiled.data() + in.position(), &number, sizeof number);
  return spoiled;
}

/// A fact moved_out after which no pause is made.
std::string without_pause(std::string_view payload) {
  std::string hurried;
  Writer out(hurried);
  Reader in(payload);
  in.varint();
  out.varint(0);
  out.raw(in.rest());
  return hurried;
}

class Watched final : public machines::Machine {
 public:
  Watched(machines::MachineId id, std::unique_ptr<Machine> machine) : id_(id), machine_(std::move(machine)) {
    watch().machines[id_.value] = machine_.get();
  }
  ~Watched() override {
    const auto found = watch().machines.find(id_.value);
    if (found != watch().machines.end() && found->second == machine_.get()) {
      watch().machines.erase(found);
    }
  }

  machines::Outcome decide(const Command& command, const machines::Moment& moment, machines::Facts& facts,
                           std::vector<machines::Departure>& departures) const override {
    watch().blocks_read += moment.blocks.size();
    auto outcome = decide_mutated(command, moment, facts, departures);
    watch().departures += departures.size();
    return outcome;
  }
  void apply(const Fact& fact) override {
    const auto kind = static_cast<queue::FactKind>(fact.kind);
    if (kind == queue::FactKind::moved_out) {
      queue::MovedOutFact::read(fact.payload, [this](std::uint64_t token) { moved_out_.insert(token); });
    }
    if (watch().mutation == Mutation::forget_groups && kind == queue::FactKind::accepted_in_order) {
      apply_instead(fact, alone_in_its_group(fact.payload));
    } else if (watch().mutation == Mutation::move_hurries && kind == queue::FactKind::moved_out) {
      apply_instead(fact, without_pause(fact.payload));
    } else {
      machine_->apply(fact);
    }
  }
  Time deadline() const override { return watch().mutation == Mutation::deaf ? never : machine_->deadline(); }
  bool ready() const override { return machine_->ready(); }
  std::optional<NeedsBlock> wanted_block() const override { return machine_->wanted_block(); }
  bool gone() const override { return machine_->gone(); }
  bool refers_to(std::string_view name) const override { return machine_->refers_to(name); }
  machines::Parcel parcel(std::uint64_t token) const override { return machine_->parcel(token); }
  void save(Writer& out) const override { machine_->save(out); }
  bool load(Reader& in) override { return machine_->load(in); }
  void live(const std::function<void(const LiveRange&)>& tell) const override {
    std::uint64_t told = 0;
    machine_->live([&](const LiveRange& range) {
      if (watch().mutation != Mutation::live_looks_dead || ++told % 2 == 0) {
        tell(range);
      }
    });
  }
  bool references(const LiveRange& within, const std::function<std::optional<std::string>(const Reference&)>& read,
                  const std::function<void(const Reference&)>& tell) const override {
    std::uint64_t told = 0;
    return machine_->references(within, read, [&](const Reference& reference) {
      if (watch().mutation != Mutation::half_rewritten || ++told % 2 == 0) {
        tell(reference);
      }
    });
  }
  void invariants() const override { machine_->invariants(); }

 private:
  machines::Outcome decide_mutated(const Command& command, const machines::Moment& moment, machines::Facts& facts,
                                   std::vector<machines::Departure>& departures) const {
    const auto* departed = dynamic_cast<const machines::Departed*>(&command);
    const auto* turned_back = dynamic_cast<const machines::TurnedBack*>(&command);
    if (watch().mutation == Mutation::moved_stays && departed != nullptr && moved_out_.contains(departed->token)) {
      machines::TurnedBack refused;
      refused.token = departed->token;
      return machine_->decide(refused, moment, facts, departures);
    }
    if (watch().mutation == Mutation::move_drops && turned_back != nullptr && moved_out_.contains(turned_back->token)) {
      machines::Departed taken;
      taken.token = turned_back->token;
      return machine_->decide(taken, moment, facts, departures);
    }
    return machine_->decide(command, moment, facts, departures);
  }
  void apply_instead(Fact fact, const std::string& payload) {
    fact.payload = payload;
    machine_->apply(fact);
  }

  machines::MachineId id_;
  std::unique_ptr<Machine> machine_;
  std::set<std::uint64_t> moved_out_;  ///< by tasks, since the process began
};

}  // namespace

Watch& watch() {
  static Watch watch;
  return watch;
}

std::unique_ptr<machines::Machine> make_watched(machines::Kind, machines::MachineId id) {
  return std::make_unique<Watched>(id, queue::make(id, watch().options));
}

std::map<std::uint64_t, std::string> saved_states() {
  std::map<std::uint64_t, std::string> states;
  for (const auto& [id, machine] : watch().machines) {
    Writer out(states[id]);
    machine->save(out);
  }
  return states;
}

}  // namespace sluice::simulation
