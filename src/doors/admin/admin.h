#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "doors/admin/desk.h"
#include "doors/aws/door.h"
#include "doors/aws/http/service.h"
#include "doors/aws/sqs/names.h"
#include "node/node.h"
#include "wire/form.h"

namespace sluice::admin {

/// One request to a page, as its function gets it. Lives until the answer is there.
struct Asked {
  const wire::HttpRequest& request;
  aws::http::Visit& visit;
  std::vector<std::string> labels;            ///< what stands in the path where the page's template has "{…}", in order
  std::vector<wire::FormField> parameters{};  ///< of the query string

  /// Nullptr when it is not given.
  const std::string* parameter(std::string_view name) const;
};

/// Our own pages on one core: docs/admin-api.md. One thread.
class Admin {
 public:
  /// `authorize` says who signed a request (aws::Door's own); all outlive this.
  Admin(node::Gate& gate, const Desk& desk, aws::Authorize authorize)
      : gate_(gate), desk_(desk), authorize_(std::move(authorize)) {}

  /// Is this request for one of our pages?
  bool takes(const wire::HttpRequest& request) const;
  /// Request and visit live until the task ends.
  Task<wire::HttpResponse> answer(const wire::HttpRequest& request, aws::http::Visit& visit);

 private:
  using Page = Task<wire::HttpResponse> (Admin::*)(Asked asked);
  /// Whom a page is for.
  /// `clients`: without access keys whoever may receive, with them as operators.
  enum class For : std::uint8_t { anybody, clients, watchers, operators };
  struct Row {
    std::string_view method;
    std::string_view path;
    Page page;
    For whom = For::operators;
  };
  static std::span<const Row> rows();

  /// The queue of a path with {account}/{name}, and of the parameter `region`; nullopt when it names none.
  std::optional<sqs::QueueName> queue_in(const Asked& asked) const;
  std::optional<wire::HttpResponse> refuse(const Row& row, const wire::HttpRequest& request, aws::http::Visit& visit);

  // status.cc
  Task<wire::HttpResponse> health(Asked asked);
  Task<wire::HttpResponse> ready(Asked asked);
  Task<wire::HttpResponse> status(Asked asked);
  // metrics.cc
  Task<wire::HttpResponse> metrics(Asked asked);
  // clock.cc
  Task<wire::HttpResponse> clock(Asked asked);
  Task<wire::HttpResponse> move_clock(Asked asked);
  // reset.cc
  Task<wire::HttpResponse> reset(Asked asked);
  // queues.cc
  Task<wire::HttpResponse> queues(Asked asked);
  // localstack.cc
  Task<wire::HttpResponse> localstack_health(Asked asked);
  Task<wire::HttpResponse> localstack_init(Asked asked);
  Task<wire::HttpResponse> localstack_stage(Asked asked);
  Task<wire::HttpResponse> localstack_messages(Asked asked);
  // faults.cc
  Task<wire::HttpResponse> faults(Asked asked);
  Task<wire::HttpResponse> set_faults(Asked asked);
  Task<wire::HttpResponse> remove_faults(Asked asked);
  // peek.cc
  Task<wire::HttpResponse> messages(Asked asked);

  node::Gate& gate_;
  const Desk& desk_;
  aws::Authorize authorize_;
};

// What the pages share

/// 200 with this JSON.
wire::HttpResponse json_page(std::string body);
/// {"message": "…"}, the form of every error of ours.
wire::HttpResponse error_page(std::uint16_t status, std::string_view message);
/// For a path that names no queue.
wire::HttpResponse no_queue_page();
/// The page for a machine's or the node's refusal.
wire::HttpResponse refusal_page(const Refusal& refusal);

}  // namespace sluice::admin
