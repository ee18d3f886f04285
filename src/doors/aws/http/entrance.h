#pragma once

#include "doors/admin/admin.h"
#include "doors/aws/door.h"
#include "doors/aws/http/service.h"
#include "node/node.h"

namespace sluice::aws::http {

/// Where requests of one core go: our own pages, or the door of the AWS services.
class Entrance final : public Service {
 public:
  Entrance(Door& door, node::Gate& gate, admin::Admin& pages) : door_(door), gate_(gate), pages_(pages) {}

  Task<wire::HttpResponse> answer(const wire::HttpRequest& request, Visit& visit) override;
  void cancel(Visit& visit) override;

 private:
  Door& door_;
  node::Gate& gate_;
  admin::Admin& pages_;
};

}  // namespace sluice::aws::http
