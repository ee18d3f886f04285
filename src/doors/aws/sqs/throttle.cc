#include "doors/aws/sqs/throttle.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "doors/aws/shape.h"
#include "shapes/sqs.h"

namespace sluice::sqs {
namespace {

namespace api = aws::sqs;

constexpr std::string_view any = "*";

// "Amazon SQS message quotas", FIFO queues: calls per second and API action; in high throughput mode by region.
constexpr std::uint32_t fifo_calls_per_second = 300;
constexpr std::uint32_t high_throughput_calls_per_second = 2'400;  // where the table has no row
struct RegionalFigure {
  std::string_view region;
  std::uint32_t calls_per_second;
};
constexpr RegionalFigure high_throughput_by_region[] = {
    {"us-east-1", 70'000},     {"us-west-2", 70'000}, {"eu-west-1", 70'000},     {"us-east-2", 19'000},
    {"eu-central-1", 19'000},  {"ap-south-1", 9'000}, {"ap-southeast-1", 9'000}, {"ap-southeast-2", 9'000},
    {"ap-northeast-1", 9'000}, {"eu-west-2", 4'500},  {"sa-east-1", 4'500},
};
constexpr std::string_view fifo_limited_actions[] = {"SendMessage", "ReceiveMessage", "DeleteMessage",
                                                     "ChangeMessageVisibility"};

bool matches(std::string_view pattern, std::string_view name) {
  const std::size_t star = pattern.find(any);
  if (star == std::string_view::npos) {
    return pattern == name;
  }
  const std::string_view before = pattern.substr(0, star), after = pattern.substr(star + 1);
  return name.size() >= before.size() + after.size() && name.starts_with(before) && name.ends_with(after);
}

std::uint32_t figure_of_aws(const QueueName& queue, const Action& action, bool high_throughput) {
  if (!queue.fifo() || std::ranges::find(fifo_limited_actions, action.name) == std::end(fifo_limited_actions)) {
    return 0;
  }
  if (!high_throughput) {
    return fifo_calls_per_second;
  }
  const auto* row = std::ranges::find(high_throughput_by_region, queue.region, &RegionalFigure::region);
  return row != std::end(high_throughput_by_region) ? row->calls_per_second : high_throughput_calls_per_second;
}

/// Calls that name no queue, or name it by an ARN, are not counted.
bool is_limitable(std::string_view name) {
  const Action* action = find_action(name);
  const aws::Operation* operation = aws::find_operation(api::service(), name);
  return action != nullptr && action->name == name && operation != nullptr &&
         std::ranges::any_of(operation->input.shape->members,
                             [](const aws::Member& member) { return member.name == api::service().path_member; });
}

}  // namespace

std::expected<CallLimit, std::string> parse_call_limit(std::string_view text) {
  const std::size_t colon = text.find(':'), equals = text.rfind('=');
  CallLimit limit;
  if (colon != std::string_view::npos && equals != std::string_view::npos && colon < equals) {
    limit.queue = text.substr(0, colon);
    limit.action = text.substr(colon + 1, equals - colon - 1);
    const std::string_view number = text.substr(equals + 1);
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), limit.calls_per_second);
    if (error != std::errc() || end != number.data() + number.size()) {
      limit.calls_per_second = 0;
    }
  }
  if (limit.queue.empty() || std::ranges::count(limit.queue, any[0]) > 1 || limit.calls_per_second == 0 ||
      limit.calls_per_second > Throttle::calls_per_second_max) {
    return std::unexpected(fmt::format("takes QUEUE:ACTION=NUMBER, with calls per second from 1 to {}, not '{}'",
                                       Throttle::calls_per_second_max, text));
  }
  if (limit.action != any && !is_limitable(limit.action)) {
    return std::unexpected(fmt::format(
        "names an action that calls a queue by its URL, or *, not '{}' (a batch counts as its single action)",
        limit.action));
  }
  return limit;
}

std::uint32_t Throttle::calls_per_second(const QueueName& queue, const Action& action, bool high_throughput) const {
  const auto own = std::ranges::find_if(limits_, [&](const CallLimit& limit) {
    return (limit.action == any || limit.action == action.name) && matches(limit.queue, queue.name);
  });
  const std::uint32_t of_operator = own != limits_.end() ? own->calls_per_second : 0;
  const std::uint32_t of_aws = as_aws_ ? figure_of_aws(queue, action, high_throughput) : 0;
  return of_operator == 0 || of_aws == 0 ? std::max(of_operator, of_aws) : std::min(of_operator, of_aws);
}

// Anybody may name queues that are not there: what is remembered is bounded. A full bucket is like none.
Throttle::Queue& Throttle::find(const std::string& arn, Time now) {
  const auto found = queues_.find(arn);
  if (found != queues_.end()) {
    return found->second;
  }
  if (queues_.size() >= queues_max) {
    std::erase_if(queues_, [now](const auto& entry) {
      return std::ranges::all_of(entry.second.actions,
                                 [now](const Limited& one) { return one.unlimited || one.bucket.full(now); });
    });
  }
  if (queues_.size() >= queues_max) {
    queues_.clear();
  }
  return queues_[arn];
}

Throttle::Standing Throttle::take(const QueueName& queue, const Action& action, Time now) {
  const bool by_settings = as_aws_ && queue.fifo();
  if (limits_.empty() && !by_settings) {
    return {};
  }
  const std::string arn = queue.arn();
  const std::lock_guard lock(mutex_);
  Queue& known = find(arn, now);
  Standing standing;
  if (by_settings && now >= known.asked_at + settings_hold) {
    known.asked_at = now;
    standing.asks = true;
  }
  auto limited = std::ranges::find(known.actions, &action, &Limited::action);
  if (limited == known.actions.end()) {
    const std::uint32_t rate = calls_per_second(queue, action, known.high_throughput);
    limited = known.actions.insert(known.actions.end(), {&action, rate == 0, TokenBucket(rate, now)});
  }
  standing.allowed = limited->unlimited || limited->bucket.take(now);
  return standing;
}

void Throttle::learn(const std::string& arn, bool high_throughput) {
  const std::lock_guard lock(mutex_);
  const auto known = queues_.find(arn);
  if (known != queues_.end() && known->second.high_throughput != high_throughput) {
    known->second.high_throughput = high_throughput;
    known->second.actions.clear();
  }
}

}  // namespace sluice::sqs
