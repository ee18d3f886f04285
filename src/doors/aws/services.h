#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "doors/aws/shape.h"

namespace sluice::aws {

/// Every service whose shapes we have, in the order of `sluice coverage`.
std::span<const Service* const> all_services();

/// The place of a service in all_services().
std::size_t index_of(const Service& service);

/// True when the path fits the template ("/v1/brokers/{broker-id}"): each label takes one non-empty segment.
bool path_matches(std::string_view path_template, std::string_view path);

}  // namespace sluice::aws
