#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "machines/machine.h"

/// The least machine that uses all that a node offers: a notebook of texts that stay in the log. For the node's tests.
namespace sluice::node::tests {

using machines::Fact;
using machines::Facts;
using machines::Moment;

struct Said final : machines::Reply {
  std::uint64_t count = 0;  ///< notes left
};
struct Note final : machines::Command {
  explicit Note(std::string its_text) : text(std::move(its_text)) {}
  Need need() const override { return Need::grows; }
  std::string text;
};
/// The oldest note, out of the book; waits for one.
struct Take final : machines::Command {
  Need need() const override { return Need::changes; }
};
struct Count final : machines::Command {
  Need need() const override { return Need::reclaims; }
};
struct Close final : machines::Command {
  Need need() const override { return Need::shrinks; }
};
/// At that time a note "rang" is added.
struct Ring final : machines::Command {
  explicit Ring(Milliseconds span) : after(span) {}
  Need need() const override { return Need::changes; }
  Milliseconds after;
};
/// The oldest note leaves for another book.
struct Give final : machines::Command {
  explicit Give(std::string name) : target(std::move(name)) {}
  Need need() const override { return Need::changes; }
  std::string target;
};
/// Answers once the oldest note has been handed in as block 7.
struct Page final : machines::Command {
  Need need() const override { return Need::reclaims; }
};
/// A fact that no apply accepts: the machine breaks in replay.
struct Break final : machines::Command {
  Need need() const override { return Need::changes; }
};

class Notebook final : public machines::Machine {
 public:
  enum Kinds : std::uint16_t { opened = 1, noted, taken, closed, rings, rang, gave, left, came_back, broke };
  static constexpr std::uint64_t block_number = 7;
  static inline bool breaks = false;  ///< the fact of Break breaks apply

  machines::Outcome decide(const machines::Command& command, const Moment& moment, Facts& facts,
                           std::vector<machines::Departure>& departures) const override {
    const bool makes = dynamic_cast<const Note*>(&command) != nullptr;
    if (!open_ && !makes) {
      return Refusal{Reason::not_found, "closed"};
    }
    if (!open_) {
      facts.add(opened, [](Writer&) {});
    }
    if (const auto* note = dynamic_cast<const Note*>(&command)) {
      facts.add(noted, [&](Writer& out) { out.raw(note->text); });
      return say(notes_.size() + 1);
    }
    if (const auto* arrival = dynamic_cast<const machines::Arrival*>(&command)) {
      if (arrival->body == "unwanted") {
        return Refusal{Reason::full, ""};
      }
      facts.add(noted, [&](Writer& out) { out.raw(arrival->body); });
      return say(notes_.size() + 1);
    }
    if (dynamic_cast<const Take*>(&command) != nullptr) {
      if (notes_.empty()) {
        return moment.last_chance ? machines::Outcome(say(0)) : machines::Outcome(machines::Waits{Milliseconds(50)});
      }
      facts.add(taken, [](Writer&) {});
      auto reply = say(notes_.size() - 1);
      reply->wanted.push_back(notes_.front());
      return reply;
    }
    if (dynamic_cast<const Page*>(&command) != nullptr) {
      if (!moment.blocks.contains(block_number)) {
        return machines::NeedsBlock{block_number, notes_.front()};
      }
      return say(moment.blocks.at(block_number).size());
    }
    return decide_rest(command, moment, facts, departures);
  }

  void apply(const Fact& fact) override {
    Reader in(fact.payload);
    switch (fact.kind) {
      case opened:
        open_ = true;
        return;
      case noted:
        notes_.push_back(fact.reference(fact.payload));
        return;
      case taken:
        notes_.pop_front();
        return;
      case closed:
        open_ = false;
        gone_ = true;
        return;
      case rings:
        deadline_ = from_milliseconds(in.i64());
        return;
      case rang:
        deadline_ = never;
        notes_.push_back(fact.reference(fact.payload));
        return;
      case gave:
        check(!notes_.empty(), "what is given is there");
        away_[++token_] = notes_.front();
        notes_.pop_front();
        return;
      case left:
        check(away_.erase(in.u64()) == 1, "what has left was away");
        return;
      case came_back: {
        const std::uint64_t token = in.u64();
        notes_.push_front(away_.at(token));
        away_.erase(token);
        return;
      }
      case broke:
        check(!breaks, "the notebook is whole");
        return;
    }
    check(false, "a fact that a notebook knows");
  }

