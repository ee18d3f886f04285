// /health, /ready and /_sluice/status.
#include <fmt/format.h>

#include "doors/admin/admin.h"
#include "wire/json.h"

namespace sluice::admin {

using aws::http::CoreGauges;

Task<wire::HttpResponse> Admin::health(Asked) { co_return json_page("{\"status\": \"ok\"}\n"); }

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
