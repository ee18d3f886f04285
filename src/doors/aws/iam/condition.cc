#include "doors/aws/iam/condition.h"

#include <algorithm>
#include <cstdlib>

#include "doors/aws/codec.h"
#include "doors/aws/iam/request.h"
#include "wire/http1.h"

namespace sluice::iam {

/// How values of one kind are compared.
enum class Kind : std::uint8_t { text, text_any_case, pattern, arn, number, date, boolean, address, presence };
enum class Relation : std::uint8_t { equal, less, less_equal, greater, greater_equal };

struct Operator {
  std::string_view name;
  Kind kind;
  Relation relation = Relation::equal;
  bool negated = false;  ///< holds when no value matches
};

namespace {

// "IAM JSON policy elements: Condition operators". BinaryEquals is compared as the text that it is on the wire.
constexpr Operator operators[] = {
    {"ArnEquals", Kind::arn},
    {"ArnLike", Kind::arn},
    {"ArnNotEquals", Kind::arn, Relation::equal, true},
    {"ArnNotLike", Kind::arn, Relation::equal, true},
    {"BinaryEquals", Kind::text},
    {"Bool", Kind::boolean},
    {"DateEquals", Kind::date},
    {"DateGreaterThan", Kind::date, Relation::greater},
    {"DateGreaterThanEquals", Kind::date, Relation::greater_equal},
    {"DateLessThan", Kind::date, Relation::less},
    {"DateLessThanEquals", Kind::date, Relation::less_equal},
    {"DateNotEquals", Kind::date, Relation::equal, true},
    {"IpAddress", Kind::address},
    {"NotIpAddress", Kind::address, Relation::equal, true},
    {"Null", Kind::presence},
    {"NumericEquals", Kind::number},
    {"NumericGreaterThan", Kind::number, Relation::greater},
    {"NumericGreaterThanEquals", Kind::number, Relation::greater_equal},
    {"NumericLessThan", Kind::number, Relation::less},
    {"NumericLessThanEquals", Kind::number, Relation::less_equal},
    {"NumericNotEquals", Kind::number, Relation::equal, true},
    {"StringEquals", Kind::text},
    {"StringEqualsIgnoreCase", Kind::text_any_case},
    {"StringLike", Kind::pattern},
    {"StringNotEquals", Kind::text, Relation::equal, true},
    {"StringNotEqualsIgnoreCase", Kind::text_any_case, Relation::equal, true},
    {"StringNotLike", Kind::pattern, Relation::equal, true},
};

constexpr std::string_view all_prefix = "ForAllValues:";
constexpr std::string_view any_prefix = "ForAnyValue:";
constexpr std::string_view if_exists_suffix = "IfExists";

// Names of operators are taken in any case: policies that AWS's tools accept are written both ways.
bool begins(std::string_view name, std::string_view prefix) {
  return wire::equal_ignoring_case(name.substr(0, prefix.size()), prefix);
}

bool ends(std::string_view name, std::string_view suffix) {
  return name.size() >= suffix.size() && wire::equal_ignoring_case(name.substr(name.size() - suffix.size()), suffix);
}

std::optional<double> number_of(const std::string& text) {
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  const bool digits = !text.empty() && text.find_first_not_of("0123456789+-.eE") == std::string::npos;
  return digits && *end == '\0' ? std::optional(number) : std::nullopt;
}

// "2026-01-02T03:04:05Z", with an offset instead of Z, the day alone, or seconds since 1970.
std::optional<Time> date_of(const std::string& text) {
  constexpr std::size_t day_length = 10;
  constexpr std::size_t offset_length = 6;
  constexpr std::int64_t seconds_max = 253'402'300'799;  // the end of the year 9999
  if (!text.empty() && text.find_first_not_of("0123456789") == std::string::npos) {
    const std::optional<double> seconds = number_of(text);
    return *seconds <= static_cast<double>(seconds_max)
               ? std::optional(from_milliseconds(static_cast<std::int64_t>(*seconds) * 1000))
               : std::nullopt;
  }
  if (text.size() == day_length) {
    return aws::read_iso8601(text + "T00:00:00Z");
  }
  const bool offset = text.size() > day_length + offset_length && text[text.size() - 3] == ':' &&
                      (text[text.size() - offset_length] == '+' || text[text.size() - offset_length] == '-');
  if (!offset) {
    return aws::read_iso8601(text);
  }
  const std::string tail = text.substr(text.size() - offset_length);
  const std::optional<Time> local = aws::read_iso8601(text.substr(0, text.size() - offset_length) + "Z");
  if (!local || (tail.substr(1, 2) + tail.substr(4)).find_first_not_of("0123456789") != std::string::npos) {
    return std::nullopt;
  }
  const auto shift = std::chrono::hours(std::stoi(tail.substr(1, 2))) + std::chrono::minutes(std::stoi(tail.substr(4)));
  return tail[0] == '+' ? *local - shift : *local + shift;
}

std::optional<bool> boolean_of(const std::string& text) {
  if (wire::equal_ignoring_case(text, "true")) {
    return true;
  }
  return wire::equal_ignoring_case(text, "false") ? std::optional(false) : std::nullopt;
}

template <class Number>
bool compare(Relation relation, const Number& actual, const Number& wanted) {
  switch (relation) {
    case Relation::equal:
      return actual == wanted;
    case Relation::less:
      return actual < wanted;
    case Relation::less_equal:
      return actual <= wanted;
    case Relation::greater:
      return actual > wanted;
    case Relation::greater_equal:
      return actual >= wanted;
  }
  return false;
}

/// Into the operator's kind of value; nullopt when it is none.
template <class Value>
std::optional<Value> value_of(const Operator& row, const std::string& text, bool variables) {
  const auto wrap = [](auto&& given) { return given ? std::optional<Value>(*given) : std::nullopt; };
  switch (row.kind) {
    case Kind::text:
    case Kind::text_any_case:
      return Value(Pattern(text, {.wildcards = false, .variables = variables}));
    case Kind::pattern:
    case Kind::arn:
      return Value(Pattern(text, {.wildcards = true, .variables = variables}));
    case Kind::number:
      return wrap(number_of(text));
    case Kind::date:
      return wrap(date_of(text));
    case Kind::boolean:
    case Kind::presence:
      return wrap(boolean_of(text));
    case Kind::address:
      return wrap(AddressRange::parse(text));
  }
  return std::nullopt;
}

template <class Value>
bool matches(const Operator& row, const std::string& actual, const Value& wanted, const Request& request) {
  switch (row.kind) {
    case Kind::text:
    case Kind::pattern:
      return std::get<Pattern>(wanted).matches(actual, request);
    case Kind::text_any_case:
      return std::get<Pattern>(wanted).matches(actual, request, true);
    case Kind::arn:
      return std::get<Pattern>(wanted).matches_arn(actual, request);
    case Kind::number: {
      const std::optional<double> number = number_of(actual);
      return number && compare(row.relation, *number, std::get<double>(wanted));
    }
    case Kind::date: {
      const std::optional<Time> date = date_of(actual);
      return date && compare(row.relation, *date, std::get<Time>(wanted));
    }
    case Kind::boolean:
      return boolean_of(actual) == std::get<bool>(wanted);
    case Kind::address:
      return std::get<AddressRange>(wanted).contains(actual);
    case Kind::presence:
      return false;  // asked before there is a value
  }
  return false;
}

}  // namespace

std::optional<Condition> Condition::make(std::string_view name, std::string_view key,
                                         const std::vector<std::string>& values, bool variables) {
  Condition condition;
  if (begins(name, all_prefix)) {
    condition.set_ = Set::all;
    name.remove_prefix(all_prefix.size());
  } else if (begins(name, any_prefix)) {
    condition.set_ = Set::any;
    name.remove_prefix(any_prefix.size());
  }
  if (ends(name, if_exists_suffix)) {
    condition.if_exists_ = true;
    name.remove_suffix(if_exists_suffix.size());
  }
  const auto* row = std::ranges::find_if(
      operators, [&](const Operator& known) { return wire::equal_ignoring_case(known.name, name); });
  const bool known = row != std::end(operators) &&
                     (row->kind != Kind::presence || (condition.set_ == Set::single && !condition.if_exists_));
  if (!known || key.empty() || values.empty()) {
    return std::nullopt;
  }
  condition.operator_ = row;
  condition.key_ = key_of(key);
  for (const std::string& text : values) {
    std::optional<Value> value = value_of<Value>(*row, text, variables);
    if (!value) {
      return std::nullopt;
    }
    condition.values_.push_back(*std::move(value));
  }
  return condition;
}

// One value of the request: equal to any of the document's, or, negated, to none of them.
bool Condition::matches_one(const std::string& actual, const Request& request) const {
  const bool any =
      std::ranges::any_of(values_, [&](const Value& wanted) { return matches(*operator_, actual, wanted, request); });
  return any != operator_->negated;
}

bool Condition::holds(const Request& request) const {
  const std::vector<std::string> actual = values_of(key_, request);
  if (operator_->kind == Kind::presence) {
    return std::ranges::any_of(values_, [&](const Value& null) { return std::get<bool>(null) == actual.empty(); });
  }
  const auto one = [&](const std::string& value) { return matches_one(value, request); };
  if (actual.empty()) {
    // Absent: a negated operator holds, ForAllValues too; ForAnyValue never does.
    return if_exists_ || set_ == Set::all || (operator_->negated && set_ != Set::any);
  }
  // A negated single one of several values: none of them may match.
  const bool every = set_ == Set::all || (set_ == Set::single && operator_->negated);
  return every ? std::ranges::all_of(actual, one) : std::ranges::any_of(actual, one);
}

}  // namespace sluice::iam
