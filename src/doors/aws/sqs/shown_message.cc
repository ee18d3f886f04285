#include "doors/aws/sqs/shown_message.h"

#include <algorithm>

#include "base/digest.h"
#include "doors/aws/sqs/sqs.h"

namespace sluice::sqs {
namespace {

/// A system attribute of a received message; empty when it has none of that name.
struct SystemAttribute {
  std::string_view name;
  std::string (*value)(const queue::Message& message, const queue::Received& received);
};

// A message has a deduplication id in a FIFO queue, and only there.
std::string sequence_number_of(const queue::Message& message, const queue::Received& received) {
  return message.deduplication_id.empty() ? std::string() : sequence_number(received.lease.number);
}

std::string milliseconds_text(Time time) { return std::to_string(to_milliseconds(time)); }

// ReceiveMessage: MessageSystemAttributeNames.
constexpr SystemAttribute system_attributes[] = {
    {"SenderId", [](const queue::Message& message, const queue::Received&) { return message.sender; }},
    {"SentTimestamp",
     [](const queue::Message&, const queue::Received& received) { return milliseconds_text(received.sent); }},
    {"ApproximateReceiveCount",
     [](const queue::Message&, const queue::Received& received) { return std::to_string(received.receive_count); }},
    {"ApproximateFirstReceiveTimestamp",
     [](const queue::Message&, const queue::Received& received) { return milliseconds_text(received.first_received); }},
    {"AWSTraceHeader", [](const queue::Message& message, const queue::Received&) { return message.trace; }},
    {"MessageGroupId", [](const queue::Message& message, const queue::Received&) { return message.group; }},
    {"MessageDeduplicationId",
     [](const queue::Message& message, const queue::Received&) { return message.deduplication_id; }},
    {"DeadLetterQueueSourceArn",
     [](const queue::Message& message, const queue::Received&) { return message.dead_letter_source; }},
    {"SequenceNumber", sequence_number_of},
};

void show_headers(const queue::Message& message, const AttributeFilter& filter, api::Message& shown) {
  std::vector<queue::Header> selected;
  std::ranges::copy_if(message.headers, std::back_inserter(selected),
                       [&](const queue::Header& header) { return filter.wants(header.name); });
  if (selected.empty()) {
    return;
  }
  shown.md5_of_message_attributes = md5_of(selected);  // over what is returned, not over all
  shown.message_attributes.emplace();
  for (queue::Header& header : selected) {
    api::MessageAttributeValue& value = (*shown.message_attributes)[header.name];
    (is_binary(header.type) ? value.binary_value : value.string_value) = std::move(header.value);
    value.data_type = std::move(header.type);
  }
}

void show_system_attributes(const queue::Message& message, const queue::Received& received,
                            const std::vector<std::string>& names, api::Message& shown) {
  const bool all = std::ranges::find(names, "All") != names.end();
  for (const SystemAttribute& attribute : system_attributes) {
    if (!all && std::ranges::find(names, attribute.name) == names.end()) {
      continue;
    }
    if (std::string value = attribute.value(message, received); !value.empty()) {
      made(shown.attributes)[std::string(attribute.name)] = std::move(value);
    }
  }
}

}  // namespace

bool is_system_attribute(std::string_view name) {
  return name == "All" ||
         std::ranges::find(system_attributes, name, &SystemAttribute::name) != std::end(system_attributes);
}

api::Message show_message(queue::Message message, const queue::Received& received,
                          const std::vector<std::string>& system_names, const AttributeFilter& filter) {
  api::Message shown;
  shown.md5_of_body = hex(md5(message.body));
  show_headers(message, filter, shown);
  show_system_attributes(message, received, system_names, shown);
  shown.message_id = std::move(message.id);
  shown.body = std::move(message.body);
  return shown;
}

}  // namespace sluice::sqs
