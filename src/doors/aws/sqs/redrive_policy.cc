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

// AWS's words for what is wrong with a RedriveAllowPolicy, with its apostrophe.
constexpr std::string_view unsupported_format =
    "Amazon SQS can't create the redrive allow policy, as it’s in an unsupported format.";
constexpr std::string_view sources_missing =
    "Amazon SQS can't create the redrive allow policy. When you specify the byQueue permission type, you must also "
    "specify one or more sourceQueueArns values.";
constexpr std::string_view sources_beside =
    "Amazon SQS can't create the redrive allow policy. To specify one or more source queue ARNs, you must set "
    "redrivePermission to byQueue.";
constexpr std::string_view too_many_sources =
    "Amazon SQS can't create the redrive allow policy. The maximum number of source queue ARNs you can specify is 10.";

constexpr std::string_view permission_names[] = {"allowAll", "denyAll", "byQueue"};

ServiceError invalid(std::string_view parameter, const std::string& json, std::string_view reason) {
  return invalid_parameter_value(
      fmt::format("Value {} for parameter {} is invalid. Reason: {}", json, parameter, reason));
}

// "arn:aws:sns:us-east-1:111122223333:topic".
bool is_arn_of_other_service(std::string_view text) {
  constexpr std::ptrdiff_t colons_min = 5;
  const std::size_t service = text.find(':', std::string_view("arn:").size());
  return text.starts_with("arn:") && std::ranges::count(text, ':') >= colons_min &&
         !text.substr(service + 1).starts_with("sqs:");
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
  const auto lacks = [&](std::string_view attribute) {
    return std::unexpected(invalid("RedrivePolicy", json,
                                   fmt::format("Redrive policy does not contain mandatory attribute: {}.", attribute)));
  };
  if (policy["maxReceiveCount"].get(count_element) != simdjson::SUCCESS) {
    return lacks("maxReceiveCount");
  }
  if (policy["deadLetterTargetArn"].get_string().get(target) != simdjson::SUCCESS) {
    return lacks("deadLetterTargetArn");
  }
  const std::optional<std::int64_t> count = count_of(count_element);
  if (!count || *count < receive_count_min || *count > receive_count_max) {
    const std::string shown = count ? std::to_string(*count) : simdjson::to_string(count_element);
    return std::unexpected(invalid(
        "RedrivePolicy", json,
        fmt::format("Invalid value for maxReceiveCount: {}, valid values are from 1 to 1000 both inclusive.", shown)));
  }
  if (!parse_arn(target)) {
    return std::unexpected(invalid("RedrivePolicy", json,
                                   is_arn_of_other_service(target)
                                       ? "Only SQS queues are valid resources for deadLetterTargetArn."
                                       : "Invalid value for deadLetterTargetArn."));
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
    return refused(unsupported_format);
  }
  std::string_view word;
  if (object["redrivePermission"].get_string().get(word) != simdjson::SUCCESS) {
    return refused(unsupported_format);
  }
  const auto known = std::ranges::find(permission_names, word);
  if (known == std::end(permission_names)) {
    return refused(unsupported_format);
  }
  RedriveAllowPolicy policy;
  policy.permission = static_cast<RedriveAllowPolicy::Permission>(known - std::begin(permission_names));
  simdjson::dom::element sources_element;
  if (object["sourceQueueArns"].get(sources_element) == simdjson::SUCCESS) {
    simdjson::dom::array sources;
    if (sources_element.get_array().get(sources) != simdjson::SUCCESS) {
      return refused(unsupported_format);
    }
    for (const simdjson::dom::element source : sources) {
      std::string_view arn;
      if (source.get_string().get(arn) != simdjson::SUCCESS || !parse_arn(arn)) {
        return refused(unsupported_format);
      }
      policy.source_arns.emplace_back(arn);
    }
  }
  const bool by_queue = policy.permission == RedriveAllowPolicy::Permission::by_queue;
  if (by_queue == policy.source_arns.empty()) {
    return refused(by_queue ? sources_missing : sources_beside);
  }
  if (policy.source_arns.size() > allowed_sources_max) {
    return refused(too_many_sources);
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
