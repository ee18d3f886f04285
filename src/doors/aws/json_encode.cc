#include <cmath>

#include "base/digest.h"
#include "doors/aws/codec.h"
#include "wire/json.h"

// Structs to JSON: AWS JSON now, REST JSON bodies too.
namespace sluice::aws {
namespace {

class JsonEncoder {
 public:
  JsonEncoder(std::string& out, bool omit_empty) : out_(out), omit_empty_(omit_empty) {}

  void structure(const Shape& shape, const void* value) {
    out_.push_back('{');
    for (const Member& member : shape.members) {
      if (const void* field = find_in_body(member, value, omit_empty_)) {
        key(member.wire_name);
        any(*member.shape, field);
        out_.push_back(',');
      }
    }
    wire::close_json(out_, '}');
  }

 private:
  /// Names in the tables need no escape.
  void key(std::string_view name) { out_.append("\"").append(name).append("\":"); }

  void any(const Shape& shape, const void* value) {
    switch (shape.type) {
      case Type::string:
        return wire::append_json_string(out_, *static_cast<const std::string*>(value));
      case Type::blob:
        out_.append("\"").append(base64_encode(*static_cast<const std::string*>(value))).append("\"");
        return;
      case Type::boolean:
      case Type::integer:
      case Type::long_integer:
      case Type::floating:
        return append_scalar(out_, shape, value);
      case Type::timestamp:
        return timestamp(shape, *static_cast<const Time*>(value));
      case Type::list:
        return list(shape, value);
      case Type::map:
        return map(shape, value);
      case Type::structure:
        return structure(shape, value);
    }
  }

  /// Epoch seconds, with a fraction only when there is one.
  void timestamp(const Shape& shape, Time time) {
    if (shape.time_format == TimeFormat::iso8601) {
      out_.push_back('"');
      append_iso8601(out_, time);
      out_.push_back('"');
      return;
    }
    const std::int64_t milliseconds = to_milliseconds(time);
    if (milliseconds % 1000 == 0) {
      return wire::append_json_number(out_, milliseconds / 1000);
    }
    wire::append_json_number(out_, static_cast<double>(milliseconds) / 1000);
  }

  void list(const Shape& shape, const void* value) {
    out_.push_back('[');
    const std::size_t size = shape.list->size(value);
    for (std::size_t index = 0; index < size; ++index) {
      any(*shape.element, shape.list->at(value, index));
      out_.push_back(',');
    }
    wire::close_json(out_, ']');
  }

  void map(const Shape& shape, const void* value) {
    struct Context {
      JsonEncoder* encoder;
      const Shape* element;
    } context{this, shape.element};
    out_.push_back('{');
    shape.map->each(value, &context, [](void* opaque, std::string_view name, const void* element) {
      const auto& [encoder, element_shape] = *static_cast<Context*>(opaque);
      wire::append_json_string(encoder->out_, name);
      encoder->out_.push_back(':');
      encoder->any(*element_shape, element);
      encoder->out_.push_back(',');
    });
    wire::close_json(out_, '}');
  }

  std::string& out_;
  bool omit_empty_;
};

}  // namespace

void append_json(std::string& out, const Shape& shape, const void* value, bool omit_empty) {
  JsonEncoder(out, omit_empty).structure(shape, value);
}

}  // namespace sluice::aws
