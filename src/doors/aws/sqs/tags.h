#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "doors/aws/sqs/errors.h"

namespace sluice::sqs {

inline constexpr std::size_t tags_max = 50;  // TagQueue, "Amazon SQS limits"

/// "Too many tags added for queue {name}."
ServiceError too_many_tags(std::string_view queue_name);

/// A key that is empty or too long; also UntagQueue without any.
ServiceError bad_tag_key();

/// The rules of a queue's tags: how many, how long, not `aws:`.
std::optional<ServiceError> check_tags(const std::map<std::string, std::string>& tags, std::string_view queue_name);

}  // namespace sluice::sqs
