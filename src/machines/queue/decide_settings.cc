#include "machines/queue/decide.h"
#include "machines/queue/settings.h"

namespace sluice::queue {
namespace {

std::unique_ptr<Description> describe(const Decision& decision) {
  const State& state = decision.state;
  auto description = std::make_unique<Description>();
  description->machine = state.id;
  description->settings = state.settings;
  description->tags = state.tags;
  description->counts = state.counts(decision.moment.now);
  description->created_at = state.created_at;
  description->changed_at = state.changed_at;
  return description;
}

Refusal no_queue() { return {Reason::not_found, {}}; }

}  // namespace

Outcome decide(const Create& command, const Decision& decision) {
  if (decision.state.exists) {
    if (std::optional<std::string> name = first_difference(command.settings, decision.state.settings)) {
      return Refusal{Reason::already_exists, std::move(*name)};
    }
    return describe(decision);
  }
  if (decision.state.keeps_name(decision.moment.now)) {
    return Refusal{Reason::deleted_recently, {}};
  }
  decision.tell(FactKind::created, [&](Writer& out) { Created{command.settings, command.tags}.write(out); });
  std::unique_ptr<Description> description = describe(decision);
  description->created = true;
  apply(command.settings, description->settings);
  description->tags = command.tags;
  description->created_at = description->changed_at = decision.moment.now;
  return description;
}

Outcome decide(const Configure& command, const Decision& decision) {
  const State& state = decision.state;
  if (!state.exists) {
    return no_queue();
  }
  if (command.settings.ordered.value_or(state.settings.ordered) != state.settings.ordered) {
    return Refusal{Reason::invalid_setting, "ordered"};
  }
  decision.tell(FactKind::configured, [&](Writer& out) { Configured{command.settings}.write(out); });
  std::unique_ptr<Description> description = describe(decision);
  apply(command.settings, description->settings);
  description->changed_at = decision.moment.now;
  return description;
}

Outcome decide(const Describe&, const Decision& decision) {
  return decision.state.exists ? Outcome(describe(decision)) : Outcome(no_queue());
}

Outcome decide(const Remove& command, const Decision& decision) {
  if (!decision.state.exists) {
    return no_queue();
  }
  decision.tell(FactKind::removed, [&](Writer& out) { Removed{command.keep_name}.write(out); });
  return describe(decision);
}

Outcome decide(const Purge& command, const Decision& decision) {
  const State& state = decision.state;
  if (!state.exists) {
    return no_queue();
  }
  if (state.purged_at && decision.moment.now < *state.purged_at + command.pause) {
    return Refusal{Reason::purge_in_progress, {}};
  }
  decision.tell(FactKind::purged);
  std::unique_ptr<Description> description = describe(decision);
  description->counts = {};
  return description;
}

Outcome decide(const Tag& command, const Decision& decision) {
  if (!decision.state.exists) {
    return no_queue();
  }
  std::unique_ptr<Description> description = describe(decision);
  for (const std::string& name : command.removed) {
    description->tags.erase(name);
  }
  for (const auto& [name, value] : command.set) {
    description->tags[name] = value;
  }
  if (description->tags.size() > command.tags_max) {
    return Refusal{Reason::invalid_setting, "tags"};
  }
  decision.tell(FactKind::tagged, [&](Writer& out) { Tagged{command.set, command.removed}.write(out); });
  return description;
}

}  // namespace sluice::queue
