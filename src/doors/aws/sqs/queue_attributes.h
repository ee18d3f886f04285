#pragma once

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "doors/aws/sqs/errors.h"
#include "doors/aws/sqs/names.h"
#include "machines/queue/commands.h"

/// Queue attributes: one table of them, and the walks over it that read and write them.
namespace sluice::sqs {

/// Names a key of the key service, for queues that are encrypted with one.
inline constexpr std::string_view kms_key_attribute = "KmsMasterKeyId";

using AttributeMap = std::map<std::string, std::string>;

/// Attributes as given by CreateQueue or SetQueueAttributes, checked. What depends on other queues (does the
/// dead-letter target exist) is not checked here.
std::expected<queue::SettingsChange, ServiceError> parse_attributes(const AttributeMap& given, const QueueName& queue);

/// FifoThroughputLimit=perMessageGroupId needs DeduplicationScope=messageGroup: is that so once `present` is changed?
std::optional<ServiceError> check_throughput_limit(const queue::SettingsChange& change, const queue::Settings& present);
/// Does the change bear on that rule at all?
bool touches_throughput_limit(const queue::SettingsChange& change);

/// FIFO queues: are both set so that the higher limits of calls count?
bool is_high_throughput(const queue::Settings& settings);

/// The attributes asked for by name, or all that apply with "All".
std::expected<AttributeMap, ServiceError> show_attributes(const queue::Description& description, const QueueName& queue,
                                                          const std::vector<std::string>& names);

/// The attribute that holds the machine's setting of that name (a Refusal's detail).
std::string attribute_of_setting(std::string_view setting);

/// The value of one of the door's own settings; empty when it is not set.
std::string_view label(const queue::Settings& settings, std::string_view attribute);

}  // namespace sluice::sqs
