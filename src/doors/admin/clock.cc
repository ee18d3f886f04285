// /_sluice/clock: the time of the queues, and moving it ahead.
#include <fmt/format.h>

#include <cmath>

#include "doors/admin/admin.h"
#include "wire/json_document.h"

namespace sluice::admin {
namespace {

constexpr double advance_seconds_max = 400.0 * 86'400;  // a call; longer than anything is kept

}  // namespace

Task<wire::HttpResponse> Admin::clock(Asked) {
  co_return json_page(fmt::format("{{\"now_milliseconds\":{},\"movable\":{}}}\n", to_milliseconds(gate_.now()),
                                  desk_.advance_clock ? "true" : "false"));
}

Task<wire::HttpResponse> Admin::move_clock(Asked asked) {
  if (!desk_.advance_clock) {
    co_return error_page(501, "The clock moves only in a server that was started with --test-clock.");
  }
  double seconds = 0;
  wire::JsonReader& reader = wire::JsonReader::local();
  const bool read = reader.read(asked.request.body)["advance_seconds"].get(seconds) == simdjson::SUCCESS;
  reader.release();
  if (!read || !(seconds >= 0) || seconds > advance_seconds_max) {
    co_return error_page(400, fmt::format("The body is {{\"advance_seconds\": N}}, N from 0 to {}: time only goes on.",
                                          advance_seconds_max));
  }
  desk_.advance_clock(Milliseconds(std::llround(seconds * 1000)));
  co_return json_page(fmt::format("{{\"now_milliseconds\":{},\"movable\":true}}\n", to_milliseconds(gate_.now())));
}

}  // namespace sluice::admin
