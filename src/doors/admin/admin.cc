#include "doors/admin/admin.h"

#include <algorithm>

#include "base/check.h"
#include "doors/aws/services.h"
#include "io/socket.h"
#include "wire/json.h"

namespace sluice::admin {
namespace {

constexpr std::string_view ours[] = {"/_sluice/", "/_localstack/", "/_aws/"};

/// Did it come from this machine, and not through a proxy on it?
bool is_local(const wire::HttpRequest& request, const aws::http::Visit& visit) {
  if (request.find("X-Forwarded-For") != nullptr || request.find("Forwarded") != nullptr) {
    return false;
  }
  std::string_view host = std::string_view(visit.peer).substr(0, visit.peer.rfind(':'));
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  }
  return io::Endpoint{std::string(host), 0}.is_loopback();
}

/// The path's segments where the template has labels.
std::vector<std::string> labels_of(std::string_view path_template, std::string_view path) {
  std::vector<std::string> labels;
  while (!path_template.empty()) {
    const std::size_t end = std::min(path.find('/', 1), path.size());
    const std::size_t template_end = std::min(path_template.find('/', 1), path_template.size());
    if (path_template.substr(0, template_end).starts_with("/{")) {
      labels.push_back(wire::percent_decode(path.substr(1, end - 1), false).value_or(""));
    }
    path.remove_prefix(end);
    path_template.remove_prefix(template_end);
  }
  return labels;
}

}  // namespace

const std::string* Asked::parameter(std::string_view name) const {
  const auto found = std::ranges::find(parameters, name, &wire::FormField::name);
  return found == parameters.end() ? nullptr : &found->value;
}

std::span<const Admin::Row> Admin::rows() {
  static constexpr Row all[] = {
      {"GET", "/health", &Admin::health, For::anybody},
      {"GET", "/ready", &Admin::ready, For::anybody},
      {"GET", "/_sluice/health", &Admin::health, For::anybody},
      {"GET", "/_sluice/status", &Admin::status, For::watchers},
      {"GET", "/metrics", &Admin::metrics, For::watchers},
      {"GET", "/_sluice/clock", &Admin::clock},
      {"POST", "/_sluice/clock", &Admin::move_clock},
      {"POST", "/_sluice/reset", &Admin::reset},
      {"GET", "/_sluice/queues", &Admin::queues},
      {"GET", "/_sluice/queues/{account}/{name}/messages", &Admin::messages},
      {"GET", "/_localstack/health", &Admin::localstack_health, For::anybody},
      {"GET", "/_localstack/init", &Admin::localstack_init, For::anybody},
      {"GET", "/_localstack/init/{stage}", &Admin::localstack_stage, For::anybody},
      {"POST", "/_localstack/state/reset", &Admin::reset},
      {"GET", "/_aws/sqs/messages", &Admin::localstack_messages, For::clients},
      {"POST", "/_aws/sqs/messages", &Admin::localstack_messages, For::clients},
      {"GET", "/_aws/sqs/messages/{region}/{account}/{name}", &Admin::localstack_messages, For::clients},
      {"GET", "/_sluice/queues/{account}/{name}/faults", &Admin::faults},
      {"PUT", "/_sluice/queues/{account}/{name}/faults", &Admin::set_faults},
      {"DELETE", "/_sluice/queues/{account}/{name}/faults", &Admin::remove_faults},
  };
  return all;
}

bool Admin::takes(const wire::HttpRequest& request) const {
  if (std::ranges::any_of(ours, [&](std::string_view start) { return request.path.starts_with(start); })) {
    return true;
  }
  const bool reads = request.method == "GET" || request.method == "HEAD";
  return reads && request.path.size() > 1 && request.query.empty() &&
         std::ranges::find(rows(), request.path, &Row::path) != rows().end();
}

std::optional<sqs::QueueName> Admin::queue_in(const Asked& asked) const {
  const std::string* region = asked.parameter("region");
  return sqs::parse_arn(
      sqs::QueueName{region != nullptr ? *region : desk_.region, asked.labels[0], asked.labels[1]}.arn());
}

std::optional<wire::HttpResponse> Admin::refuse(const Row& row, const wire::HttpRequest& request,
                                                aws::http::Visit& visit) {
  const bool watches = row.whom == For::watchers;
  const bool like_clients = row.whom == For::clients && !desk_.keys;
  if (row.whom == For::anybody || like_clients || desk_.admin_open || (watches && desk_.metrics_open)) {
    return std::nullopt;
  }
  const bool local = is_local(request, visit);
  if (local && (watches || !desk_.keys)) {
    return std::nullopt;
  }
  if (!desk_.keys) {
    return error_page(403, watches ? "From this machine only, unless the server was told metrics_open."
                                   : "From this machine only, unless the server was told admin_open.");
  }
  if (const auto error = authorize_(request, visit.call)) {
    return error_page(403, error->message.empty() ? error->shape->message : std::string_view(error->message));
  }
  return std::nullopt;
}

Task<wire::HttpResponse> Admin::answer(const wire::HttpRequest& request, aws::http::Visit& visit) {
  const std::string_view method = request.method == "HEAD" ? "GET" : request.method;
  const Row* found = nullptr;
  bool has_path = false;
  for (const Row& row : rows()) {
    if (aws::path_matches(row.path, request.path)) {
      has_path = true;
      found = row.method == method ? &row : found;
    }
  }
  if (found == nullptr) {
    co_return has_path ? error_page(405, "This page does not take that method.")
                       : error_page(404, "There is no such page; docs/admin-api.md lists them.");
  }
  if (auto refused = refuse(*found, request, visit)) {
    co_return *std::move(refused);
  }
  Asked asked{request, visit, labels_of(found->path, request.path)};
  if (!wire::read_form(request.query, asked.parameters)) {
    co_return error_page(400, "The query string is malformed.");
  }
  co_return co_await (this->*found->page)(std::move(asked));
}

wire::HttpResponse json_page(std::string body) {
  wire::HttpResponse response;
  response.add_header("Content-Type", "application/json");
  response.add_header("Cache-Control", "no-store");
  response.body = std::move(body);
  return response;
}

wire::HttpResponse error_page(std::uint16_t status, std::string_view message) {
  std::string body = "{\"message\":";
  wire::append_json_string(body, message);
  wire::HttpResponse response = json_page(body + "}\n");
  response.status = status;
  return response;
}

wire::HttpResponse no_queue_page() {
  return error_page(400, "The path names no queue: /_sluice/queues/{12 digits}/{name}/…?region=…");
}

wire::HttpResponse refusal_page(const Refusal& refusal) {
  switch (refusal.reason) {
    case Reason::not_found:
    case Reason::deleted_recently:
      return error_page(404, "There is no such queue.");
    case Reason::full:
    case Reason::no_space:
    case Reason::unknown_outcome:
    case Reason::unavailable:
      return error_page(503, "Not now; retry later.");
    case Reason::machine_set_aside:
      return error_page(500, "The queue was set aside when the server started; its log is kept.");
    default:
      return error_page(400, refusal.detail);
  }
}

}  // namespace sluice::admin
