#include "doors/aws/cloudwatch/cloudwatch.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "doors/aws/cloudwatch/sampler.h"
#include "doors/aws/sqs/names.h"

namespace sluice::cloudwatch {
namespace {

using aws::fail;
using aws::ServiceError;
using std::chrono::minutes;

constexpr std::string_view our_namespace = "AWS/SQS";
constexpr std::string_view our_dimension = "QueueName";
constexpr std::size_t queues_listed_max = 500 / metrics_max;  // ListMetrics: 500 metrics in a page
constexpr std::size_t queries_max = 500;                      // GetMetricData: MetricDataQueries
constexpr std::int32_t datapoints_max = 100'800;              // GetMetricData: in a page
constexpr std::int64_t statistics_datapoints_max = 1'440;     // GetMetricStatistics
constexpr std::int32_t period_unit_seconds = 60;

// --- statistics ---

struct Statistic {
  std::string_view name;
  double (*value)(const Sample& sample);
  std::optional<double> api::Datapoint::* member;
};
constexpr Statistic statistics[] = {
    {"SampleCount", [](const Sample& sample) { return sample.count; }, &api::Datapoint::sample_count},
    {"Average", [](const Sample& sample) { return sample.sum / sample.count; }, &api::Datapoint::average},
    {"Sum", [](const Sample& sample) { return sample.sum; }, &api::Datapoint::sum},
    {"Minimum", [](const Sample& sample) { return sample.minimum; }, &api::Datapoint::minimum},
    {"Maximum", [](const Sample& sample) { return sample.maximum; }, &api::Datapoint::maximum},
};

const Statistic* find_statistic(std::string_view name) {
  const auto found = std::ranges::find(statistics, name, &Statistic::name);
  return found == std::end(statistics) ? nullptr : found;
}

std::optional<std::size_t> find_metric(std::string_view name) {
  const auto all = census::metrics();
  const auto found = std::ranges::find(all, name, &census::Metric::name);
  return found == all.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - all.begin()));
}

/// What is asked for: a queue's metric over a time, in steps.
struct Wanted {
  std::string arn;  ///< empty: nothing of ours
  std::size_t metric = 0;
  Time from, to;
  Seconds period{0};
};

/// One of our metrics has exactly one dimension, the queue's name; any other combination is a metric that nobody has.
template <class MetricLike>
void find_queue(const aws::Call& call, const MetricLike& metric, Wanted& wanted) {
  const auto place = find_metric(metric.metric_name.value_or(""));
  const bool ours = metric.namespace_.value_or("") == our_namespace && place && metric.dimensions &&
                    metric.dimensions->size() == 1 && metric.dimensions->front().name.value_or("") == our_dimension;
  if (ours) {
    wanted.metric = *place;
    wanted.arn = sqs::arn_prefix(call.region, call.account) + metric.dimensions->front().value.value_or("");
  }
}

/// Whole periods, each named by when it begins.
std::vector<Sample> gather(const History& history, const Wanted& wanted) {
  std::vector<Sample> periods;
  if (wanted.arn.empty()) {
    return periods;
  }
  const auto begin_of = [&](Time time) { return time - (time.time_since_epoch() % Milliseconds(wanted.period)); };
  for (const Sample& sample : history.samples(wanted.arn, wanted.metric, begin_of(wanted.from), wanted.to)) {
    const Time begin = begin_of(sample.minute);
    if (periods.empty() || periods.back().minute != begin) {
      periods.push_back(sample);
      periods.back().minute = begin;
      continue;
    }
    Sample& period = periods.back();
    period.count += sample.count;
    period.sum += sample.sum;
    period.minimum = std::min(period.minimum, sample.minimum);
    period.maximum = std::max(period.maximum, sample.maximum);
  }
  return periods;
}

// --- checks ---

ServiceError missing(std::string_view name) {
  return {&api::error::missing_required_parameter_exception, fmt::format("The parameter {} is required.", name)};
}

ServiceError invalid(std::string message) {
  return {&api::error::invalid_parameter_value_exception, std::move(message)};
}

