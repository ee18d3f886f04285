// GoAWS: app/conf/goaws.yaml there shows the names.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "doors/aws/iam/identity.h"
#include "server/import/import.h"
#include "server/import/yaml.h"
#include "server/text_file.h"
#include "wire/json_document.h"

namespace sluice::server {
namespace {

constexpr std::string_view usual_environment = "Local";

// Those that are attributes of SQS, by the same names, of a queue or as defaults of all.
constexpr std::string_view attributes[] = {"VisibilityTimeout", "ReceiveMessageWaitTimeSeconds", "MaximumMessageSize",
                                           "DelaySeconds", "MessageRetentionPeriod"};

// What else it has, between blanks.
constexpr std::string_view environment_keys =
    " Host Port SqsPort SnsPort Region AccountId LogToFile LogFile EnableDuplicates QueueAttributeDefaults Queues "
    "Topics "
    "RandomLatency ";
constexpr std::string_view queue_keys = " Name RedrivePolicy QueueName TopicArn Raw FilterPolicy Protocol EndPoint ";

void read_attributes(const Tree& tree, QueueDeclaration& queue) {
  for (const std::string_view name : attributes) {
    // A zero is "not given" there.
    if (const std::string text = text_at(tree, name); !text.empty() && text != "0") {
      queue.attributes.insert_or_assign(std::string(name), text);
    }
  }
}

// The JSON of SQS; only the target's name counts, since region and account are ours. The count may be a text.
bool read_redrive_policy(const std::string& json, QueueDeclaration& queue) {
  simdjson::dom::element root;
  std::string_view target;
  std::string_view digits;
  if (wire::JsonReader::local().read(json).get(root) != simdjson::SUCCESS ||
      root["deadLetterTargetArn"].get(target) != simdjson::SUCCESS) {
    return false;
  }
  const auto count = root["maxReceiveCount"];
  if (count.get(digits) == simdjson::SUCCESS) {
    std::from_chars(digits.data(), digits.data() + digits.size(), queue.receives_max);
  } else if (count.get(queue.receives_max) != simdjson::SUCCESS) {
    return false;
  }
  queue.dead_letter_queue = target.substr(target.rfind(':') + 1);
  return !queue.dead_letter_queue.empty() && queue.receives_max > 0;
}

class Import {
 public:
  Import(const Tree& environment, const std::string& path) : tree_(environment), path_(path) {}

  FileReading read() {
    set("single_region", "true");
    set("durability", "memory");
    note(tree_, "messages are kept in memory only, as there; durability = \"disk\" keeps them");
    ports();
    region_and_account();
    queues();
    topics();
    if (const Tree* latency = tree_.find("RandomLatency")) {
      note(*latency, "requests are not slowed down");
    }
    note_unknown_keys(tree_, environment_keys);
    return problem_.empty() ? FileReading(std::move(file_)) : std::unexpected(problem_);
  }

 private:
  void set(std::string name, std::string value) {
    file_.settings.push_back({std::move(name), std::move(value), tree_.line});
  }
  void note(const Tree& at, std::string_view words) {
    file_.notes.push_back(fmt::format("{}, line {}: {}", path_, at.line, words));
  }
  void fail(const Tree& at, std::string_view words) {
    problem_ = problem_.empty() ? fmt::format("{}, line {}: {}", path_, at.line, words) : problem_;
  }

  void ports() {
    std::string listen = text_at(tree_, "Port");
    for (const char* name : {"SqsPort", "SnsPort"}) {
      const std::string port = text_at(tree_, name);
      if (text_at(tree_, "Port").empty() && !port.empty()) {
        listen.append(listen.empty() ? "" : ",").append(port);
      }
    }
    set("listen", listen.empty() ? "4100" : listen);
    note(tree_, "it listens on this machine only; for others: --listen 0.0.0.0:PORT, with access keys or --open");
  }

  void region_and_account() {
    if (const std::string region = text_at(tree_, "Region"); !region.empty()) {
      set("region", region);
    }
    const Tree* account = tree_.find("AccountId");
    if (account == nullptr || account->text.empty()) {
      return;
    }
    if (!iam::is_account(account->text)) {
      note(*account, fmt::format("an account has 12 digits, not '{}'", account->text));
      return;
    }
    set("account", account->text);
  }

  void note_unknown_keys(const Tree& table, std::string_view keys) {
    each_unknown(table, keys, [&](const std::string& key, const Tree& member) {
      if (std::ranges::find(attributes, key) == std::end(attributes)) {
        note(member, fmt::format("{} means nothing here", key));
      }
    });
  }

  void add_queue(const Tree& at, const std::string& name) {
    const bool known = std::ranges::find(file_.queues, name, &QueueDeclaration::name) != file_.queues.end();
    if (name.empty() || known) {
      return;
    }
    QueueDeclaration queue{.name = name};
    queue.place = fmt::format("{}, line {}", path_, at.line);
    if (const Tree* defaults = tree_.find("QueueAttributeDefaults")) {
      read_attributes(*defaults, queue);
    }
    read_attributes(at, queue);
    if (const Tree* policy = at.find("RedrivePolicy"); policy != nullptr && !policy->text.empty()) {
      if (!read_redrive_policy(policy->text, queue)) {
        fail(*policy, "RedrivePolicy takes {\"maxReceiveCount\": NUMBER, \"deadLetterTargetArn\": ARN}");
      }
    }
    note_unknown_keys(at, queue_keys);
    file_.queues.push_back(std::move(queue));
  }

  void queues() {
    const Tree* list = tree_.find("Queues");
    for (const Tree& queue : list != nullptr ? list->items : std::vector<Tree>{}) {
      if (text_at(queue, "Name").empty()) {
        fail(queue, "a queue needs a Name");
      }
      add_queue(queue, text_at(queue, "Name"));
    }
  }

  // Topics are not ours yet, but the queues that they bring are.
  void topics() {
    const Tree* list = tree_.find("Topics");
    for (const Tree& topic : list != nullptr ? list->items : std::vector<Tree>{}) {
      note(topic, fmt::format("the topic {} is left out: SNS is not served", text_at(topic, "Name")));
      const Tree* subscriptions = topic.find("Subscriptions");
      for (const Tree& one : subscriptions != nullptr ? subscriptions->items : std::vector<Tree>{}) {
        add_queue(one, text_at(one, "QueueName"));
      }
    }
  }

  const Tree& tree_;
  const std::string& path_;
  SettingsFile file_;
  std::string problem_;
};

}  // namespace

FileReading import_goaws(const Tree& tree, const std::string& path, const std::string& environment) {
  const Tree* found = tree.find(environment.empty() ? usual_environment : std::string_view(environment));
  if (found == nullptr && environment.empty() && tree.members.size() == 1) {
    found = &tree.members[0].second;
  }
  if (found == nullptr || !found->is_table()) {
    return std::unexpected(fmt::format("{}: there is no environment {}; name one as {}#NAME", path,
                                       environment.empty() ? usual_environment : environment, path));
  }
  return Import(*found, path).read();
}

FileReading read_goaws(const std::string& path) {
  const std::size_t sharp = path.rfind('#');
  const std::string file = path.substr(0, sharp);
  const auto text = read_text_file(file);
  if (!text) {
    return std::unexpected(text.error());
  }
  const auto tree = read_yaml(*text);
  return tree ? import_goaws(*tree, file, sharp == std::string::npos ? "" : path.substr(sharp + 1))
              : std::unexpected(fmt::format("{}, {}", file, tree.error()));
}

}  // namespace sluice::server
