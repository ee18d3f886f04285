#include "machines/queue/settings.h"

namespace sluice::queue {
namespace {

// docs/formats/queue-facts.md, Settings. Only ever added to.
enum Tag : std::uint8_t {
  tag_end = 0,
  tag_visibility_timeout = 1,
  tag_delay = 2,
  tag_retention = 3,
  tag_receive_wait = 4,
  tag_message_bytes_max = 5,
  tag_dead_letters = 6,
  tag_ordered = 7,
  tag_label = 8,
  tag_label_removed = 9,
  tag_deduplicates_by_content = 10,
  tag_deduplication_scope = 11,
};

struct SecondsSetting {
  Tag tag;
  const char* name;
  std::optional<Seconds> SettingsChange::* given;
  Seconds Settings::* present;
};
constexpr SecondsSetting seconds_settings[] = {
    {tag_visibility_timeout, "visibility_timeout", &SettingsChange::visibility_timeout, &Settings::visibility_timeout},
    {tag_delay, "delay", &SettingsChange::delay, &Settings::delay},
    {tag_retention, "retention", &SettingsChange::retention, &Settings::retention},
    {tag_receive_wait, "receive_wait", &SettingsChange::receive_wait, &Settings::receive_wait},
};

bool read_setting(Reader& in, std::uint8_t tag, SettingsChange& change) {
  for (const SecondsSetting& setting : seconds_settings) {
    if (setting.tag == tag) {
      change.*setting.given = Seconds(in.varint());
      return in.ok();
    }
  }
  switch (tag) {
    case tag_message_bytes_max:
      change.message_bytes_max = static_cast<std::uint32_t>(in.varint());
      break;
    case tag_dead_letters:
      change.dead_letters.emplace();
      change.dead_letters->target = in.text();
      change.dead_letters->receive_count_max = static_cast<std::uint32_t>(in.varint());
      break;
    case tag_ordered:
      change.ordered = in.u8() != 0;
      break;
    case tag_deduplicates_by_content:
      change.deduplicates_by_content = in.u8() != 0;
      break;
    case tag_deduplication_scope:
      change.deduplication_scope = static_cast<DeduplicationScope>(in.u8());
      break;
    case tag_label: {
      std::string name(in.text());
      change.labels[std::move(name)] = std::string(in.text());
      break;
    }
    case tag_label_removed:
      change.labels[std::string(in.text())] = std::nullopt;
      break;
    default:
      return false;
  }
  return in.ok();
}

}  // namespace

void write(Writer& out, const SettingsChange& change) {
  for (const SecondsSetting& setting : seconds_settings) {
    if (change.*setting.given) {
      out.u8(setting.tag);
      out.varint(static_cast<std::uint64_t>((change.*setting.given)->count()));
    }
  }
  if (change.message_bytes_max) {
    out.u8(tag_message_bytes_max);
    out.varint(*change.message_bytes_max);
  }
  if (change.dead_letters) {
    out.u8(tag_dead_letters);
    out.text(change.dead_letters->target);
    out.varint(change.dead_letters->receive_count_max);
  }
  if (change.ordered) {
    out.u8(tag_ordered);
    out.u8(*change.ordered ? 1 : 0);
  }
  if (change.deduplicates_by_content) {
    out.u8(tag_deduplicates_by_content);
    out.u8(*change.deduplicates_by_content ? 1 : 0);
  }
  if (change.deduplication_scope) {
    out.u8(tag_deduplication_scope);
    out.u8(static_cast<std::uint8_t>(*change.deduplication_scope));
  }
  for (const auto& [name, value] : change.labels) {
    out.u8(value ? tag_label : tag_label_removed);
    out.text(name);
    if (value) {
      out.text(*value);
    }
  }
  out.u8(tag_end);
}

std::optional<SettingsChange> read_change(Reader& in) {
  SettingsChange change;
  for (std::uint8_t tag = in.u8(); tag != tag_end; tag = in.u8()) {
    if (!read_setting(in, tag, change)) {
      return std::nullopt;
    }
  }
  if (!in.ok()) {
    return std::nullopt;
  }
  return change;
}

void apply(const SettingsChange& change, Settings& settings) {
  for (const SecondsSetting& setting : seconds_settings) {
    settings.*setting.present = (change.*setting.given).value_or(settings.*setting.present);
  }
  settings.message_bytes_max = change.message_bytes_max.value_or(settings.message_bytes_max);
  settings.ordered = change.ordered.value_or(settings.ordered);
  settings.deduplicates_by_content = change.deduplicates_by_content.value_or(settings.deduplicates_by_content);
  settings.deduplication_scope = change.deduplication_scope.value_or(settings.deduplication_scope);
  if (change.dead_letters) {
    settings.dead_letter_target = change.dead_letters->target;
    settings.receive_count_max = change.dead_letters->target.empty() ? 0 : change.dead_letters->receive_count_max;
  }
  for (const auto& [name, value] : change.labels) {
    if (value) {
      settings.labels[name] = *value;
    } else {
      settings.labels.erase(name);
    }
  }
}

SettingsChange as_change(const Settings& settings) {
  SettingsChange change;
  for (const SecondsSetting& setting : seconds_settings) {
    change.*setting.given = settings.*setting.present;
  }
  change.message_bytes_max = settings.message_bytes_max;
  change.dead_letters = {settings.dead_letter_target, settings.receive_count_max};
  change.ordered = settings.ordered;
  if (settings.ordered) {
    change.deduplicates_by_content = settings.deduplicates_by_content;
    change.deduplication_scope = settings.deduplication_scope;
  }
  for (const auto& [name, value] : settings.labels) {
    change.labels[name] = value;
  }
  return change;
}

std::optional<std::string> first_difference(const SettingsChange& given, const Settings& present) {
  Settings wanted = present;
  apply(given, wanted);
  for (const SecondsSetting& setting : seconds_settings) {
    if (wanted.*setting.present != present.*setting.present) {
      return setting.name;
    }
  }
  if (wanted.message_bytes_max != present.message_bytes_max) {
    return "message_bytes_max";
  }
  if (wanted.dead_letter_target != present.dead_letter_target ||
      wanted.receive_count_max != present.receive_count_max) {
    return "dead_letters";
  }
  if (wanted.ordered != present.ordered) {
    return "ordered";
  }
  if (wanted.deduplicates_by_content != present.deduplicates_by_content) {
    return "deduplicates_by_content";
  }
  if (wanted.deduplication_scope != present.deduplication_scope) {
    return "deduplication_scope";
  }
  for (const auto& [name, value] : given.labels) {
    const auto at = present.labels.find(name);
    if (value ? at == present.labels.end() || at->second != *value : at != present.labels.end()) {
      return name;
    }
  }
  return std::nullopt;
}

void write(Writer& out, const std::map<std::string, std::string>& texts) {
  out.varint(texts.size());
  for (const auto& [name, value] : texts) {
    out.text(name);
    out.text(value);
  }
}

std::map<std::string, std::string> read_texts(Reader& in) {
  std::map<std::string, std::string> texts;
  const std::uint64_t count = in.varint();
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    std::string name(in.text());
    texts[std::move(name)] = std::string(in.text());
  }
  return texts;
}

}  // namespace sluice::queue
