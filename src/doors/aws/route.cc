#include "doors/aws/route.h"

#include <fmt/format.h>

#include <algorithm>

#include "doors/aws/query.h"
#include "doors/aws/services.h"

namespace sluice::aws {
namespace {

constexpr std::string_view form_type = "application/x-www-form-urlencoded";
constexpr std::string_view json_types = "application/x-amz-json-1.";
constexpr std::string_view rpc_protocol = "rpc-v2-cbor";
constexpr std::string_view cbor_type = "application/x-amz-cbor-1.1";

bool starts_ignoring_case(std::string_view text, std::string_view lower_prefix) {
  return text.size() >= lower_prefix.size() &&
         wire::equal_ignoring_case(text.substr(0, lower_prefix.size()), lower_prefix);
}

bool speaks_query(const Service& service) { return service.protocol == Protocol::query || service.query_too; }

Route failed(Route route, const ErrorShape& shape, std::string message = {}) {
  route.error = ServiceError{&shape, std::move(message)};
  return route;
}

// --- AWS JSON and CBOR ---

const Service* service_of_target(std::string_view prefix) {
  for (const Service* service : all_services()) {
    if (service->protocol == Protocol::aws_json && service->target_prefix == prefix) {
      return service;
    }
  }
  return nullptr;
}

const Service* json_service_of_scope(std::string_view scope) {
  for (const Service* service : all_services()) {
    if (service->protocol == Protocol::aws_json && service->signing_name == scope) {
      return service;
    }
  }
  return nullptr;
}

Route route_json(const wire::HttpRequest& request, std::string_view target, bool cbor) {
  Route route{.encoding = cbor ? Encoding::aws_cbor : Encoding::aws_json};
  const std::size_t dot = std::min(target.rfind('.'), target.size());
  route.service = service_of_target(target.substr(0, dot));
  if (route.service == nullptr) {
    route.service = json_service_of_scope(scope_service(request));
    return failed(std::move(route), framework::unknown_operation,
                  target.empty() ? "The request has no X-Amz-Target header."
                                 : fmt::format("The target {} is not known.", target));
  }
  const std::string_view name = target.substr(std::min(dot + 1, target.size()));
  route.operation = find_operation(*route.service, name);
  if (route.operation == nullptr) {
    return failed(std::move(route), framework::unknown_operation,
                  fmt::format("The operation {} is not known.", target));
  }
  return route;
}

// --- Smithy RPC v2: /service/{prefix of the target}/operation/{name} ---

Route route_rpc(const wire::HttpRequest& request) {
  constexpr std::string_view service_word = "/service/", operation_word = "/operation/";
  Route route{.encoding = Encoding::rpc_cbor};
  const std::size_t operation = request.path.rfind(operation_word);
  const std::size_t service =
      operation == std::string_view::npos ? operation : request.path.rfind(service_word, operation);
  if (service == std::string_view::npos) {
    return failed(std::move(route), framework::unknown_operation, "The path names no operation.");
  }
  const std::size_t name = service + service_word.size();
  const std::string_view prefix = request.path.substr(name, operation > name ? operation - name : 0);
  const std::string_view action = request.path.substr(operation + operation_word.size());
  route.service = service_of_target(prefix);
  route.operation = route.service == nullptr ? nullptr : find_operation(*route.service, action);
  if (route.operation == nullptr) {
    return failed(std::move(route), framework::unknown_operation,
                  fmt::format("The operation {}.{} is not known.", prefix, action));
  }
  return route;
}

// --- Query ---

std::string_view value_of(const std::vector<wire::FormField>& fields, std::string_view name) {
  const auto found = std::ranges::find(fields, name, &wire::FormField::name);
  return found == fields.end() ? std::string_view() : std::string_view(found->value);
}

/// The best of the services that speak Query: the scope's; else one that has version and action; else one that has the
/// action; else one that has the version; else the first.
const Service* query_service(std::string_view scope, std::string_view version, std::string_view action) {
  const Service* best = nullptr;
  int best_score = -1;
  for (const Service* service : all_services()) {
    if (speaks_query(*service)) {
      const int score = (service->signing_name == scope ? 4 : 0) +
                        (find_operation(*service, action) != nullptr ? 2 : 0) +
                        (std::ranges::find(service->versions, version) != service->versions.end() ? 3 : 0);
      if (score > best_score) {
        best = service;
        best_score = score;
      }
    }
  }
  return best;
}

std::string_view fault_text(wire::FormFault fault) {
  switch (fault) {
    case wire::FormFault::malformed_escape:
      return "The query string is malformed: '%' must be followed by two hexadecimal digits.";
    case wire::FormFault::not_utf8:
      return "The query string is malformed: parameters must be UTF-8.";
    case wire::FormFault::too_many_fields:
      return "The query string is malformed: it has too many parameters.";
  }
  return {};
}

Route route_query(const wire::HttpRequest& request, Route route) {
  const bool wants_json = request.header("Accept").find("application/json") != std::string_view::npos;
  route.encoding = wants_json ? Encoding::query_json : Encoding::query_xml;
  const std::string_view action = value_of(route.parameters, "Action");
  route.service = query_service(scope_service(request), value_of(route.parameters, "Version"), action);
  route.operation = find_operation(*route.service, action);
  if (route.operation == nullptr || (route.operation->root_only && !is_root(request.path))) {
    route.operation = nullptr;
    std::string message = fmt::format(fmt::runtime(route.service->unknown_action), action);
    return failed(std::move(route), framework::unknown_operation, std::move(message));
  }
  return route;
}

// --- REST ---

Route route_path(const wire::HttpRequest& request) {
  const std::string_view scope = scope_service(request);
  Route route{.encoding = Encoding::rest_json};
  bool rest_scope = false;
  for (const Service* service : all_services()) {
    if (service->protocol != Protocol::rest_json) {
      continue;
    }
    const bool scoped = service->signing_name == scope;
    rest_scope = rest_scope || scoped;
    for (const Operation& operation : service->operations) {
      if (operation.method == request.method && path_matches(operation.path, request.path) &&
          (route.operation == nullptr || scoped)) {
        route.service = service;
        route.operation = &operation;
      }
    }
  }
  if (route.operation == nullptr) {
    route.encoding = rest_scope ? Encoding::rest_json : Encoding::query_xml;
    return failed(std::move(route), framework::unknown_path, "No operation has this method and path.");
  }
  return route;
}

/// "…Credential=KEY/20230101/us-east-1/sqs/aws4_request…", the slashes perhaps as %2F: the part before the last.
std::string_view service_of_credential(std::string_view credential, std::string_view separator) {
  const std::size_t last = credential.rfind(separator);
  if (last == std::string_view::npos) {
    return {};
  }
  const std::string_view before = credential.substr(0, last);
  const std::size_t start = before.rfind(separator);
  return start == std::string_view::npos ? std::string_view() : before.substr(start + separator.size());
}

}  // namespace

std::string_view scope_service(const wire::HttpRequest& request) {
  constexpr std::string_view in_header = "Credential=";
  constexpr std::string_view in_query = "X-Amz-Credential=";
  const std::string_view header = request.header("Authorization");
  if (const std::size_t at = header.find(in_header); at != std::string_view::npos) {
    const std::string_view credential = header.substr(at + in_header.size());
    return service_of_credential(credential.substr(0, credential.find_first_of(", ")), "/");
  }
  if (const std::size_t at = request.query.find(in_query); at != std::string_view::npos) {
    const std::string_view credential = request.query.substr(at + in_query.size());
    const std::string_view value = credential.substr(0, credential.find('&'));
    const std::string_view found = service_of_credential(value, "%2F");
    return found.empty() ? service_of_credential(value, "/") : found;
  }
  return {};
}

Route route(const wire::HttpRequest& request) {
  const std::string_view type = request.header("Content-Type");
  const std::string_view target = request.header("X-Amz-Target");
  const bool cbor = starts_ignoring_case(type, cbor_type);
  if (request.header("smithy-protocol") == rpc_protocol) {
    return route_rpc(request);
  }
  if (!target.empty() || cbor || starts_ignoring_case(type, json_types)) {
    return route_json(request, target, cbor);
  }
  Route route;
  const bool form = starts_ignoring_case(type, form_type);
  std::expected<void, wire::FormFault> read;
  if (form) {
    read = wire::read_form(request.body, route.parameters);
  }
  if (read) {
    read = wire::read_form(request.query, route.parameters);
  }
  if (!read) {
    return failed(std::move(route), framework::malformed_query_string, std::string(fault_text(read.error())));
  }
  const bool query = form || request.method == "GET";
  if (query && !value_of(route.parameters, "Action").empty()) {
    return route_query(request, std::move(route));
  }
  return route_path(request);
}

}  // namespace sluice::aws