  Time deadline() const override { return deadline_; }
  bool ready() const override { return !notes_.empty(); }
  std::optional<machines::NeedsBlock> wanted_block() const override { return std::nullopt; }
  bool gone() const override { return gone_; }
  bool refers_to(std::string_view) const override { return false; }
  machines::Parcel parcel(std::uint64_t token) const override { return {"", away_.at(token)}; }

  void save(Writer& out) const override {
    out.u8(open_ ? 1 : 0);
    out.i64(to_milliseconds(deadline_));
    out.u64(token_);
    out.u32(static_cast<std::uint32_t>(notes_.size()));
    for (const Reference& note : notes_) {
      write(out, note);
    }
    out.u32(static_cast<std::uint32_t>(away_.size()));
    for (const auto& [token, note] : away_) {
      out.u64(token);
      write(out, note);
    }
  }
  bool load(Reader& in) override {
    open_ = in.u8() == 1;
    deadline_ = from_milliseconds(in.i64());
    token_ = in.u64();
    for (std::uint32_t notes = in.u32(); notes > 0 && in.ok(); --notes) {
      notes_.push_back(read(in));
    }
    for (std::uint32_t away = in.u32(); away > 0 && in.ok(); --away) {
      const std::uint64_t token = in.u64();
      away_[token] = read(in);
    }
    return in.ok() && in.at_end();
  }

  void live(const std::function<void(const machines::LiveRange&)>& tell) const override {
    for (const Reference& note : notes_) {
      tell({note.sequence, note.sequence, note.length});
    }
    for (const auto& [token, note] : away_) {
      tell({note.sequence, note.sequence, note.length});
    }
  }
  bool references(const machines::LiveRange&, const std::function<std::optional<std::string>(const Reference&)>&,
                  const std::function<void(const Reference&)>& tell) const override {
    for (const Reference& note : notes_) {
      tell(note);
    }
    for (const auto& [token, note] : away_) {
      tell(note);
    }
    return true;
  }
  void invariants() const override { check(open_ || notes_.empty() || gone_, "a closed notebook is empty"); }

 private:
  static std::unique_ptr<Said> say(std::uint64_t count) {
    auto said = std::make_unique<Said>();
    said->count = count;
    return said;
  }
  static void write(Writer& out, const Reference& note) {
    out.u64(note.sequence);
    out.u32(note.offset);
    out.u32(note.length);
  }
  static Reference read(Reader& in) {
    Reference note;
    note.sequence = in.u64();
    note.offset = in.u32();
    note.length = in.u32();
    return note;
  }

  machines::Outcome decide_rest(const machines::Command& command, const Moment& moment, Facts& facts,
                                std::vector<machines::Departure>& departures) const {
    if (const auto* ring = dynamic_cast<const Ring*>(&command)) {
      facts.add(rings, [&](Writer& out) { out.i64(to_milliseconds(moment.now + ring->after)); });
    } else if (dynamic_cast<const machines::Tick*>(&command) != nullptr) {
      if (deadline_ <= moment.now) {
        facts.add(rang, [](Writer& out) { out.raw("rang"); });
      }
    } else if (dynamic_cast<const Close*>(&command) != nullptr) {
      facts.add(closed, [](Writer&) {});
    } else if (const auto* give = dynamic_cast<const Give*>(&command)) {
      if (notes_.empty() || moment.departures_free == 0) {
        return Refusal{Reason::full, ""};
      }
      facts.add(gave, [](Writer&) {});
      departures.push_back({give->target, token_ + 1});
    } else if (const auto* departed = dynamic_cast<const machines::Departed*>(&command)) {
      facts.add(left, [&](Writer& out) { out.u64(departed->token); });
    } else if (const auto* back = dynamic_cast<const machines::TurnedBack*>(&command)) {
      facts.add(came_back, [&](Writer& out) { out.u64(back->token); });
    } else if (dynamic_cast<const Break*>(&command) != nullptr) {
      facts.add(broke, [](Writer&) {});
    }
    return say(notes_.size());
  }

  bool open_ = false, gone_ = false;
  Time deadline_ = never;
  std::uint64_t token_ = 0;
  std::deque<Reference> notes_;
  std::map<std::uint64_t, Reference> away_;
};

inline std::unique_ptr<machines::Machine> make_notebook(machines::Kind, machines::MachineId) {
  return std::make_unique<Notebook>();
}

}  // namespace sluice::node::tests
