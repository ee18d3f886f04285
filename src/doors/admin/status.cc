// /health, /ready and /_sluice/status.
#include <fmt/format.h>

#include <algorithm>

#include "doors/admin/admin.h"
#include "wire/json.h"

namespace sluice::admin {

using aws::http::CoreGauges;

namespace {

struct Word {
  node::Condition condition;
  std::string_view status;
  std::uint16_t health, ready;  ///< HTTP
};
// /health asks whether a restart would help, /ready whether work may be sent here. A full disk is neither: who deletes
// must get through.
constexpr Word words[] = {{node::Condition::well, "ok", 200, 200},
                          {node::Condition::full, "disk full", 200, 200},
                          {node::Condition::stopping, "stopping", 200, 503},
                          {node::Condition::failed, "log failed", 503, 503}};

wire::HttpResponse condition_page(node::Condition condition, std::uint16_t Word::* code) {
  const Word& word = *std::ranges::find(words, condition, &Word::condition);
  wire::HttpResponse response = json_page(fmt::format("{{\"status\": \"{}\"}}\n", word.status));
  response.status = word.*code;
  return response;
}

}  // namespace

Task<wire::HttpResponse> Admin::health(Asked) { co_return condition_page(gate_.condition(), &Word::health); }
Task<wire::HttpResponse> Admin::ready(Asked) { co_return condition_page(gate_.condition(), &Word::ready); }

Task<wire::HttpResponse> Admin::status(Asked asked) {
  std::string version, set_aside;
  wire::append_json_string(version, desk_.version);
  for (const std::string& machine : desk_.set_aside ? desk_.set_aside() : std::vector<std::string>()) {
    set_aside.append(set_aside.empty() ? "" : ", ");
    wire::append_json_string(set_aside, machine);
  }
  const aws::http::Gauges& gauges = *desk_.gauges;
  co_return json_page(fmt::format(
      "{{\"version\": {}, \"uptime_seconds\": {}, \"cores\": {}, \"connections\": {}, \"buffered_bytes\": {}, "
      "\"requests\": {}, \"failures\": {}, \"set_aside\": [{}]}}\n",
      version, desk_.uptime().count(), desk_.cores, gauges.sum(&CoreGauges::connections),
      gauges.sum(&CoreGauges::buffered_bytes) - asked.visit.buffered_bytes,  // those of the others
      gauges.sum(&CoreGauges::requests), gauges.sum(&CoreGauges::failures), set_aside));
}

}  // namespace sluice::admin
