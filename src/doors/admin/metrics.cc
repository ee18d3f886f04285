// GET /metrics: OpenMetrics of the server and of every queue.
#include <fmt/format.h>

#include "doors/admin/admin.h"
#include "doors/aws/sqs/names.h"
#include "doors/census/census.h"
#include "doors/census/metric.h"
#include "wire/open_metrics.h"

namespace sluice::admin {
namespace {

using aws::http::CoreGauges;
using aws::http::Gauges;
using census::Kind;
using census::Metric;
using wire::OpenMetrics;

double seconds_of(std::uint64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e9; }

// --- the server ---

/// One number of the server, with its family around it.
void append_gauge(OpenMetrics& out, std::string_view name, std::string_view unit, std::string_view help, double value) {
  out.family(name, "gauge", unit, help);
  out.sample("", "", value);
}
void append_counter(OpenMetrics& out, std::string_view name, std::string_view unit, std::string_view help,
                    double value) {
  out.family(name, "counter", unit, help);
  out.sample("_total", "", value);
}

void append_process(OpenMetrics& out, const Desk& desk, const Numbers& numbers) {
  out.family("sluice_build", "info", "", "What runs.");
  out.sample("_info", wire::metric_labels({{"version", desk.version}}), 1);
  append_gauge(out, "process_start_time_seconds", "seconds", "When the process began, since 1970.",
               numbers.started_seconds);
  append_counter(out, "process_cpu_seconds", "seconds", "Processor time, user and system.", numbers.cpu_seconds);
  append_gauge(out, "process_resident_memory_bytes", "bytes", "Memory of the process.",
               static_cast<double>(numbers.resident_bytes));
  append_gauge(out, "process_open_fds", "", "Open files and sockets.", static_cast<double>(numbers.open_files));
  append_gauge(out, "process_max_fds", "", "How many may be open.", static_cast<double>(numbers.open_files_max));
  append_gauge(out, "sluice_cores", "", "Threads that serve.", static_cast<double>(desk.cores));
}

void append_http(OpenMetrics& out, const Gauges& gauges) {
  const auto sum = [&](auto gauge) { return static_cast<double>(gauges.sum(gauge)); };
  append_gauge(out, "sluice_http_connections", "", "Connections now.", sum(&CoreGauges::connections));
  append_gauge(out, "sluice_http_buffered_bytes", "bytes", "Requests and replies in memory now.",
               sum(&CoreGauges::buffered_bytes));
  append_counter(out, "sluice_http_requests", "", "Requests that arrived whole.", sum(&CoreGauges::requests));
  append_counter(out, "sluice_http_refusals", "", "Requests answered with 4xx, 501 or 505.",
                 sum(&CoreGauges::refusals));
  append_counter(out, "sluice_http_failures", "", "Requests answered with 5xx, but for 501 and 505.",
                 sum(&CoreGauges::failures));
}

void append_flushes(OpenMetrics& out, const io::FlushMeter& meter) {
  out.family("sluice_log_flush_seconds", "histogram", "seconds", "How long flushes of the log to the disk took.");
  std::uint64_t count = 0;
  for (std::size_t at = 0; at < meter.within.size(); ++at) {
    count += meter.within[at].load(std::memory_order_relaxed);
    const std::string bound = at < meter.bounds.size()
                                  ? fmt::format("{}", static_cast<double>(meter.bounds[at].count()) / 1e6)
                                  : std::string("+Inf");
    out.sample("_bucket", wire::metric_labels({{"le", bound}}), static_cast<double>(count));
  }
  out.sample("_count", "", static_cast<double>(count));
  out.sample("_sum", "", seconds_of(meter.nanoseconds.load(std::memory_order_relaxed)));
  append_counter(out, "sluice_log_flush_failures", "", "Flushes that failed; the first one is final.",
                 static_cast<double>(meter.failed.load(std::memory_order_relaxed)));
  append_counter(out, "sluice_log_written_bytes", "bytes", "Written to the data directory.",
                 static_cast<double>(meter.written_bytes.load(std::memory_order_relaxed)));
  append_counter(out, "sluice_log_read_bytes", "bytes", "Read from the data directory, past what was in memory.",
                 static_cast<double>(meter.read_bytes.load(std::memory_order_relaxed)));
}

void append_log(OpenMetrics& out, const Desk& desk, const Numbers& numbers) {
  append_gauge(out, "sluice_log_bytes", "bytes", "Segments of the log on the disk.",
               static_cast<double>(numbers.log_bytes));
  append_gauge(out, "sluice_log_segments", "", "How many segments these are.",
               static_cast<double>(numbers.log_segments));
  append_gauge(out, "sluice_disk_free_bytes", "bytes", "Free where the data directory lies.",
               static_cast<double>(numbers.disk_free_bytes));
  append_gauge(out, "sluice_machines_set_aside", "", "Queues that could not be replayed and are not served.",
               static_cast<double>(desk.set_aside ? desk.set_aside().size() : 0));
  if (desk.flushes != nullptr) {
    append_flushes(out, *desk.flushes);
  }
}

// --- queues ---

std::string labels_of(const std::string& arn) {
  const auto name = sqs::parse_arn(arn);
  return name ? wire::metric_labels({{"queue", name->name}, {"account", name->account}, {"region", name->region}})
              : std::string();
}

/// Whom a family is of, and their labels.
struct Shown {
  const queue::Measurement& measured;
  std::string labels;
};

void append_size_bound(OpenMetrics& out, const std::vector<Shown>& queues, std::string_view name, std::string_view help,
                       std::uint32_t (*bound)(const queue::Measurement&)) {
  out.family(name, "gauge", "bytes", help);
  for (const Shown& queue : queues) {
    if (const std::uint32_t bytes = bound(queue.measured); bytes > 0) {
      out.sample("", queue.labels, bytes);
    }
  }
}

/// Of this minute and the one before, so that no scrape once a minute misses one.
void append_size_bounds(OpenMetrics& out, const std::vector<Shown>& queues) {
  append_size_bound(out, queues, "sluice_sqs_sent_message_size_min_bytes",
                    "CloudWatch SentMessageSize, Minimum: the smallest message sent in this minute or the one before.",
                    [](const queue::Measurement& measured) {
                      const auto [now, before] = std::pair(measured.sizes.min, measured.sizes_before.min);
                      return now == 0 ? before : before == 0 ? now : std::min(now, before);
                    });
  append_size_bound(
      out, queues, "sluice_sqs_sent_message_size_max_bytes",
      "CloudWatch SentMessageSize, Maximum: the largest message sent in this minute or the one before.",
      [](const queue::Measurement& measured) { return std::max(measured.sizes.max, measured.sizes_before.max); });
}

void append_metric(OpenMetrics& out, const Metric& metric, const std::vector<Shown>& queues) {
  const std::string help = fmt::format("CloudWatch {}: {}", metric.name, metric.help);
  const std::string_view unit = metric.exposed.ends_with("_seconds") ? "seconds"
                                : metric.exposed.ends_with("_bytes") ? "bytes"
                                                                     : "";
  const std::string_view type = metric.kind == Kind::gauge     ? "gauge"
                                : metric.kind == Kind::counter ? "counter"
                                                               : "summary";
  out.family(metric.exposed, type, unit, help);
  for (const Shown& queue : queues) {
    const auto value = metric.value(queue.measured);
    if (!value) {
      continue;
    }
    if (metric.kind == Kind::sizes) {
      out.sample("_count", queue.labels, static_cast<double>(queue.measured.traffic.sent));
      out.sample("_sum", queue.labels, static_cast<double>(*value));
    } else {
      out.sample(metric.kind == Kind::counter ? "_total" : "", queue.labels, static_cast<double>(*value));
    }
  }
}

void append_queues(OpenMetrics& out, const census::Census& census, std::size_t queues_max) {
  append_gauge(out, "sluice_queues_shown", "", "Queues of which the following tells.",
               static_cast<double>(census.queues.size()));
  append_gauge(out, "sluice_queues_left_out", "",
               fmt::format("1: there are more queues than the {} shown (setting metrics_queues_max).", queues_max),
               census.more ? 1 : 0);
  std::vector<Shown> shown;
  for (const census::Counted& queue : census.queues) {
    shown.push_back({*queue.measured, labels_of(queue.arn)});
  }
  for (const Metric& metric : census::metrics()) {
    append_metric(out, metric, shown);
  }
  append_size_bounds(out, shown);
}

}  // namespace

Task<wire::HttpResponse> Admin::metrics(Asked) {
  const census::Census census = co_await census::take(gate_, desk_.metrics_queues_max);
  OpenMetrics out;
  const Numbers numbers = desk_.numbers();
  append_process(out, desk_, numbers);
  append_http(out, *desk_.gauges);
  append_log(out, desk_, numbers);
  append_queues(out, census, desk_.metrics_queues_max);
  wire::HttpResponse response;
  response.add_header("Content-Type", wire::open_metrics_type);
  response.body = out.finish();
  co_return response;
}

}  // namespace sluice::admin
