#pragma once

#include <optional>
#include <string_view>

#include "doors/aws/codec.h"

// What the two renderings of Query (XML and JSON) share.
namespace sluice::aws {

/// The decode of both: flattened and nested lists and maps, from the parameters alone.
std::optional<ServiceError> decode_query(const Incoming& incoming, const Call& call, void* input);

/// True for a path that names no resource.
bool is_root(std::string_view path);

}  // namespace sluice::aws