std::optional<ServiceError> check_period(std::int32_t period, std::string_view name) {
  if (period >= period_unit_seconds && period % period_unit_seconds == 0) {
    return std::nullopt;
  }
  return invalid(fmt::format("The parameter {} must be a multiple of 60: {}", name, period));
}

std::optional<ServiceError> check_times(const std::optional<Time>& from, const std::optional<Time>& to) {
  if (!from) {
    return missing("StartTime");
  }
  if (!to) {
    return missing("EndTime");
  }
  if (*from >= *to) {
    return ServiceError{&api::error::invalid_parameter_combination_exception,
                        "The parameter StartTime must be less than the parameter EndTime."};
  }
  return std::nullopt;
}

std::optional<ServiceError> check_statistics(const api::GetMetricStatisticsInput& request) {
  const std::vector<std::string> names = request.statistics.value_or(std::vector<std::string>());
  if (names.empty() && !request.extended_statistics) {
    return ServiceError{&api::error::invalid_parameter_combination_exception,
                        "At least one of the parameters Statistics and ExtendedStatistics must be specified."};
  }
  if (request.extended_statistics) {
    return ServiceError{&aws::framework::not_implemented, "ExtendedStatistics are not implemented by this server."};
  }
  for (const std::string& name : names) {
    if (find_statistic(name) == nullptr) {
      return invalid(fmt::format("The value {} for parameter Statistics is not supported.", name));
    }
  }
  return std::nullopt;
}

std::optional<ServiceError> check(const api::GetMetricStatisticsInput& request) {
  for (const auto& [value, name] :
       {std::pair(&request.namespace_, "Namespace"), {&request.metric_name, "MetricName"}}) {
    if (value->value_or("").empty()) {
      return missing(name);
    }
  }
  if (auto error = check_times(request.start_time, request.end_time)) {
    return error;
  }
  if (!request.period) {
    return missing("Period");
  }
  if (auto error = check_period(*request.period, "Period")) {
    return error;
  }
  if (const auto steps = (*request.end_time - *request.start_time) / Seconds(*request.period);
      steps > statistics_datapoints_max) {
    return ServiceError{
        &api::error::invalid_parameter_combination_exception,
        fmt::format("You have requested up to {} datapoints, which exceeds the limit of 1440. You may reduce the "
                    "datapoints requested by increasing Period, or decreasing the time range.",
                    steps)};
  }
  return check_statistics(request);
}

// MetricDataQuery: Id.
bool valid_id(std::string_view id) {
  const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  return lower(id.front()) && std::ranges::all_of(id, [&](char c) {
           return lower(c) || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
         });
}

std::optional<ServiceError> check(const api::MetricDataQuery& query, std::size_t number) {
  const auto parameter = [&](std::string_view name) {
    return fmt::format("MetricDataQueries.member.{}.{}", number, name);
  };
  const auto refused = [](std::string message) {
    return ServiceError{&api::error::validation_exception, std::move(message)};
  };
  if (query.id.value_or("").empty()) {
    return refused(fmt::format("The parameter {} is required.", parameter("Id")));
  }
  if (!valid_id(*query.id)) {
    return refused(fmt::format(
        "The value {} for parameter {} is invalid: it must begin with a lower-case letter and hold letters, "
        "digits and underscores only.",
        *query.id, parameter("Id")));
  }
  if (query.expression) {
    return ServiceError{&aws::framework::not_implemented,
                        "Expressions of GetMetricData are not implemented by this server."};
  }
  if (!query.metric_stat || !query.metric_stat->metric) {
    return refused(fmt::format("The parameter {} is required.", parameter("MetricStat")));
  }
  const std::int32_t period = query.metric_stat->period.value_or(0);
  if (check_period(period, "")) {
    return refused(
        fmt::format("The parameter {} must be a multiple of 60: {}", parameter("MetricStat.Period"), period));
  }
  if (find_statistic(query.metric_stat->stat.value_or("")) == nullptr) {
    return refused(fmt::format("The value {} for parameter {} is not supported.", query.metric_stat->stat.value_or(""),
                               parameter("MetricStat.Stat")));
  }
  return std::nullopt;
}

