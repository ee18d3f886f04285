#pragma once

#include <functional>
#include <string>

#include "doors/aws/door.h"
#include "doors/aws/http/gauges.h"
#include "doors/aws/http/service.h"
#include "node/node.h"

namespace sluice::aws::http {

/// What the server says of itself beside the gauges.
struct About {
  std::string version;
  std::size_t cores = 0;
  const Gauges* gauges = nullptr;
  std::function<Seconds()> uptime;
  std::function<std::vector<std::string>()> set_aside;  ///< machines that replay set aside; from any core
};

/// Where requests of one core go: our own pages, or the door of the AWS services.
/// Pages: /health, /ready and /_sluice/health answer 200 as long as requests are served; /_sluice/status tells numbers.
class Entrance final : public Service {
 public:
  Entrance(Door& door, node::Gate& gate, const About& about) : door_(door), gate_(gate), about_(about) {}

  Task<wire::HttpResponse> answer(const wire::HttpRequest& request, Visit& visit) override;
  void cancel(Visit& visit) override;

 private:
  Door& door_;
  node::Gate& gate_;
  const About& about_;
};

}  // namespace sluice::aws::http
