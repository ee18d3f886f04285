#pragma once

#include <string_view>

/// What policies know of SQS' operations.
namespace sluice::sqs {

struct Action {
  std::string_view name;    ///< of the operation
  std::string_view policy;  ///< "sqs:SendMessage": in policies; a batch counts as its single operation
  bool shared = false;      ///< other accounts may be let do it
};

/// Nullptr when SQS has no such operation.
const Action* find_action(std::string_view operation);

}  // namespace sluice::sqs
