#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.h"
#include "doors/aws/iam/address.h"
#include "doors/aws/iam/pattern.h"

namespace sluice::iam {

struct Operator;

/// One key of a statement's Condition block: all of them must hold.
class Condition {
 public:
  /// `name` as in the document: "StringLike", "ForAnyValue:StringEqualsIfExists", "Null". Nullopt when there is no such
  /// operator, or a value is none of its kind (a date, a number, an address …).
  static std::optional<Condition> make(std::string_view name, std::string_view key,
                                       const std::vector<std::string>& values, bool variables);
  bool holds(const Request& request) const;

 private:
  enum class Set : std::uint8_t { single, all, any };
  using Value = std::variant<Pattern, double, Time, bool, AddressRange>;

  bool matches_one(const std::string& actual, const Request& request) const;
  friend struct Operator;

  const Operator* operator_ = nullptr;
  Set set_ = Set::single;
  bool if_exists_ = false;
  std::string key_;
  std::vector<Value> values_;
};

}  // namespace sluice::iam
