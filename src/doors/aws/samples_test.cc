#include "doors/aws/samples.h"

#include <fmt/format.h>

#include "base/digest.h"
#include "base/time.h"
#include "doors/aws/codec.h"

namespace sluice::aws::samples {
namespace {

/// Counts up so that a value in the wrong place is seen.
int next() {
  static int count = 0;
  return ++count;
}

class Parameters {
 public:
  std::vector<wire::FormField> fields;

  void structure(const Shape& shape, const std::string& prefix, const void* value) {
    for (const Member& member : shape.members) {
      if (const void* field = member.shape->access->get(static_cast<const char*>(value) + member.offset)) {
        any(*member.shape, join(prefix, member.query_name), member.flattened, field);
      }
    }
  }

 private:
  static std::string join(const std::string& prefix, std::string_view name) {
    return prefix.empty() ? std::string(name) : fmt::format("{}.{}", prefix, name);
  }

  void any(const Shape& shape, const std::string& name, bool flattened, const void* value) {
    if (shape.type == Type::structure) {
      structure(shape, name, value);
    } else if (shape.type == Type::list) {
      const std::string base = flattened ? name : join(name, shape.element_name);
      for (std::size_t index = 0; index < shape.list->size(value); ++index) {
        any(*shape.element, fmt::format("{}.{}", base, index + 1), false, shape.list->at(value, index));
      }
    } else if (shape.type == Type::map) {
      map(shape, flattened ? name : name + ".entry", value);
    } else {
      fields.push_back({name, scalar(shape, value)});
    }
  }

  void map(const Shape& shape, const std::string& base, const void* value) {
    struct Context {
      Parameters* self;
      const Shape& shape;
      const std::string& base;
      int count = 0;
    } context{this, shape, base};
    shape.map->each(value, &context, [](void* opaque, std::string_view key, const void* element) {
      auto& [self, map_shape, name, count] = *static_cast<Context*>(opaque);
      const std::string entry = fmt::format("{}.{}", name, ++count);
      self->fields.push_back({join(entry, map_shape.key_name), std::string(key)});
      self->any(*map_shape.element, join(entry, map_shape.element_name), false, element);
    });
  }

  static std::string scalar(const Shape& shape, const void* value) {
    std::string out;
    switch (shape.type) {
      case Type::blob:
        return base64_encode(*static_cast<const std::string*>(value));
      case Type::boolean:
        return *static_cast<const bool*>(value) ? "true" : "false";
      case Type::integer:
        return fmt::to_string(*static_cast<const std::int32_t*>(value));
      case Type::long_integer:
        return fmt::to_string(*static_cast<const std::int64_t*>(value));
      case Type::floating:
        return fmt::to_string(*static_cast<const double*>(value));
      case Type::timestamp:
        append_iso8601(out, *static_cast<const Time*>(value));
        return out;
      default:
        return *static_cast<const std::string*>(value);
    }
  }
};

}  // namespace

void fill(const Shape& shape, void* value) {
  switch (shape.type) {
    case Type::string:
      *static_cast<std::string*>(value) = fmt::format("text {} <&>\"\\ \r\n\t häß.=+%", next());
      return;
    case Type::blob:
      *static_cast<std::string*>(value) = fmt::format("{}\xff", next()) + std::string(1, '\0');
      return;
    case Type::boolean:
      *static_cast<bool*>(value) = next() % 2 == 0;
      return;
    case Type::integer:
      *static_cast<std::int32_t*>(value) = -next();
      return;
    case Type::long_integer:
      *static_cast<std::int64_t*>(value) = 5'000'000'000 + next();
      return;
    case Type::floating:
      *static_cast<double*>(value) = next() + 0.25;
      return;
    case Type::timestamp:
      *static_cast<Time*>(value) = from_milliseconds(1'700'000'000'123 + next());
      return;
    case Type::list:
      fill(*shape.element, shape.list->append(value));
      fill(*shape.element, shape.list->append(value));
      return;
    case Type::map:
      fill(*shape.element, shape.map->insert(value, fmt::format("key {}", next())));
      fill(*shape.element, shape.map->insert(value, fmt::format("key \"{}", next())));
      return;
    case Type::structure:
      for (const Member& member : shape.members) {
        fill(*member.shape, member.shape->access->engage(static_cast<char*>(value) + member.offset));
      }
      return;
  }
}

std::vector<wire::FormField> parameters_of(const Shape& shape, const void* value) {
  Parameters parameters;
  parameters.structure(shape, {}, value);
  return std::move(parameters.fields);
}

}  // namespace sluice::aws::samples
