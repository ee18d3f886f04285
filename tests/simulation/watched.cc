#include "watched.h"

#include <cstring>
#include <utility>

#include "machines/queue/facts.h"

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
    auto outcome = machine_->decide(command, moment, facts, departures);
    watch().departures += departures.size();
    return outcome;
  }
  void apply(const Fact& fact) override {
    if (watch().mutation == Mutation::forget_groups &&
        fact.kind == static_cast<std::uint16_t>(queue::FactKind::accepted_in_order)) {
      const std::string spoiled = alone_in_its_group(fact.payload);
      Fact alone = fact;
      alone.payload = spoiled;
      machine_->apply(alone);
      return;
    }
    machine_->apply(fact);
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
  machines::MachineId id_;
  std::unique_ptr<Machine> machine_;
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
