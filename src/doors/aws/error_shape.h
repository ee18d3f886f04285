#pragma once

#include <cstdint>
#include <string_view>

namespace sluice::aws {

/// One error a service can answer with, in the words of each protocol. Constant; compared by address.
struct ErrorShape {
  std::string_view shape;            ///< the model's name: "QueueDoesNotExist"
  std::string_view name_space;       ///< before the '#' of JSON's __type; empty: the service's own
  std::string_view query_code;       ///< Code in XML, first part of x-amzn-query-error
  std::uint16_t status;              ///< HTTP
  bool sender = true;                ///< the caller's fault; false: Receiver
  std::string_view message{};        ///< the usual text, when the handler gives none
  std::string_view query_message{};  ///< the same in Query, where it differs
};

}  // namespace sluice::aws
