#pragma once

#include <memory>

#include "doors/admin/admin.h"
#include "doors/aws/cloudwatch/cloudwatch.h"
#include "doors/aws/door.h"
#include "doors/aws/http/entrance.h"
#include "doors/aws/http/front.h"
#include "doors/aws/http/guard.h"
#include "doors/aws/sqs/auto_create.h"
#include "doors/aws/sqs/faults.h"
#include "doors/aws/sqs/sqs.h"
#include "doors/aws/sts/sts.h"
#include "io/asio_loop.h"
#include "node/node.h"

namespace sluice::server {

/// What all cores are built from; outlives them.
struct Plan {
  aws::http::House house;
  aws::http::Admission admission;
  admin::Desk desk;
  cloudwatch::History* history = nullptr;
  sqs::Rules rules;
  bool sqs_auto_create = false;
};

/// The doors of one core, from its listeners to the node's gate.
class Core {
 public:
  Core(const Plan& plan, std::size_t number, io::AsioLoop& loop, node::Gate& gate, std::uint64_t seed)
      : guard_(plan.admission, *plan.house.clock),
        sqs_(gate, plan.rules),
        auto_create_(sqs_),
        sts_(plan.admission.identities),
        door_(authorize()),
        disturbance_(*plan.desk.faults, loop),
        cloudwatch_(gate, *plan.history, plan.desk.metrics_queues_max),
        admin_(gate, plan.desk, authorize()),
        entrance_(door_, gate, admin_),
        front_(plan.house, number, loop, entrance_, seed) {
    door_.interpose(disturbance_);
    door_.serve(cloudwatch_, cloudwatch::handlers());
    if (plan.sqs_auto_create) {
      auto_create_.serve(door_);
    } else {
      door_.serve(sqs_, sqs::handlers());
    }
    door_.serve(sts_, sts::handlers());
  }

  aws::http::Front& front() { return front_; }
  sqs::Sqs& sqs() { return sqs_; }
  const aws::Door& door() const { return door_; }

 private:
  aws::Authorize authorize() {
    return [this](const wire::HttpRequest& request, aws::Call& call) { return guard_.admit(request, call); };
  }

  aws::http::Guard guard_;
  sqs::Sqs sqs_;
  sqs::AutoCreate auto_create_;
  sts::Sts sts_;
  aws::Door door_;
  sqs::Disturbance disturbance_;
  cloudwatch::CloudWatch cloudwatch_;
  admin::Admin admin_;
  aws::http::Entrance entrance_;
  aws::http::Front front_;
};

}  // namespace sluice::server
