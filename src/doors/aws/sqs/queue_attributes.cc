#include "doors/aws/sqs/queue_attributes.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

#include "doors/aws/sqs/limits.h"
#include "doors/aws/sqs/queue_policy.h"
#include "doors/aws/sqs/redrive_policy.h"
#include "doors/aws/sqs/text.h"
#include "wire/http1.h"

namespace sluice::sqs {
namespace {

using queue::Description;
using queue::SettingsChange;
using Wrong = std::optional<ServiceError>;

constexpr std::size_t kms_key_bytes_max = 2048;  // KMS API Reference, DescribeKey: KeyId
constexpr std::string_view kms_reuse_period = "KmsDataKeyReusePeriodSeconds";
constexpr std::string_view managed_sse = "SqsManagedSseEnabled";
constexpr std::string_view kms_reuse_period_default = "300";
constexpr std::string_view throughput_limit = "FifoThroughputLimit";
constexpr std::string_view scope_of_queue = "queue", scope_of_group = "messageGroup";
constexpr std::string_view limit_of_queue = "perQueue", limit_of_group = "perMessageGroupId";

ServiceError invalid_value(std::string_view attribute, std::string_view reason = {}) {
  return invalid_attribute_value(
      fmt::format("Invalid value for the parameter {}.{}{}", attribute, reason.empty() ? "" : " Reason: ", reason));
}

ServiceError unknown_attribute(std::string_view name) {
  return invalid_attribute_name(fmt::format("Unknown Attribute {}.", name));
}

// --- One attribute: how a given value becomes a change, and how the present value is shown (nullopt: not shown).

struct Attribute {
  std::string_view name;
  std::string_view setting;  ///< of the machine; empty: a label under the attribute's name, or computed
  std::int64_t minimum, maximum;
  Wrong (*parse)(const Attribute&, const std::string& value, SettingsChange& change);  ///< nullptr: read-only
  std::optional<std::string> (*show)(const Attribute&, const Description&, const QueueName&);
  ServiceError (*without_fifo)(std::string_view name) = nullptr;  ///< of FIFO queues only; what a standard one answers
};

template <auto Change, auto Present>
constexpr Attribute number_attribute(std::string_view name, std::string_view setting, std::int64_t minimum,
                                     std::int64_t maximum) {
  return {name,
          setting,
          minimum,
          maximum,
          [](const Attribute& row, const std::string& value, SettingsChange& change) -> Wrong {
            const std::optional<std::int64_t> number = parse_integer(value);
            if (!number || *number < row.minimum || *number > row.maximum) {
              return invalid_value(row.name);
            }
            (change.*Change).emplace(*number);
            return std::nullopt;
          },
          [](const Attribute&, const Description& description, const QueueName&) -> std::optional<std::string> {
            if constexpr (requires { (description.settings.*Present).count(); }) {
              return std::to_string((description.settings.*Present).count());
            } else {
              return std::to_string(description.settings.*Present);
            }
          }};
}

template <auto Count>
constexpr Attribute count_attribute(std::string_view name) {
  return {name, "", 0, 0, nullptr, [](const Attribute&, const Description& description, const QueueName&) {
            return std::optional(std::to_string(description.counts.*Count));
          }};
}

template <auto Moment>
constexpr Attribute time_attribute(std::string_view name) {
  return {name, "", 0, 0, nullptr, [](const Attribute&, const Description& description, const QueueName&) {
            return std::optional(std::to_string(to_milliseconds(description.*Moment) / 1000));
          }};
}

std::optional<std::string> show_label(const Attribute& row, const Description& description, const QueueName&) {
  const std::string_view value = label(description.settings, row.name);
  return value.empty() ? std::nullopt : std::optional(std::string(value));
}

void set_label(SettingsChange& change, std::string_view name, std::optional<std::string> value) {
  change.labels[std::string(name)] = std::move(value);
}

Wrong parse_policy(const Attribute& row, const std::string& value, SettingsChange& change) {
  if (value.empty()) {
    set_label(change, row.name, std::nullopt);
    return std::nullopt;
  }
  if (auto error = check_policy(value)) {
    return error;
  }
  set_label(change, row.name, value);
  return std::nullopt;
}

Wrong parse_redrive(const Attribute&, const std::string& value, SettingsChange& change) {
  if (value.empty()) {
    change.dead_letters.emplace();
    return std::nullopt;
  }
  auto policy = parse_redrive_policy(value);
  if (!policy) {
    return policy.error();
  }
  change.dead_letters = {std::move(policy->dead_letter_target_arn), policy->receive_count_max};
  return std::nullopt;
}

std::optional<std::string> show_redrive(const Attribute&, const Description& description, const QueueName&) {
  const queue::Settings& settings = description.settings;
  if (settings.dead_letter_target.empty()) {
    return std::nullopt;
  }
  return to_json(RedrivePolicy{settings.dead_letter_target, settings.receive_count_max});
}

Wrong parse_redrive_allow(const Attribute& row, const std::string& value, SettingsChange& change) {
  if (value.empty()) {
    set_label(change, row.name, std::nullopt);
    return std::nullopt;
  }
  const auto policy = parse_redrive_allow_policy(value);
  if (!policy) {
    return policy.error();
  }
  set_label(change, row.name, to_json(*policy));
  return std::nullopt;
}

Wrong parse_kms_key(const Attribute& row, const std::string& value, SettingsChange& change) {
  if (value.size() > kms_key_bytes_max) {
    return invalid_value(row.name);
  }
  // A key turns SSE-SQS off; taking the key away does not turn it on again (seen on AWS).
  set_label(change, row.name, value.empty() ? std::nullopt : std::optional(value));
  if (!value.empty()) {
    set_label(change, managed_sse, "false");
  }
  return std::nullopt;
}

Wrong parse_kms_period(const Attribute& row, const std::string& value, SettingsChange& change) {
  const std::optional<std::int64_t> number = parse_integer(value);
  if (!number || *number < row.minimum || *number > row.maximum) {
    return invalid_value(row.name);
  }
  const std::string shown = std::to_string(*number);
  set_label(change, row.name, shown == kms_reuse_period_default ? std::nullopt : std::optional(shown));
  return std::nullopt;
}

std::optional<std::string> show_kms_period(const Attribute& row, const Description& description, const QueueName&) {
  const std::string_view value = label(description.settings, row.name);
  return value.empty() || label(description.settings, kms_key_attribute).empty() ? std::nullopt
                                                                                 : std::optional(std::string(value));
}

/// In any case, as AWS takes it; nullopt for anything else.
std::optional<bool> parse_boolean(std::string_view value) {
  const bool is_true = wire::equal_ignoring_case(value, "true");
  return is_true || wire::equal_ignoring_case(value, "false") ? std::optional(is_true) : std::nullopt;
}

// "true" is the default and is kept as the label's absence, so that a queue made without it equals one made with it.
Wrong parse_managed_sse(const Attribute& row, const std::string& value, SettingsChange& change) {
  const std::optional<bool> managed = parse_boolean(value);
  if (!managed) {
    return invalid_value(row.name);
  }
  set_label(change, row.name, *managed ? std::nullopt : std::optional<std::string>("false"));
  if (*managed) {
    set_label(change, kms_key_attribute, std::nullopt);
  }
  return std::nullopt;
}

std::optional<std::string> show_managed_sse(const Attribute& row, const Description& description, const QueueName&) {
  return label(description.settings, row.name).empty() ? "true" : "false";
}

std::optional<std::string> show_arn(const Attribute&, const Description&, const QueueName& queue) {
  return queue.arn();
}

// Attributes of FIFO queues. AWS tells them apart on a standard queue: two are unknown to it, two it knows, but not
// there. Defaults are shown too.

ServiceError only_with_fifo(std::string_view name) {
  return invalid_attribute_name(fmt::format("You can specify the {} only when FifoQueue is set to true.", name));
}

Wrong parse_fifo(const Attribute& row, const std::string& value, SettingsChange& change) {
  if (parse_boolean(value) != true) {
    return invalid_value(row.name, "Modifying queue type is not supported.");
  }
  change.ordered = true;
  return std::nullopt;
}

std::optional<std::string> show_fifo(const Attribute&, const Description&, const QueueName&) { return "true"; }

Wrong parse_content_deduplication(const Attribute& row, const std::string& value, SettingsChange& change) {
  change.deduplicates_by_content = parse_boolean(value);
  return change.deduplicates_by_content ? std::nullopt : std::optional(invalid_value(row.name));
}

std::optional<std::string> show_content_deduplication(const Attribute&, const Description& description,
                                                      const QueueName&) {
  return description.settings.deduplicates_by_content ? "true" : "false";
}

Wrong parse_deduplication_scope(const Attribute& row, const std::string& value, SettingsChange& change) {
  if (value != scope_of_queue && value != scope_of_group) {
    return invalid_value(row.name);
  }
  change.deduplication_scope =
      value == scope_of_group ? queue::DeduplicationScope::group : queue::DeduplicationScope::queue;
  return std::nullopt;
}

std::optional<std::string> show_deduplication_scope(const Attribute&, const Description& description,
                                                    const QueueName&) {
  const bool by_group = description.settings.deduplication_scope == queue::DeduplicationScope::group;
  return std::string(by_group ? scope_of_group : scope_of_queue);
}

// The default is kept as the label's absence.
Wrong parse_throughput_limit(const Attribute& row, const std::string& value, SettingsChange& change) {
  if (value != limit_of_queue && value != limit_of_group) {
    return invalid_value(row.name);
  }
  set_label(change, row.name, value == limit_of_queue ? std::nullopt : std::optional(value));
  return std::nullopt;
}

std::optional<std::string> show_throughput_limit(const Attribute& row, const Description& description,
                                                 const QueueName&) {
  const std::string_view value = label(description.settings, row.name);
  return std::string(value.empty() ? limit_of_queue : value);
}

using queue::Counts;
using queue::Settings;

// SetQueueAttributes and GetQueueAttributes: names, ranges.
constexpr Attribute table[] = {
    number_attribute<&SettingsChange::visibility_timeout, &Settings::visibility_timeout>(
        "VisibilityTimeout", "visibility_timeout", 0, visibility_seconds_max),
    number_attribute<&SettingsChange::delay, &Settings::delay>("DelaySeconds", "delay", 0, delay_seconds_max),
    number_attribute<&SettingsChange::message_bytes_max, &Settings::message_bytes_max>(
        "MaximumMessageSize", "message_bytes_max", message_bytes_min, message_bytes_max),
    number_attribute<&SettingsChange::retention, &Settings::retention>("MessageRetentionPeriod", "retention", 60,
                                                                       1'209'600),
    number_attribute<&SettingsChange::receive_wait, &Settings::receive_wait>("ReceiveMessageWaitTimeSeconds",
                                                                             "receive_wait", 0, wait_seconds_max),
    {"Policy", "", 0, 0, parse_policy, show_label},
    {"RedrivePolicy", "dead_letters", 0, 0, parse_redrive, show_redrive},
    {"RedriveAllowPolicy", "", 0, 0, parse_redrive_allow, show_label},
    {kms_key_attribute, "", 0, 0, parse_kms_key, show_label},
    {kms_reuse_period, "", 60, 86'400, parse_kms_period, show_kms_period},
    {managed_sse, "", 0, 0, parse_managed_sse, show_managed_sse},
    {"FifoQueue", "ordered", 0, 0, parse_fifo, show_fifo, unknown_attribute},
    {"ContentBasedDeduplication", "deduplicates_by_content", 0, 0, parse_content_deduplication,
     show_content_deduplication, unknown_attribute},
    {"DeduplicationScope", "deduplication_scope", 0, 0, parse_deduplication_scope, show_deduplication_scope,
     only_with_fifo},
    {throughput_limit, "", 0, 0, parse_throughput_limit, show_throughput_limit, only_with_fifo},
    {"QueueArn", "", 0, 0, nullptr, show_arn},
    time_attribute<&Description::created_at>("CreatedTimestamp"),
    time_attribute<&Description::changed_at>("LastModifiedTimestamp"),
    count_attribute<&Counts::visible>("ApproximateNumberOfMessages"),
    count_attribute<&Counts::in_flight>("ApproximateNumberOfMessagesNotVisible"),
    count_attribute<&Counts::delayed>("ApproximateNumberOfMessagesDelayed"),
};

const Attribute* find(std::string_view name) {
  const auto* row = std::ranges::find(table, name, &Attribute::name);
  return row == std::end(table) ? nullptr : row;
}

}  // namespace

std::string_view label(const Settings& settings, std::string_view attribute) {
  const auto found = settings.labels.find(std::string(attribute));
  return found == settings.labels.end() ? std::string_view() : std::string_view(found->second);
}

std::expected<SettingsChange, ServiceError> parse_attributes(const AttributeMap& given, const QueueName& queue) {
  SettingsChange change;
  for (const auto& [name, value] : given) {
    const Attribute* row = find(name);
    if (row == nullptr || row->parse == nullptr) {
      return std::unexpected(unknown_attribute(name));
    }
    if (row->without_fifo != nullptr && !queue.fifo()) {
      return std::unexpected(row->without_fifo(name));
    }
    if (Wrong wrong = row->parse(*row, value, change)) {
      return std::unexpected(*std::move(wrong));
    }
  }
  const auto sse = given.find(std::string(managed_sse));
  const auto key = given.find(std::string(kms_key_attribute));
  if (sse != given.end() && key != given.end() && parse_boolean(sse->second) == true && !key->second.empty()) {
    return std::unexpected(invalid_attribute_name(
        "You can use one type of server-side encryption (SSE) at one time. You can either enable "
        "KMS SSE or SQS SSE."));
  }
  return change;
}

std::expected<AttributeMap, ServiceError> show_attributes(const Description& description, const QueueName& queue,
                                                          const std::vector<std::string>& names) {
  AttributeMap shown;
  const auto show = [&](const Attribute& row) {
    if (row.without_fifo != nullptr && !description.settings.ordered) {
      return;
    }
    if (std::optional<std::string> value = row.show(row, description, queue)) {
      shown[std::string(row.name)] = *std::move(value);
    }
  };
  std::array<bool, std::size(table)> wanted{};  // so that what is asked for a million times is shown once
  for (const std::string& name : names) {
    const Attribute* row = find(name);
    if (row == nullptr && name != "All") {
      return std::unexpected(unknown_attribute(name));
    }
    if (row != nullptr) {
      wanted[static_cast<std::size_t>(row - std::begin(table))] = true;
    } else {
      wanted.fill(true);
    }
  }
  for (std::size_t at = 0; at < wanted.size(); ++at) {
    if (wanted[at]) {
      show(table[at]);
    }
  }
  return shown;
}

std::optional<ServiceError> check_throughput_limit(const SettingsChange& change, const Settings& present) {
  const auto changed = change.labels.find(std::string(throughput_limit));
  const std::string limit =
      changed == change.labels.end() ? std::string(label(present, throughput_limit)) : changed->second.value_or("");
  const bool by_group =
      change.deduplication_scope.value_or(present.deduplication_scope) == queue::DeduplicationScope::group;
  if (limit != limit_of_group || by_group) {
    return std::nullopt;
  }
  return invalid_value(throughput_limit,
                       "perMessageGroupId is allowed only when the value for DeduplicationScope is messageGroup.");
}

bool touches_throughput_limit(const SettingsChange& change) {
  return change.deduplication_scope || change.labels.contains(std::string(throughput_limit));
}

bool is_high_throughput(const Settings& settings) {
  return settings.deduplication_scope == queue::DeduplicationScope::group &&
         label(settings, throughput_limit) == limit_of_group;
}

std::string attribute_of_setting(std::string_view setting) {
  const auto* row = std::ranges::find(table, setting, &Attribute::setting);
  return std::string(row == std::end(table) || setting.empty() ? setting : row->name);
}

}  // namespace sluice::sqs