std::optional<ServiceError> check(const api::GetMetricDataInput& request) {
  const std::size_t count = request.metric_data_queries ? request.metric_data_queries->size() : 0;
  if (count == 0) {
    return missing("MetricDataQueries");
  }
  if (count > queries_max) {
    return ServiceError{
        &api::error::validation_exception,
        fmt::format("The collection MetricDataQueries must not have a size greater than {}.", queries_max)};
  }
  if (auto error = check_times(request.start_time, request.end_time)) {
    error->shape = error->shape == &api::error::invalid_parameter_combination_exception
                       ? &api::error::validation_exception
                       : error->shape;
    return error;
  }
  std::set<std::string_view> ids;
  for (std::size_t at = 0; at < count; ++at) {
    const api::MetricDataQuery& query = (*request.metric_data_queries)[at];
    if (auto error = check(query, at + 1)) {
      return error;
    }
    if (!ids.insert(*query.id).second) {
      return ServiceError{&api::error::validation_exception,
                          "The values for parameter id in MetricDataQueries are not unique."};
    }
  }
  return std::nullopt;
}

// --- answers ---

api::Metric shown_metric(const census::Metric& metric, std::string_view queue) {
  api::Metric shown;
  shown.namespace_ = our_namespace;
  shown.metric_name = metric.name;
  api::Dimension& dimension = shown.dimensions.emplace().emplace_back();
  dimension.name = our_dimension;
  dimension.value = queue;
  return shown;
}

/// Namespace, name and dimensions, as far as they are given.
bool is_listed(const api::ListMetricsInput& request, const census::Metric& metric, std::string_view queue) {
  if (request.metric_name && *request.metric_name != metric.name) {
    return false;
  }
  const auto dimensions = request.dimensions.value_or(std::vector<api::DimensionFilter>());
  return std::ranges::all_of(dimensions, [&](const api::DimensionFilter& filter) {
    return filter.name.value_or("") == our_dimension && (!filter.value || *filter.value == queue);
  });
}

api::MetricDataResult shown_result(const api::MetricDataQuery& query, std::vector<Sample> periods, bool oldest_first) {
  if (!oldest_first) {
    std::ranges::reverse(periods);
  }
  const Statistic& statistic = *find_statistic(*query.metric_stat->stat);
  api::MetricDataResult result;
  result.id = query.id;
  result.label = query.label ? query.label : query.metric_stat->metric->metric_name;
  result.status_code = "Complete";
  std::vector<Time>& times = result.timestamps.emplace();
  std::vector<double>& values = result.values.emplace();
  for (const Sample& period : periods) {
    times.push_back(period.minute);
    values.push_back(statistic.value(period));
  }
  return result;
}

/// Which query a page begins with.
std::optional<std::size_t> page_start(const std::optional<std::string>& token, std::size_t queries) {
  if (!token) {
    return 0;
  }
  std::size_t start = 0;
  const auto [end, error] = std::from_chars(token->data(), token->data() + token->size(), start);
  const bool fine = error == std::errc() && end == token->data() + token->size() && start < queries;
  return fine ? std::optional(start) : std::nullopt;
}

constexpr aws::Handler rows[] = {
    aws::handle<api::operation::GetMetricData, &CloudWatch::get_metric_data>(),
    aws::handle<api::operation::GetMetricStatistics, &CloudWatch::get_metric_statistics>(),
    aws::handle<api::operation::ListMetrics, &CloudWatch::list_metrics>(),
};

}  // namespace

std::span<const aws::Handler> handlers() { return rows; }

