#include "doors/aws/error.h"

namespace sluice::aws::framework {
namespace {
constexpr std::string_view coral = "com.amazon.coral.service";
}

// spec: sqs.md §1.4 and §13.1. Shape, namespace, Query code, HTTP status, the sender's fault, the usual text.
const ErrorShape invalid_parameter_value{"InvalidParameterValueException", coral, "InvalidParameterValue", 400};
const ErrorShape missing_parameter{"MissingRequiredParameterException", coral, "MissingParameter", 400};
const ErrorShape invalid_parameter_combination{"InvalidParameterCombinationException", coral,
                                               "InvalidParameterCombination", 400};
const ErrorShape unknown_operation{"UnknownOperationException", coral, "InvalidAction", 400};
const ErrorShape unknown_path{"UnknownOperationException", coral, "UnknownOperationException", 404};
const ErrorShape serialization{"SerializationException", coral, "MalformedInput", 400};
const ErrorShape malformed_query_string{"MalformedQueryStringException", coral, "MalformedQueryString", 400};
const ErrorShape validation{"ValidationException", coral, "ValidationError", 400};
const ErrorShape access_denied{"AccessDeniedException", coral, "AccessDenied", 403};
const ErrorShape missing_authentication_token{
    "MissingAuthenticationTokenException",    coral, "MissingAuthenticationToken", 403, true,
    "Request is missing Authentication Token"};
const ErrorShape incomplete_signature{"IncompleteSignatureException", coral, "IncompleteSignature", 400};
const ErrorShape unrecognized_client{"UnrecognizedClientException",
                                     coral,
                                     "InvalidClientTokenId",
                                     403,
                                     true,
                                     "The security token included in the request is invalid."};
const ErrorShape signature_does_not_match{
    "SignatureDoesNotMatch",
    coral,
    "SignatureDoesNotMatch",
    403,
    true,
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details."};
const ErrorShape request_expired{"RequestExpired", coral, "RequestExpired", 400, true, "Request has expired."};
const ErrorShape expired_token{
    "ExpiredTokenException", coral, "ExpiredToken", 403, true, "The security token included in the request is expired"};
const ErrorShape throttling{"ThrottlingException", coral, "Throttling", 400, true, "Rate exceeded"};
const ErrorShape request_too_large{"RequestEntityTooLargeException", coral, "RequestEntityTooLarge", 413};
const ErrorShape internal_failure{"InternalFailure",
                                  coral,
                                  "InternalError",
                                  500,
                                  false,
                                  "The request processing has failed because of an internal error."};
const ErrorShape service_unavailable{"ServiceUnavailable",
                                     coral,
                                     "ServiceUnavailable",
                                     503,
                                     false,
                                     "The server is too busy to take this request; please retry."};
const ErrorShape not_implemented{"NotImplemented", coral, "NotImplemented", 501, false};

}  // namespace sluice::aws::framework
