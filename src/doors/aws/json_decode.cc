#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/digest.h"
#include "doors/aws/bounds.h"
#include "doors/aws/codec.h"
#include "wire/json_document.h"

// JSON to structs: AWS JSON now, REST JSON bodies too. Unknown members are ignored, null is absent, every other value
// must have its member's JSON type.
namespace sluice::aws {
namespace {

using Element = simdjson::dom::element;
using JsonType = simdjson::dom::element_type;

constexpr std::size_t list_reserve_max = 16;  // elements for which room is made before they are looked at

/// What the frame calls a value's JSON type in its errors.
std::string_view type_word(Element value) {
  switch (value.type()) {
    case JsonType::STRING:
      return "STRING_VALUE";
    case JsonType::BOOL:
      return bool(value) ? "TRUE_VALUE" : "FALSE_VALUE";
    case JsonType::INT64:
    case JsonType::UINT64:
      return "NUMBER_VALUE";
    case JsonType::DOUBLE:
      return "DECIMAL_VALUE";
    case JsonType::ARRAY:
      return "START_ARRAY";
    case JsonType::OBJECT:
      return "START_OBJECT";
    case JsonType::NULL_VALUE:
      return "VALUE_NULL";
  }
  return "VALUE";
}

class JsonDecoder {
 public:
  bool structure(const Shape& shape, Element value, void* target) {
    simdjson::dom::object object;
    if (value.get(object) != simdjson::SUCCESS) {
      return mismatch(value, "a structure");
    }
    for (const auto [name, field] : object) {
      const Member* member = find_body_member(shape, name);
      if (member == nullptr || field.is_null()) {
        continue;
      }
      void* place = member->shape->access->engage(static_cast<char*>(target) + member->offset);
      if (!any(*member->shape, field, place)) {
        path_.insert(0, fmt::format("{}{}", member->wire_name, path_.empty() || path_[0] == '[' ? "" : "."));
        return false;
      }
    }
    return true;
  }

  std::string problem() const { return fmt::format("{} ({})", problem_, path_); }

 private:
  bool mismatch(Element value, std::string_view wanted) {
    problem_ = fmt::format("{} can not be converted to {}", type_word(value), wanted);
    return false;
  }

  bool has_room() {
    if (items_left_ == 0) {
      problem_ = fmt::format("The lists and maps of a request hold at most {} items", request_items_max);
      return false;
    }
    --items_left_;
    return true;
  }

  bool any(const Shape& shape, Element value, void* target) {
    switch (shape.type) {
      case Type::string:
        return text(value, *static_cast<std::string*>(target));
      case Type::blob:
        return blob(value, *static_cast<std::string*>(target));
      case Type::boolean:
        return value.get(*static_cast<bool*>(target)) == simdjson::SUCCESS || mismatch(value, "a Boolean");
      case Type::integer:
        return number(value, *static_cast<std::int32_t*>(target), "an Integer");
      case Type::long_integer:
        return number(value, *static_cast<std::int64_t*>(target), "a Long");
      case Type::floating:
        return value.get(*static_cast<double*>(target)) == simdjson::SUCCESS || mismatch(value, "a Double");
      case Type::timestamp:
        return timestamp(value, *static_cast<Time*>(target));
      case Type::list:
        return list(shape, value, target);
      case Type::map:
        return map(shape, value, target);
      case Type::structure:
        return structure(shape, value, target);
    }
    return false;
  }

  bool text(Element value, std::string& target) {
    std::string_view view;
    if (value.get(view) != simdjson::SUCCESS) {
      return mismatch(value, "a String");
    }
    target.assign(view);
    return true;
  }

  bool blob(Element value, std::string& target) {
    std::string_view view;
    if (value.get(view) != simdjson::SUCCESS) {
      return mismatch(value, "a Blob");
    }
    auto bytes = base64_decode(view);
    if (!bytes) {
      problem_ = "The value is not valid base64";
      return false;
    }
    target = std::move(*bytes);
    return true;
  }

  /// A whole number in range; 1.0 is one.
  template <class Number>
  bool number(Element value, Number& target, std::string_view wanted) {
    std::int64_t whole = 0;
    double real = 0;
    if (value.get(whole) != simdjson::SUCCESS) {
      if (value.type() != JsonType::DOUBLE || value.get(real) != simdjson::SUCCESS || std::trunc(real) != real ||
          std::abs(real) > 0x1.0p53) {
        return mismatch(value, wanted);
      }
      whole = static_cast<std::int64_t>(real);
    }
    if (whole < std::numeric_limits<Number>::min() || whole > std::numeric_limits<Number>::max()) {
      return mismatch(value, wanted);
    }
    target = static_cast<Number>(whole);
    return true;
  }

  /// Epoch seconds; ISO 8601 text too, which some clients send.
  bool timestamp(Element value, Time& target) {
    double seconds = 0;
    std::string_view view;
    if (value.get(view) == simdjson::SUCCESS) {
      if (const auto time = read_iso8601(view)) {
        target = *time;
        return true;
      }
    } else if (value.get(seconds) == simdjson::SUCCESS && std::abs(seconds) <= epoch_seconds_max) {
      target = from_milliseconds(std::llround(seconds * 1000));
      return true;
    }
    return mismatch(value, "a Timestamp");
  }

  bool list(const Shape& shape, Element value, void* target) {
    simdjson::dom::array array;
    if (value.get(array) != simdjson::SUCCESS) {
      return mismatch(value, "a List");
    }
    shape.list->reserve(target, std::min(array.size(), list_reserve_max));
    std::size_t index = 0;
    for (const Element element : array) {
      if (!element.is_null() && !(has_room() && any(*shape.element, element, shape.list->append(target)))) {
        path_.insert(0, fmt::format("[{}]{}", index, path_.empty() || path_[0] == '[' ? "" : "."));
        return false;
      }
      ++index;
    }
    return true;
  }

  bool map(const Shape& shape, Element value, void* target) {
    simdjson::dom::object object;
    if (value.get(object) != simdjson::SUCCESS) {
      return mismatch(value, "a Map");
    }
    for (const auto [name, field] : object) {
      if (!field.is_null() && !(has_room() && any(*shape.element, field, shape.map->insert(target, name)))) {
        path_.insert(0, fmt::format("[{}]{}", name, path_.empty() || path_[0] == '[' ? "" : "."));
        return false;
      }
    }
    return true;
  }

  std::size_t items_left_ = request_items_max;
  std::string path_;
  std::string problem_;
};

/// Why a document was not read at all.
std::string syntax_problem(simdjson::error_code fault) {
  if (fault == simdjson::EMPTY) {
    return "The request body is empty; it must be a JSON object";
  }
  return fmt::format("The request body is not well-formed JSON: {}", simdjson::error_message(fault));
}

}  // namespace

std::optional<ServiceError> read_json(const Shape& shape, std::string_view text, void* value) {
  wire::JsonReader& reader = wire::JsonReader::local();
  std::optional<ServiceError> error;
  Element root;
  if (const auto fault = reader.read(text).get(root); fault != simdjson::SUCCESS) {
    error = ServiceError{&framework::serialization, syntax_problem(fault)};
  } else if (!root.is_object()) {
    error = ServiceError{&framework::serialization, "The request body must be a JSON object"};
  } else if (JsonDecoder decoder; !decoder.structure(shape, root, value)) {
    error = ServiceError{&framework::serialization, decoder.problem()};
  }
  reader.release();
  return error;
}

}  // namespace sluice::aws
