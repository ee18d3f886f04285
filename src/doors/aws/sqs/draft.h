#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/random.h"
#include "doors/aws/call.h"
#include "doors/aws/sqs/errors.h"
#include "doors/aws/sqs/limits.h"
#include "doors/aws/sqs/message_attributes.h"
#include "doors/aws/sqs/sqs.h"
#include "doors/aws/sqs/text.h"
#include "machines/queue/commands.h"

/// One message on its way into a queue: the checks on it, what goes to the machine, what its answer says. `Entry` is
/// SendMessageRequest or SendMessageBatchRequestEntry, whose members have the same names.
namespace sluice::sqs {

inline constexpr std::string_view trace_attribute = "AWSTraceHeader";  ///< the only system attribute that can be sent

/// One message checked and on its way: what goes to the machine, and what its answer will say.
struct Draft {
  queue::Outgoing outgoing;
  std::string message_id;
  std::string body_md5;
  std::string attributes_md5;         ///< empty: no attributes
  std::string system_attributes_md5;  ///< empty: none
  std::string sequence_number;        ///< empty: a standard queue's
};

/// A broken rule. A body that is missing comes before the message's size in AWS's order, everything else after it.
struct BrokenRule {
  ServiceError error;
  bool before_size = false;
};

/// Only the trace header, as a String.
template <class SystemAttributes>
std::optional<ServiceError> check_system_attributes(const SystemAttributes& attributes) {
  for (const auto& [name, value] : attributes) {
    if (name != trace_attribute) {
      return invalid_parameter_value(fmt::format("Message system attribute name '{}' is invalid.", name));
    }
    if (value.data_type.value_or("") != "String" || value.string_value.value_or("").empty()) {
      return invalid_parameter_value(
          fmt::format("The value of message system attribute '{}' must be a non-empty String.", name));
    }
    if (!is_trace_header(*value.string_value)) {
      return invalid_parameter_value(fmt::format("The value of message system attribute '{}' is invalid.", name));
    }
  }
  return std::nullopt;
}

/// What a queue of this type does not take (spec: Sending, 5.4).
template <class Entry>
std::optional<ServiceError> check_queue_type(const Entry& entry, bool fifo) {
  if (!fifo && entry.message_deduplication_id) {
    return not_for_this_queue_type(*entry.message_deduplication_id, "MessageDeduplicationId");
  }
  if (fifo && entry.delay_seconds.value_or(0) > 0) {
    return not_for_this_queue_type(std::to_string(*entry.delay_seconds), "DelaySeconds");
  }
  return std::nullopt;
}

/// The checks on one message that need no settings of the queue, in AWS's order (spec: Sending, 5.1).
template <class Entry>
std::optional<BrokenRule> check_message(const Entry& entry, bool fifo) {
  const auto after_size = [](std::optional<ServiceError> error) {
    return error ? std::optional(BrokenRule{*std::move(error)}) : std::nullopt;
  };
  if (entry.message_body.value_or("").empty()) {
    return BrokenRule{missing_parameter("MessageBody"), true};
  }
  if (!allowed_characters(*entry.message_body)) {
    return BrokenRule{{&api::error::invalid_message_contents,
                       "Invalid binary character was found in the message body, the set of allowed characters is #x9 | "
                       "#xA | #xD | [#x20 to #xD7FF] | [#xE000 to #xFFFD] | [#x10000 to #x10FFFF]"}};
  }
  if (entry.message_attributes) {
    if (auto broken = after_size(check_attributes(*entry.message_attributes))) {
      return broken;
    }
  }
  if (entry.message_system_attributes) {
    if (auto broken = after_size(check_system_attributes(*entry.message_system_attributes))) {
      return broken;
    }
  }
  if (auto broken = after_size(check_range(entry.delay_seconds, 0, delay_seconds_max, "DelaySeconds",
                                           "DelaySeconds must be >= 0 and <= 900."))) {
    return broken;
  }
  if (auto broken = after_size(check_token(entry.message_group_id, "MessageGroupId"))) {
    return broken;
  }
  if (auto broken = after_size(check_token(entry.message_deduplication_id, "MessageDeduplicationId"))) {
    return broken;
  }
  return after_size(check_queue_type(entry, fifo));
}

/// What counts against MaximumMessageSize.
template <class Entry>
std::size_t size_of_message(const Entry& entry) {
  return entry.message_body.value_or("").size() + (entry.message_attributes ? size_of(*entry.message_attributes) : 0);
}

/// The message's own trace header, else the HTTP request's.
template <class Entry>
std::string trace_of(const aws::Call& call, const Entry& entry) {
  if (entry.message_system_attributes) {
    const auto found = entry.message_system_attributes->find(std::string(trace_attribute));
    if (found != entry.message_system_attributes->end()) {
      return *found->second.string_value;
    }
  }
  return call.trace_header;
}

/// In hexadecimal, as MD5OfMessageSystemAttributes.
inline std::string md5_of_trace(const std::string& trace) {
  const queue::Header header{std::string(trace_attribute), "String", trace};
  return md5_of(std::span(&header, 1));
}

/// From a message that passed its checks.
template <class Entry>
Draft draft_of(const aws::Call& call, const Entry& entry, bool fifo, Random& random) {
  Draft draft;
  queue::Message message;
  message.id = make_uuid(random);
  message.body = *entry.message_body;
  message.sender = call.principal;
  message.group = entry.message_group_id.value_or("");
  if (fifo) {
    draft.outgoing.deduplicated_by_content = !entry.message_deduplication_id;
    message.deduplication_id =
        entry.message_deduplication_id ? *entry.message_deduplication_id : hex(sha256(message.body));
  }
  message.trace = trace_of(call, entry);
  if (entry.message_attributes && !entry.message_attributes->empty()) {
    message.headers = to_headers(Attributes(*entry.message_attributes));
    draft.attributes_md5 = md5_of(message.headers);
  }
  if (entry.message_system_attributes && !entry.message_system_attributes->empty()) {
    draft.system_attributes_md5 = md5_of_trace(message.trace);
  }
  draft.body_md5 = hex(md5(message.body));
  draft.outgoing.envelope = queue::encode(message);
  draft.outgoing.size_bytes = static_cast<std::uint32_t>(size_of_message(entry));
  // 0 is a delay too: it overrides the queue's. In a FIFO queue it means the queue's, which is every message's.
  if (!fifo && entry.delay_seconds) {
    draft.outgoing.delay = Seconds(*entry.delay_seconds);
  }
  draft.outgoing.group = std::move(message.group);
  draft.outgoing.deduplication_id = std::move(message.deduplication_id);
  draft.message_id = std::move(message.id);
  return draft;
}

}  // namespace sluice::sqs
