#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "doors/aws/call.h"
#include "doors/aws/error.h"
#include "doors/aws/shape.h"
#include "wire/form.h"
#include "wire/http1.h"

namespace sluice::aws {

/// Where a request goes and in which form it is answered, or why nowhere.
struct Route {
  const Service* service = nullptr;
  const Operation* operation = nullptr;
  Encoding encoding = Encoding::query_xml;
  std::vector<wire::FormField> parameters{};  ///< Query: of body and query string together
  std::optional<ServiceError> error{};        ///< set when operation is not
};

/// The service by the path of Smithy RPC v2, else by X-Amz-Target, else by the signature's scope, else by Action and
/// Version, else by the path.
Route route(const wire::HttpRequest& request);

/// The service's signing name in the request's credential scope (header or query string), empty when it is unsigned or
/// malformed. Nothing is verified.
std::string_view scope_service(const wire::HttpRequest& request);

}  // namespace sluice::aws
