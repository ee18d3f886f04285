#include "cli/client.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cstdlib>
#include <ctime>

#include "shapes/sqs.h"
#include "wire/json_document.h"
#include "wire/sigv4.h"

namespace sluice::cli {
namespace {

constexpr std::string_view usual_endpoint = "http://127.0.0.1:4566";
constexpr std::string_view usual_region = "us-east-1";
constexpr std::string_view any_credential = "any";  // a server on loopback takes whatever it gets
constexpr Seconds patience{60};                     // the longest long poll is 20 s

std::string first_of(std::initializer_list<const char*> variables, std::string_view usual) {
  for (const char* name : variables) {
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0') {
      return value;
    }
  }
  return std::string(usual);
}

/// Name and value of an error in JSON; empty when it is none.
std::string member_of(std::string_view json, std::initializer_list<const char*> names) {
  simdjson::dom::element root;
  if (wire::JsonReader::local().read(json).get(root) != simdjson::SUCCESS) {
    return {};
  }
  for (const char* name : names) {
    std::string_view text;
    if (root[name].get(text) == simdjson::SUCCESS) {
      return std::string(text);
    }
  }
  return {};
}

// The code as SDKs show it: of the header if there is one, else the shape's name.
std::string error_code_of(const wire::HttpResponse& reply) {
  const std::string_view header = reply.header("x-amzn-query-error");
  if (!header.empty()) {
    return std::string(header.substr(0, header.find(';')));
  }
  const std::string type = member_of(reply.body, {"__type"});
  const std::size_t hash = type.find('#');
  return hash == std::string::npos ? type : type.substr(hash + 1);
}

bool is_about_credentials(std::string_view code) {
  for (const std::string_view known : {"InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch",
                                       "MissingAuthenticationToken", "InvalidSecurity"}) {
    if (code.find(known) != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

Failure failure_of(const wire::HttpResponse& reply, std::string_view what) {
  Failure failure{exit_refused, {}, error_code_of(reply)};
  std::string message = member_of(reply.body, {"message", "Message", "error"});
  if (message.empty()) {
    message = fmt::format("HTTP {} {}", reply.status, wire::reason_phrase(reply.status));
  }
  failure.words = fmt::format("{}: {}{}{}", what, message, failure.error_code.empty() ? "" : " ",
                              failure.error_code.empty() ? "" : "(" + failure.error_code + ")");
  if (is_about_credentials(failure.error_code)) {
    failure.words += "\nThe server wants credentials that it knows: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.";
  }
  return failure;
}

wire::SignatureClaim claim_of(const Caller& caller, std::string_view service, std::string_view signed_headers) {
  const std::time_t now = std::time(nullptr);
  wire::SignatureClaim claim;
  claim.access_key = caller.access_key;
  claim.timestamp = fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(now));
  claim.date = claim.timestamp.substr(0, 8);
  claim.region = caller.region;
  claim.service = service;
  claim.signed_headers = signed_headers;
  return claim;
}

}  // namespace

Outcome<Caller> caller_of(const Arguments& arguments) {
  Caller caller;
  const std::string url =
      arguments.value("--endpoint")
          .value_or(first_of({"SLUICE_ENDPOINT", "AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL"}, usual_endpoint));
  const auto endpoint = read_endpoint(url);
  if (!endpoint) {
    return refuse(exit_bad_usage, fmt::format("the endpoint '{}' is not http://HOST:PORT or https://HOST:PORT", url));
  }
  caller.endpoint = *endpoint;
  caller.region = arguments.value("--region").value_or(first_of({"AWS_REGION", "AWS_DEFAULT_REGION"}, usual_region));
  caller.access_key = first_of({"AWS_ACCESS_KEY_ID"}, any_credential);
  caller.secret_key = first_of({"AWS_SECRET_ACCESS_KEY"}, any_credential);
  caller.session_token = first_of({"AWS_SESSION_TOKEN"}, "");
  caller.ca_file = arguments.value("--ca-bundle").value_or(first_of({"AWS_CA_BUNDLE"}, ""));
  return caller;
}

Client::Client(Caller caller) : caller_(std::move(caller)), http_(caller_.endpoint, patience, caller_.ca_file) {}

Outcome<wire::HttpResponse> Client::send(wire::HttpRequest& request, std::string_view service) {
  const std::string host = caller_.endpoint.authority();
  std::string signed_headers = "host;x-amz-date";
  request.headers.insert(request.headers.begin(), {"Host", host});
  if (!caller_.session_token.empty()) {
    request.headers.push_back({"X-Amz-Security-Token", caller_.session_token});
    signed_headers += ";x-amz-security-token";
  }
  if (!request.header("X-Amz-Target").empty()) {
    signed_headers += ";x-amz-target";
  }
  const wire::SignatureClaim claim = claim_of(caller_, service, signed_headers);
  request.headers.push_back({"X-Amz-Date", claim.timestamp});
  request.sent_body = request.body;
  const std::string authorization = fmt::format(
      "AWS4-HMAC-SHA256 Credential={}/{}/{}/{}/aws4_request, SignedHeaders={}, Signature={}", claim.access_key,
      claim.date, claim.region, claim.service, signed_headers, wire::sign(request, claim, caller_.secret_key));
  request.headers.push_back({"Authorization", authorization});
  std::string head = fmt::format("{} {}{}{} HTTP/1.1\r\n", request.method, request.path,
                                 request.query.empty() ? "" : "?", request.query);
  for (const auto& [name, value] : request.headers) {
    head.append(name).append(": ").append(value).append("\r\n");
  }
  head += fmt::format("Content-Length: {}\r\n\r\n", request.body.size());
  auto reply = http_.exchange(head, request.body);
  return reply ? Outcome<wire::HttpResponse>(*std::move(reply)) : refuse(exit_unreachable, reply.error());
}

std::optional<Failure> Client::run(const aws::Service& service, const aws::Operation& operation, const void* input,
                                   void* output) {
  std::string body;
  aws::append_json(body, *operation.input.shape, input, false);
  const std::string target = fmt::format("{}.{}", service.target_prefix, operation.name);
  const std::string type = fmt::format("application/x-amz-json-{}", service.json_version);
  const std::string path = caller_.endpoint.path + "/";
  wire::HttpRequest request;
  request.method = "POST";
  request.path = path;
  request.headers = {{"Content-Type", type}, {"X-Amz-Target", target}};
  request.body = body;
  const auto reply = send(request, service.signing_name);
  if (!reply) {
    return reply.error();
  }
  if (reply->status != 200) {
    return failure_of(*reply, operation.name);
  }
  if (operation.output.shape == nullptr) {
    return std::nullopt;
  }
  if (const auto fault = aws::read_json(*operation.output.shape, reply->body, output)) {
    return Failure{exit_refused, fmt::format("{}: the reply cannot be read: {}", operation.name, fault->message)};
  }
  return std::nullopt;
}

Outcome<std::string> Client::page(std::string_view target) {
  const std::string whole = caller_.endpoint.path + std::string(target);
  const std::size_t question = whole.find('?');
  wire::HttpRequest request;
  request.method = "GET";
  request.path = std::string_view(whole).substr(0, question);
  request.query = question == std::string::npos ? std::string_view() : std::string_view(whole).substr(question + 1);
  request.headers = {{"Accept", "application/json"}};
  auto reply = send(request, aws::sqs::service().signing_name);
  if (!reply) {
    return std::unexpected(reply.error());
  }
  return reply->status == 200 ? Outcome<std::string>(std::move(reply->body))
                              : std::unexpected(failure_of(*reply, request.path));
}

Outcome<std::string> Client::queue_url(const std::string& queue) {
  if (queue.find("://") != std::string::npos) {
    return queue;
  }
  aws::sqs::GetQueueUrlRequest request;
  request.queue_name = queue;
  if (queue.starts_with("arn:")) {
    const std::size_t name = queue.rfind(':');
    const std::size_t account = queue.rfind(':', name - 1);
    request.queue_name = queue.substr(name + 1);
    request.queue_owner_aws_account_id = queue.substr(account + 1, name - account - 1);
  }
  auto found = call<aws::sqs::operation::GetQueueUrl>(request);
  if (!found && found.error().error_code.ends_with("NonExistentQueue")) {
    found.error().words = fmt::format("there is no queue {} in {} (`sluice queues` lists them)", queue, caller_.region);
  }
  return found ? Outcome<std::string>(found->queue_url.value_or("")) : std::unexpected(found.error());
}

}  // namespace sluice::cli
