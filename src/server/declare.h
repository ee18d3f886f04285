#pragma once

#include <optional>
#include <string>

#include "base/task.h"
#include "doors/aws/sqs/sqs.h"
#include "server/config.h"

namespace sluice::server {

/// Makes the queues of `queues` and the declared ones, and gives them the attributes and tags that differ: the second
/// start changes nothing. On the thread of the door, before anybody is served. The error is a sentence for the user: a
/// declaration that cannot be met. What merely fails now (a full disk) is logged; the queue stays as it is.
Task<std::optional<std::string>> declare_queues(sqs::Sqs& sqs, const Config& config);

}  // namespace sluice::server
