#pragma once

#include <string>

#include "base/result.h"
#include "doors/aws/error.h"
#include "shapes/sqs.h"

namespace sluice::sqs {

namespace api = aws::sqs;
using aws::fail;
using aws::ServiceError;

inline ServiceError invalid_parameter_value(std::string message) {
  return {&aws::framework::invalid_parameter_value, std::move(message)};
}
inline ServiceError invalid_attribute_name(std::string message) {
  return {&api::error::invalid_attribute_name, std::move(message)};
}
inline ServiceError invalid_attribute_value(std::string message) {
  return {&api::error::invalid_attribute_value, std::move(message)};
}
inline ServiceError unsupported_operation(std::string message) {
  return {&api::error::unsupported_operation, std::move(message)};
}
/// No words: nothing is named that could be denied, only who asks is missing.
inline ServiceError access_denied(std::string words) {
  const bool named = !words.empty();
  return {named ? &aws::framework::access_denied : &aws::framework::missing_authentication_token, std::move(words)};
}
inline ServiceError queue_does_not_exist() { return {&api::error::queue_does_not_exist}; }

/// "The request must contain the parameter {name}."
ServiceError missing_parameter(std::string_view name);

/// "Value {value} for parameter {parameter} is invalid. Reason: {reason}"
ServiceError invalid_parameter(std::string_view value, std::string_view parameter, std::string_view reason);

/// A parameter that queues of this type do not take.
ServiceError not_for_this_queue_type(std::string_view value, std::string_view parameter);

/// An error of SQS, or of the frame around it that SQS answers with, by its shape or its Query code; nullptr: there is
/// none.
const aws::ErrorShape* find_error(std::string_view name);

/// The error as a proviso gives it, for `from_refusal` to make it again.
Refusal refusal_of(const ServiceError& error);

/// What a machine's or the node's refusal is called here. Those whose text needs more than the refusal (a receipt
/// handle, a limit) are worded by the operation before.
ServiceError from_refusal(const Refusal& refusal);

}  // namespace sluice::sqs
