// ElasticMQ: reference.conf of its server tells the names.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "doors/aws/iam/identity.h"
#include "server/environment.h"
#include "server/import/hocon.h"
#include "server/import/import.h"
#include "server/text_file.h"

namespace sluice::server {
namespace {

/// What is read goes into the file; the first thing that makes no sense ends it.
struct Import {
  const std::string& path;
  SettingsFile file{};
  std::optional<std::string> problem{};

  void fail(const Tree& at, std::string_view words) {
    if (!problem) {
      problem = fmt::format("{}, line {}: {}", path, at.line, words);
    }
  }
  void note(const Tree& at, std::string_view words) {
    file.notes.push_back(fmt::format("{}, line {}: {}", path, at.line, words));
  }
  void set(const Tree& at, std::string name, std::string value) {
    file.settings.push_back({std::move(name), std::move(value), at.line});
  }
};

struct Unit {
  std::string_view name;
  double seconds;
};
// HOCON: "Duration format". A number alone is milliseconds.
constexpr Unit units[] = {
    {"", 1e-3},
    {"ms", 1e-3},
    {"milli", 1e-3},
    {"millis", 1e-3},
    {"millisecond", 1e-3},
    {"milliseconds", 1e-3},
    {"ns", 1e-9},
    {"nano", 1e-9},
    {"nanos", 1e-9},
    {"nanosecond", 1e-9},
    {"nanoseconds", 1e-9},
    {"us", 1e-6},
    {"micro", 1e-6},
    {"micros", 1e-6},
    {"microsecond", 1e-6},
    {"microseconds", 1e-6},
    {"s", 1},
    {"second", 1},
    {"seconds", 1},
    {"m", 60},
    {"minute", 60},
    {"minutes", 60},
    {"h", 3'600},
    {"hour", 3'600},
    {"hours", 3'600},
    {"d", 86'400},
    {"day", 86'400},
    {"days", 86'400},
};
constexpr double seconds_max = 1e9;

std::optional<std::string> whole_seconds(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  unit.remove_prefix(std::min(unit.find_first_not_of(' '), unit.size()));
  const auto* found = std::ranges::find(units, unit, &Unit::name);
  if (error != std::errc() || found == std::end(units) || number < 0 || !(number * found->seconds <= seconds_max)) {
    return std::nullopt;
  }
  return std::to_string(static_cast<std::int64_t>(number * found->seconds));
}

bool is_on(const Tree& table, std::string_view name) {
  const std::string text = text_at(table, name);
  return text == "true" || text == "yes" || text == "on";
}

std::string queue_name(const Tree& queues, const std::string& name) {
  const Tree* found = queues.find(name);
  return found != nullptr && is_on(*found, "fifo") && !name.ends_with(".fifo") ? name + ".fifo" : name;
}

void read_dead_letters(Import& import, const Tree& queues, const Tree& tree, QueueDeclaration& queue) {
  const std::string target = queue_name(queues, text_at(tree, "name"));
  const std::string count = text_at(tree, "maxReceiveCount");
  const auto [end, error] = std::from_chars(count.data(), count.data() + count.size(), queue.receives_max);
  if (target.empty() || error != std::errc() || end != count.data() + count.size() || queue.receives_max < 1) {
    import.fail(tree, "deadLettersQueue takes a name and a maxReceiveCount from 1 to 1000");
  } else if (target.ends_with(".fifo") != queue.name.ends_with(".fifo")) {
    import.note(tree,
                fmt::format("{} keeps its dead letters: {} is not of the same kind (FIFO or not)", queue.name, target));
    queue.receives_max = 0;
  } else {
    queue.dead_letter_queue = target;
  }
}

void read_seconds(Import& import, const Tree& tree, const std::string& attribute, QueueDeclaration& queue) {
  const auto seconds = whole_seconds(tree.text);
  if (!seconds) {
    import.fail(tree, fmt::format("'{}' is not a duration such as \"10 seconds\"", tree.text));
    return;
  }
  queue.attributes.insert_or_assign(attribute, *seconds);
}

void read_tags(Import&, const Tree& tree, QueueDeclaration& queue) {
  for (const auto& [name, value] : tree.members) {
    queue.tags.insert_or_assign(name, value.text);
  }
}

void read_deduplication(Import&, const Tree& tree, QueueDeclaration& queue) {
  if (tree.text == "true") {
    queue.attributes.insert_or_assign("ContentBasedDeduplication", "true");
  }
}

void note_copy(Import& import, const Tree& tree, QueueDeclaration& queue) {
  if (!tree.text.empty()) {
    import.note(tree, fmt::format("{} copies or moves nothing to {}", queue.name, tree.text));
  }
}

struct Key {
  std::string_view name;
  void (*read)(Import&, const Tree&, QueueDeclaration&);
};
constexpr std::string_view other_keys = " fifo deadLettersQueue ";
constexpr Key keys[] = {
    {"defaultVisibilityTimeout", [](Import& import, const Tree& at,
                                    QueueDeclaration& queue) { read_seconds(import, at, "VisibilityTimeout", queue); }},
    {"delay",
     [](Import& import, const Tree& at, QueueDeclaration& queue) { read_seconds(import, at, "DelaySeconds", queue); }},
    {"receiveMessageWait",
     [](Import& import, const Tree& at, QueueDeclaration& queue) {
       read_seconds(import, at, "ReceiveMessageWaitTimeSeconds", queue);
     }},
    {"tags", read_tags},
    {"contentBasedDeduplication", read_deduplication},
    {"copyTo", note_copy},
    {"moveTo", note_copy},
};

void read_queue(Import& import, const Tree& queues, const std::string& name, const Tree& tree) {
  QueueDeclaration queue{.name = queue_name(queues, name)};
  queue.place = fmt::format("{}, line {}", import.path, tree.line);
  for (const Key& key : keys) {
    if (const Tree* found = tree.find(key.name)) {
      key.read(import, *found, queue);
    }
  }
  if (const Tree* found = tree.find("deadLettersQueue")) {
    read_dead_letters(import, queues, *found, queue);
  }
  each_unknown(tree, other_keys, [&](const std::string& key, const Tree& member) {
    if (std::ranges::find(keys, key, &Key::name) == std::end(keys)) {
      import.note(member, fmt::format("{} of the queue {} means nothing here", key, name));
    }
  });
  import.file.queues.push_back(std::move(queue));
}

void read_all_queues(Import& import, const Tree& queues) {
  for (const auto& [name, tree] : queues.members) {
    read_queue(import, queues, name, tree);
  }
}

// Only what says more than "as the request": ElasticMQ's own default is localhost.
void read_address(Import& import, const Tree& tree) {
  const std::string host = text_at(tree, "host");
  if (!text_at(tree, "context-path").empty()) {
    import.note(tree, "queue URLs get no context-path");
  }
  if (host.empty() || host == "*" || host == "localhost") {
    return;
  }
  const std::string protocol = text_at(tree, "protocol");
  const std::string port = text_at(tree, "port");
  import.set(tree, "public_url",
             fmt::format("{}://{}{}{}", protocol.empty() ? "http" : protocol, host, port.empty() ? "" : ":", port));
}

void read_server(Import& import, const Tree& tree) {
  const std::string port = text_at(tree, "bind-port");
  const std::string host = text_at(tree, "bind-hostname");
  if (!port.empty()) {
    import.set(tree, "listen", host.empty() ? port : host + ":" + port);
  }
  if (text_at(tree, "sqs-limits") == "relaxed") {
    import.note(tree, "the limits of SQS hold; there are no relaxed ones");
  }
  const std::string id = text_at(tree, "aws-access-key-id");
  const std::string secret = text_at(tree, "aws-secret-access-key");
  if (!id.empty() && !secret.empty()) {
    import.set(tree, "access_keys", id + ":" + secret);
  }
}

void read_aws(Import& import, const Tree& tree) {
  if (const std::string region = text_at(tree, "region"); !region.empty()) {
    import.set(tree, "region", region);
  }
  if (const std::string account = text_at(tree, "accountId"); iam::is_account(account)) {
    import.set(tree, "account", account);
  } else if (!account.empty()) {
    import.note(tree, fmt::format("an account has 12 digits, not '{}'", account));
  }
}

void read_auto_create(Import& import, const Tree& tree) {
  if (is_on(tree, "enabled")) {
    import.set(tree, "sqs_auto_create", "true");
  }
  if (const Tree* found = tree.find("template")) {
    import.note(*found, "queues that a request makes have the usual attributes, not the template's");
  }
}

void note_storage(Import& import, const Tree& tree) {
  if (is_on(tree, "enabled")) {
    import.note(tree, "what is stored lies in our own data directory, not in that database or file");
  }
}

void skip(Import&, const Tree&) {}

struct Section {
  std::string_view name;
  void (*read)(Import&, const Tree&);
  std::string_view keys{};  ///< that it may have, between blanks; empty: any
};
constexpr Section sections[] = {
    {"node-address", read_address, " protocol host port context-path "},
    {"rest-sqs", read_server, " enabled bind-port bind-hostname sqs-limits aws-access-key-id aws-secret-access-key "},
    {"aws", read_aws, " region accountId "},
    {"auto-create-queues", read_auto_create, " enabled template "},
    {"queues", read_all_queues},
    {"messages-storage", note_storage},
    {"queues-storage", note_storage},
    {"generate-node-address", skip},
    {"rest-stats", skip},
    {"storage", skip},
    {"akka", skip},
    {"pekko", skip},
    {"elasticmq", skip},
    {"persisted-queues-storage", skip},
};

void note_unknown_keys(Import& import, const Section& section, const Tree& tree) {
  if (section.keys.empty()) {
    return;
  }
  each_unknown(tree, section.keys, [&](const std::string& key, const Tree& member) {
    import.note(member, fmt::format("{} of {} means nothing here", key, section.name));
  });
}

}  // namespace

FileReading import_elasticmq(const Tree& tree, const std::string& path) {
  Import import{path};
  // There every request is about the one region and account, whatever it is signed for.
  import.set(tree, "single_region", "true");
  const Tree* kept = tree.find("messages-storage");
  if (kept == nullptr || !is_on(*kept, "enabled")) {
    import.set(tree, "durability", "memory");
    import.note(tree, "messages are kept in memory only, as there; durability = \"disk\" keeps them");
  }
  for (const auto& [name, member] : tree.members) {
    const auto* section = std::ranges::find(sections, name, &Section::name);
    if (section == std::end(sections)) {
      import.note(member, fmt::format("{} means nothing here", name));
    } else {
      section->read(import, member);
      note_unknown_keys(import, *section, member);
    }
  }
  return import.problem ? std::unexpected(*import.problem) : FileReading(std::move(import.file));
}

FileReading read_elasticmq(const std::string& path) {
  const auto text = read_text_file(path);
  if (!text) {
    return std::unexpected(text.error());
  }
  const auto tree = read_hocon(*text, environment);
  return tree ? import_elasticmq(*tree, path) : std::unexpected(fmt::format("{}, {}", path, tree.error()));
}

}  // namespace sluice::server
