#include "doors/aws/iam/request.h"

#include <algorithm>

#include "doors/aws/codec.h"

namespace sluice::iam {
namespace {

std::string iso8601(Time time) {
  std::string text;
  aws::append_iso8601(text, time);
  return text;
}

std::string principal_type(const Identity& who) {
  if (who.anonymous()) {
    return "Anonymous";
  }
  if (who.arn.find(":assumed-role/") != std::string::npos) {
    return "AssumedRole";
  }
  return who.name.empty() ? "Account" : "User";
}

/// One key, in lower case, and its value; an empty one counts as absent.
struct Key {
  std::string_view name;
  std::string (*value)(const Request& request);
};

// "AWS global condition context keys"; what has no meaning here (VPC endpoints, MFA …) is absent.
constexpr Key keys[] = {
    {"aws:currenttime", [](const Request& request) { return iso8601(request.circumstances.now); }},
    {"aws:epochtime",
     [](const Request& request) { return std::to_string(to_milliseconds(request.circumstances.now) / 1000); }},
    {"aws:principalaccount", [](const Request& request) { return request.who.account; }},
    {"aws:principalarn", [](const Request& request) { return request.who.arn; }},
    {"aws:principalisawsservice",
     [](const Request& request) { return std::string(request.who.service.empty() ? "false" : "true"); }},
    {"aws:principalorgid", [](const Request& request) { return request.who.organization; }},
    {"aws:principalservicename", [](const Request& request) { return request.who.service; }},
    {"aws:principaltype",
     [](const Request& request) { return request.who.service.empty() ? principal_type(request.who) : std::string(); }},
    {"aws:referer", [](const Request& request) { return request.circumstances.referer; }},
    {"aws:requestedregion", [](const Request& request) { return request.circumstances.region; }},
    {"aws:securetransport",
     [](const Request& request) { return std::string(request.circumstances.secure ? "true" : "false"); }},
    {"aws:sourceaccount", [](const Request& request) { return request.circumstances.source_account; }},
    {"aws:sourcearn", [](const Request& request) { return request.circumstances.source_arn; }},
    {"aws:sourceip", [](const Request& request) { return request.circumstances.source_address; }},
    // An older name of aws:SourceAccount, still in many policies for SNS and SQS.
    {"aws:sourceowner", [](const Request& request) { return request.circumstances.source_account; }},
    {"aws:useragent", [](const Request& request) { return request.circumstances.user_agent; }},
    {"aws:userid", [](const Request& request) { return request.who.id; }},
    {"aws:username", [](const Request& request) { return request.who.name; }},
    {"aws:viaawsservice", [](const Request&) { return std::string("false"); }},
};
static_assert(std::ranges::is_sorted(keys, {}, &Key::name));

constexpr std::string_view tag_prefix = "aws:principaltag/";

std::string tag_of(std::string_view name, const Request& request) {
  const auto found = std::ranges::find_if(request.who.tags, [&](const auto& tag) { return key_of(tag.first) == name; });
  return found == request.who.tags.end() ? std::string() : found->second;
}

}  // namespace

std::string key_of(std::string_view key) {
  std::string lower(key);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower;
}

std::vector<std::string> values_of(std::string_view key, const Request& request) {
  std::vector<std::string> values;
  const auto found = std::ranges::lower_bound(keys, key, {}, &Key::name);
  if (found != std::end(keys) && found->name == key) {
    values.push_back(found->value(request));
  } else if (key.starts_with(tag_prefix)) {
    values.push_back(tag_of(key.substr(tag_prefix.size()), request));
  } else {
    const auto [first, last] = request.circumstances.more.equal_range(std::string(key));
    std::transform(first, last, std::back_inserter(values), [](const auto& pair) { return pair.second; });
  }
  std::erase(values, std::string());
  return values;
}

}  // namespace sluice::iam
