#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "doors/aws/sqs/errors.h"
#include "machines/queue/message.h"
#include "shapes/sqs.h"

namespace sluice::sqs {

using Attributes = std::map<std::string, api::MessageAttributeValue>;

/// The rules of message attributes, in the order AWS checks them; the first broken one, if any.
std::optional<ServiceError> check_attributes(const Attributes& attributes);

/// What counts against MaximumMessageSize: name, data type and value (raw bytes of a binary) of each.
std::size_t size_of(const Attributes& attributes);

/// As they are kept in a message's envelope, sorted by name; checked before.
std::vector<queue::Header> to_headers(Attributes&& attributes);

/// Does a value of this data type stand in BinaryValue (Binary, Binary.label)? Else it is a text.
bool is_binary(std::string_view data_type);

/// MD5 of message attributes in SQS' own encoding, in hexadecimal; SDKs recompute and compare it. `headers` are sorted.
std::string md5_of(std::span<const queue::Header> headers);

/// Which attributes a receive asked for: `All`, `.*`, a name, or `prefix.*`.
class AttributeFilter {
 public:
  explicit AttributeFilter(const std::vector<std::string>& names);
  bool wants(std::string_view name) const;

 private:
  bool all_ = false;
  std::vector<std::string> names_;  ///< these and the prefixes: sorted, each once
  std::vector<std::string> prefixes_;
};

}  // namespace sluice::sqs
