#include "doors/aws/http/entrance.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::aws::http {
namespace {

using Page = std::string (*)(const About&, const Visit&);

std::string health(const About&, const Visit&) { return "{\"status\": \"ok\"}\n"; }

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
    }
    out.push_back(static_cast<unsigned char>(c) < 0x20 ? ' ' : c);
  }
  return out + "\"";
}

std::string status(const About& about, const Visit& visit) {
  std::vector<std::string> set_aside = about.set_aside ? about.set_aside() : std::vector<std::string>();
  std::transform(set_aside.begin(), set_aside.end(), set_aside.begin(), quoted);
  return fmt::format(
      "{{\"version\": {}, \"uptime_seconds\": {}, \"cores\": {}, \"connections\": {}, \"buffered_bytes\": {}, "
      "\"requests\": {}, \"failures\": {}, \"set_aside\": [{}]}}\n",
      quoted(about.version), about.uptime().count(), about.cores, about.gauges->sum(&CoreGauges::connections),
      about.gauges->sum(&CoreGauges::buffered_bytes) - visit.buffered_bytes,  // those of the others
      about.gauges->sum(&CoreGauges::requests), about.gauges->sum(&CoreGauges::failures), fmt::join(set_aside, ", "));
}

struct Row {
  std::string_view path;
  Page page;
};
constexpr Row pages[] = {
    {"/health", health}, {"/ready", health}, {"/_sluice/health", health}, {"/_sluice/status", status}};

Page page_of(const wire::HttpRequest& request) {
  if (request.path.size() < 2 || (request.method != "GET" && request.method != "HEAD") || !request.query.empty()) {
    return nullptr;
  }
  const auto found =
      std::find_if(std::begin(pages), std::end(pages), [&](const Row& row) { return row.path == request.path; });
  return found == std::end(pages) ? nullptr : found->page;
}

Task<wire::HttpResponse> show(Page page, const About& about, const Visit& visit) {
  wire::HttpResponse response;
  response.add_header("Content-Type", "application/json");
  response.add_header("Cache-Control", "no-store");
  response.body = page(about, visit);
  co_return response;
}

}  // namespace

Task<wire::HttpResponse> Entrance::answer(const wire::HttpRequest& request, Visit& visit) {
  const Page page = page_of(request);
  return page != nullptr ? show(page, about_, visit) : door_.answer(request, visit.call);
}

void Entrance::cancel(Visit& visit) { gate_.cancel(visit.call.ticket); }

}  // namespace sluice::aws::http
