#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "doors/aws/sqs/message_attributes.h"
#include "machines/queue/commands.h"
#include "machines/queue/message.h"
#include "shapes/sqs.h"

namespace sluice::sqs {

/// Can it be asked for as a system attribute: one of their names, or All?
bool is_system_attribute(std::string_view name);

/// A message as a client sees it, with the system attributes of these names and the message attributes that `filter`
/// wants; without a receipt handle.
api::Message show_message(queue::Message message, const queue::Received& received,
                          const std::vector<std::string>& system_names, const AttributeFilter& filter);

}  // namespace sluice::sqs
