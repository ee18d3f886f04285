#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "machines/queue/commands.h"

namespace sluice::sqs {

/// A lease as SQS clients carry it: opaque, safe in XML, JSON and URLs, authenticated with the data directory's secret,
/// valid after a restart. Bound to queue and message by the machine id and number inside.
std::string make_receipt_handle(const queue::Lease& lease, std::string_view secret);

/// nullopt for anything that `make_receipt_handle` with this secret did not make.
std::optional<queue::Lease> read_receipt_handle(std::string_view handle, std::string_view secret);

}  // namespace sluice::sqs
