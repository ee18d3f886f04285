// /_sluice/queues/{account}/{name}/faults: what shall go wrong with a queue.
#include "doors/aws/sqs/faults.h"

#include <fmt/format.h>

#include <utility>

#include "doors/admin/admin.h"
#include "doors/aws/sqs/errors.h"
#include "doors/aws/sqs/names.h"
#include "wire/json_document.h"

namespace sluice::admin {
namespace {

using sqs::FaultRates;

constexpr std::int64_t latency_milliseconds_max = 60'000;

struct Share {
  std::string_view name;
  double FaultRates::* member;
};
constexpr Share shares[] = {{"errors_5xx", &FaultRates::errors_5xx},
                            {"throttling", &FaultRates::throttling},
                            {"duplicates", &FaultRates::duplicates},
                            {"partial_batch_failures", &FaultRates::partial_batch_failures}};

/// {"KmsDisabled": 0.5, …}: by shape or by Query code.
bool read_errors(simdjson::dom::element value, FaultRates& rates) {
  simdjson::dom::object object;
  if (value.get(object) != simdjson::SUCCESS) {
    return false;
  }
  for (const auto [name, share] : object) {
    const aws::ErrorShape* error = sqs::find_error(name);
    double rate = 0;
    if (error == nullptr || share.get(rate) != simdjson::SUCCESS || rate < 0 || rate > 1) {
      return false;
    }
    rates.errors.emplace_back(error, rate);
  }
  return true;
}

/// One member of the object; false: it is not one that it may be.
bool read_member(std::string_view name, simdjson::dom::element value, FaultRates& rates) {
  if (name == "seed") {
    return value.get(rates.seed) == simdjson::SUCCESS;
  }
  if (name == "latency_ms") {
    std::int64_t milliseconds = 0;
    const bool read = value.get(milliseconds) == simdjson::SUCCESS;
    rates.latency = Milliseconds(milliseconds);
    return read && milliseconds >= 0 && milliseconds <= latency_milliseconds_max;
  }
  if (name == "errors") {
    return read_errors(value, rates);
  }
  for (const Share& share : shares) {
    if (name == share.name) {
      double& rate = rates.*share.member;
      return value.get(rate) == simdjson::SUCCESS && rate >= 0 && rate <= 1;
    }
  }
  return false;
}

/// The rates, or the member that is wrong ("" for the whole).
std::expected<FaultRates, std::string> read_rates(std::string_view text) {
  FaultRates rates;
  wire::JsonReader& reader = wire::JsonReader::local();
  simdjson::dom::object object;
  if (reader.read(text).get(object) != simdjson::SUCCESS) {
    return std::unexpected("");
  }
  for (const auto [name, value] : object) {
    if (!read_member(name, value, rates)) {
      return std::unexpected(std::string(name));
    }
  }
  return rates;
}

wire::HttpResponse shown(const FaultRates& rates) {
  std::string out = fmt::format("{{\"seed\":{},\"latency_ms\":{}", rates.seed, rates.latency.count());
  for (const Share& share : shares) {
    fmt::format_to(std::back_inserter(out), ",\"{}\":{}", share.name, rates.*share.member);
  }
  out += ",\"errors\":{";
  const char* before = "";
  for (const auto& [error, share] : rates.errors) {
    fmt::format_to(std::back_inserter(out), "{}\"{}\":{}", std::exchange(before, ","), error->shape, share);
  }
  return json_page(out + "}}\n");
}

}  // namespace

Task<wire::HttpResponse> Admin::faults(Asked asked) {
  const auto name = queue_in(asked);
  if (!name) {
    co_return no_queue_page();
  }
  const auto rates = desk_.faults->find(name->arn());
  co_return rates ? shown(*rates) : error_page(404, "No faults are set for this queue.");
}

Task<wire::HttpResponse> Admin::set_faults(Asked asked) {
  const auto name = queue_in(asked);
  if (!name) {
    co_return no_queue_page();
  }
  const auto rates = read_rates(asked.request.body);
  if (!rates) {
    co_return error_page(400, fmt::format("{}: seed is a whole number, latency_ms one from 0 to {}, and errors_5xx, "
                                          "throttling, duplicates and partial_batch_failures are shares from 0 to 1; "
                                          "errors holds such shares by the name of an error.",
                                          rates.error().empty() ? "The body is a JSON object" : rates.error(),
                                          latency_milliseconds_max));
  }
  if (!desk_.faults->set(name->arn(), *rates)) {
    co_return error_page(400, fmt::format("Faults are set for {} queues already.", sqs::Faults::queues_max));
  }
  co_return shown(*rates);
}

Task<wire::HttpResponse> Admin::remove_faults(Asked asked) {
  const auto name = queue_in(asked);
  if (!name) {
    co_return no_queue_page();
  }
  desk_.faults->remove(name->arn());
  co_return json_page("{}\n");
}

}  // namespace sluice::admin