Task<aws::Outcome<api::ListMetricsOutput>> CloudWatch::list_metrics(aws::Call& call,
                                                                    const api::ListMetricsInput& request) {
  co_await refresh(gate_, history_, queues_max_);
  api::ListMetricsOutput output;
  std::vector<api::Metric>& listed = output.metrics.emplace();
  if (request.namespace_ && *request.namespace_ != our_namespace) {
    co_return output;
  }
  const std::string prefix = sqs::arn_prefix(call.region, call.account);
  const std::string after = request.next_token ? prefix + *request.next_token : std::string();
  // A page ends between two queues, so that its token is a queue's name.
  std::vector<std::string> queues = history_.queues(prefix, after, queues_listed_max + 1);
  if (queues.size() > queues_listed_max) {
    queues.pop_back();
    output.next_token = queues.back().substr(prefix.size());
  }
  for (const std::string& arn : queues) {
    const std::string queue = arn.substr(prefix.size());
    for (std::size_t at = 0; at < census::metrics().size(); ++at) {
      if (is_listed(request, census::metrics()[at], queue) && history_.has(arn, at)) {
        listed.push_back(shown_metric(census::metrics()[at], queue));
      }
    }
  }
  co_return output;
}

Task<aws::Outcome<api::GetMetricStatisticsOutput>> CloudWatch::get_metric_statistics(
    aws::Call& call, const api::GetMetricStatisticsInput& request) {
  if (auto error = check(request)) {
    co_return std::unexpected(*std::move(error));
  }
  co_await refresh(gate_, history_, queues_max_);
  Wanted wanted{.arn = {}, .from = *request.start_time, .to = *request.end_time, .period = Seconds(*request.period)};
  find_queue(call, request, wanted);
  api::GetMetricStatisticsOutput output;
  output.label = request.metric_name;
  std::vector<api::Datapoint>& points = output.datapoints.emplace();
  const std::string_view unit = census::metrics()[wanted.metric].unit;
  if (request.unit && *request.unit != unit) {
    co_return output;
  }
  for (const Sample& period : gather(history_, wanted)) {
    api::Datapoint& point = points.emplace_back();
    point.timestamp = period.minute;
    point.unit = unit;
    for (const std::string& name : *request.statistics) {
      const Statistic& statistic = *find_statistic(name);
      point.*statistic.member = statistic.value(period);
    }
  }
  co_return output;
}

Task<aws::Outcome<api::GetMetricDataOutput>> CloudWatch::get_metric_data(aws::Call& call,
                                                                         const api::GetMetricDataInput& request) {
  if (auto error = check(request)) {
    co_return std::unexpected(*std::move(error));
  }
  const std::vector<api::MetricDataQuery>& queries = *request.metric_data_queries;
  const auto start = page_start(request.next_token, queries.size());
  if (!start) {
    co_return fail(api::error::invalid_next_token, "The next token is not one that was given.");
  }
  co_await refresh(gate_, history_, queues_max_);
  api::GetMetricDataOutput output;
  std::vector<api::MetricDataResult>& results = output.metric_data_results.emplace();
  std::size_t points = 0;
  const auto points_in_page =
      static_cast<std::size_t>(std::clamp(request.max_datapoints.value_or(datapoints_max), 1, datapoints_max));
  for (std::size_t at = *start; at < queries.size(); ++at) {
    const api::MetricDataQuery& query = queries[at];
    if (!query.return_data.value_or(true)) {
      continue;
    }
    Wanted wanted{
        .arn = {}, .from = *request.start_time, .to = *request.end_time, .period = Seconds(*query.metric_stat->period)};
    find_queue(call, *query.metric_stat->metric, wanted);
    const std::string_view unit = census::metrics()[wanted.metric].unit;
    const bool other_unit = query.metric_stat->unit && *query.metric_stat->unit != unit;
    std::vector<Sample> periods = other_unit ? std::vector<Sample>() : gather(history_, wanted);
    if (!results.empty() && points + periods.size() > points_in_page) {
      output.next_token = std::to_string(at);
      break;
    }
    points += periods.size();
    results.push_back(shown_result(query, std::move(periods), request.scan_by.value_or("") == "TimestampAscending"));
  }
  co_return output;
}

}  // namespace sluice::cloudwatch
