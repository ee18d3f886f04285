#pragma once

#include <expected>
#include <string>

#include "doors/aws/error_shape.h"

namespace sluice::aws {

/// Why an operation did not do what it was asked, as its protocol will say it. Empty message: the shape's usual text.
struct ServiceError {
  const ErrorShape* shape;
  std::string message{};
};

/// What a handler gives: its output, or an error.
template <class T>
using Outcome = std::expected<T, ServiceError>;

/// `return fail(error::queue_does_not_exist);`
inline std::unexpected<ServiceError> fail(const ErrorShape& shape, std::string message = {}) {
  return std::unexpected(ServiceError{&shape, std::move(message)});
}

/// Errors that no model has: those of the frame around every AWS service, the same in all of them.
namespace framework {
extern const ErrorShape invalid_parameter_value;
extern const ErrorShape missing_parameter;
extern const ErrorShape invalid_parameter_combination;
extern const ErrorShape unknown_operation;
extern const ErrorShape unknown_path;  ///< the same for a path that belongs to nobody: 404
extern const ErrorShape serialization;
extern const ErrorShape malformed_query_string;
extern const ErrorShape validation;
extern const ErrorShape access_denied;
extern const ErrorShape missing_authentication_token;
extern const ErrorShape incomplete_signature;
extern const ErrorShape unrecognized_client;  ///< the access key is not known
extern const ErrorShape signature_does_not_match;
extern const ErrorShape request_expired;
extern const ErrorShape expired_token;
extern const ErrorShape throttling;
extern const ErrorShape request_too_large;
extern const ErrorShape internal_failure;
extern const ErrorShape service_unavailable;
extern const ErrorShape not_implemented;
}  // namespace framework

}  // namespace sluice::aws
