#include "doors/aws/sqs/redrive_policy.h"

#include <fmt/core.h>
#include <simdjson.h>

#include <algorithm>

#include "doors/aws/sqs/names.h"
#include "doors/aws/sqs/text.h"

namespace sluice::sqs {
namespace {

constexpr std::int64_t receive_count_min = 1;  // SetQueueAttributes: maxReceiveCount
constexpr std::int64_t receive_count_max = 1000;
constexpr std::size_t allowed_sources_max = 10;  // SetQueueAttributes: sourceQueueArns

constexpr std::string_view permission_names[] = {"allowAll", "denyAll", "byQueue"};

ServiceError invalid(std::string_view parameter, const std::string& json, std::string_view reason) {
  return invalid_parameter_value(
      fmt::format("Value {} for parameter {} is invalid. Reason: {}", json, parameter, reason));
}

// AWS takes the count as a number or as its text.
std::optional<std::int64_t> count_of(simdjson::dom::element value) {
  if (value.is_int64()) {
    return value.get_int64().value_unsafe();
  }
  if (value.is_string()) {
    return parse_integer(value.get_string().value_unsafe());
  }
  return std::nullopt;
}

}  // namespace

std::expected<RedrivePolicy, ServiceError> parse_redrive_policy(const std::string& json) {
  simdjson::dom::parser parser;
  simdjson::dom::object policy;
  if (parser.parse(json).get_object().get(policy) != simdjson::SUCCESS) {
    return std::unexpected(invalid("RedrivePolicy", json, "Redrive policy is not a valid JSON map."));
  }
  std::string_view target;
  simdjson::dom::element count_element;
  if (policy["deadLetterTargetArn"].get_string().get(target) != simdjson::SUCCESS) {
    return std::unexpected(invalid("RedrivePolicy", json,
                                   "Amazon SQS can't create the redrive policy, as deadLetterTargetArn is missing."));
  }
  if (policy["maxReceiveCount"].get(count_element) != simdjson::SUCCESS) {
    return std::unexpected(
        invalid("RedrivePolicy", json, "Amazon SQS can't create the redrive policy, as maxReceiveCount is missing."));
  }
  const std::optional<std::int64_t> count = count_of(count_element);
  if (!count || *count < receive_count_min || *count > receive_count_max) {
    const std::string shown = count ? std::to_string(*count) : simdjson::to_string(count_element);
    return std::unexpected(invalid(
        "RedrivePolicy", json,
        fmt::format("Invalid value for maxReceiveCount: {}, valid values are from 1 to 1000 both inclusive.", shown)));
  }
  if (!parse_arn(target)) {
    return std::unexpected(invalid("RedrivePolicy", json, "Invalid value for deadLetterTargetArn."));
  }
  return RedrivePolicy{std::string(target), static_cast<std::uint32_t>(*count)};
}

std::string to_json(const RedrivePolicy& policy) {
  return fmt::format(R"({{"deadLetterTargetArn":"{}","maxReceiveCount":{}}})", policy.dead_letter_target_arn,
                     policy.receive_count_max);
}

bool RedriveAllowPolicy::allows(std::string_view source_arn) const {
  return permission == Permission::allow_all ||
         (permission == Permission::by_queue && std::ranges::find(source_arns, source_arn) != source_arns.end());
}

std::expected<RedriveAllowPolicy, ServiceError> parse_redrive_allow_policy(const std::string& json) {
  const auto refused = [&](std::string_view reason) {
    return std::unexpected(invalid("RedriveAllowPolicy", json, reason));
  };
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(json).get_object().get(object) != simdjson::SUCCESS) {
    return refused("Redrive allow policy is not a valid JSON map.");
  }
  std::string_view word;
  if (object["redrivePermission"].get_string().get(word) != simdjson::SUCCESS) {
    return refused("Amazon SQS can't create the redrive allow policy, as redrivePermission is missing.");
  }
  const auto known = std::ranges::find(permission_names, word);
  if (known == std::end(permission_names)) {
    return refused("Invalid value for redrivePermission.");
  }
  RedriveAllowPolicy policy;
  policy.permission = static_cast<RedriveAllowPolicy::Permission>(known - std::begin(permission_names));
  simdjson::dom::element sources_element;
  if (object["sourceQueueArns"].get(sources_element) == simdjson::SUCCESS) {
    simdjson::dom::array sources;
    if (sources_element.get_array().get(sources) != simdjson::SUCCESS) {
      return refused("Invalid value for sourceQueueArns.");
    }
    for (const simdjson::dom::element source : sources) {
      std::string_view arn;
      if (source.get_string().get(arn) != simdjson::SUCCESS || !parse_arn(arn)) {
        return refused("Invalid value for sourceQueueArns.");
      }
      policy.source_arns.emplace_back(arn);
    }
  }
  const bool by_queue = policy.permission == RedriveAllowPolicy::Permission::by_queue;
  if (by_queue == policy.source_arns.empty() || policy.source_arns.size() > allowed_sources_max) {
    return refused(by_queue ? "sourceQueueArns must hold 1 to 10 queue ARNs when redrivePermission is byQueue."
                            : "sourceQueueArns can only be given when redrivePermission is byQueue.");
  }
  return policy;
}

std::string to_json(const RedriveAllowPolicy& policy) {
  std::string sources;
  for (const std::string& arn : policy.source_arns) {
    sources += fmt::format("{}\"{}\"", sources.empty() ? "" : ",", arn);
  }
  const std::string_view permission = permission_names[static_cast<std::size_t>(policy.permission)];
  return sources.empty() ? fmt::format(R"({{"redrivePermission":"{}"}})", permission)
                         : fmt::format(R"({{"redrivePermission":"{}","sourceQueueArns":[{}]}})", permission, sources);
}

}  // namespace sluice::sqs
