#include "doors/aws/cbor_walk.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "base/time.h"
#include "doors/aws/bounds.h"
#include "doors/aws/codec.h"
#include "wire/cbor.h"

// Structs to CBOR and back. As in JSON: unknown members are ignored, null is absent, every other value must have its
// member's type.
namespace sluice::aws {
namespace {

using wire::CborItem;
using Kind = CborItem::Kind;

constexpr std::uint64_t epoch_tag = 1;  // RFC 8949 §3.4.2

class Encoder {
 public:
  Encoder(std::string& out, bool omit_empty, CborTime time) : out_(out), omit_empty_(omit_empty), time_(time) {}

  void structure(const Shape& shape, const void* value) {
    std::uint64_t count = 0;
    for (const Member& member : shape.members) {
      count += find_in_body(member, value, omit_empty_) != nullptr ? 1 : 0;
    }
    wire::append_cbor_map(out_, count);
    for (const Member& member : shape.members) {
      if (const void* field = find_in_body(member, value, omit_empty_)) {
        wire::append_cbor_text(out_, member.wire_name);
        any(*member.shape, field);
      }
    }
  }

 private:
  void any(const Shape& shape, const void* value) {
    switch (shape.type) {
      case Type::string:
        return wire::append_cbor_text(out_, *static_cast<const std::string*>(value));
      case Type::blob:
        return wire::append_cbor_bytes(out_, *static_cast<const std::string*>(value));
      case Type::boolean:
        return wire::append_cbor_boolean(out_, *static_cast<const bool*>(value));
      case Type::integer:
        return wire::append_cbor_integer(out_, *static_cast<const std::int32_t*>(value));
      case Type::long_integer:
        return wire::append_cbor_integer(out_, *static_cast<const std::int64_t*>(value));
      case Type::floating:
        return wire::append_cbor_number(out_, *static_cast<const double*>(value));
      case Type::timestamp:
        return timestamp(*static_cast<const Time*>(value));
      case Type::list:
        return list(shape, value);
      case Type::map:
        return map(shape, value);
      case Type::structure:
        return structure(shape, value);
    }
  }

  void timestamp(Time time) {
    const std::int64_t milliseconds = to_milliseconds(time);
    wire::append_cbor_tag(out_, epoch_tag);
    if (time_ == CborTime::milliseconds) {
      wire::append_cbor_integer(out_, milliseconds);
    } else if (milliseconds % 1000 == 0) {
      wire::append_cbor_integer(out_, milliseconds / 1000);
    } else {
      wire::append_cbor_number(out_, static_cast<double>(milliseconds) / 1000);
    }
  }

  void list(const Shape& shape, const void* value) {
    const std::size_t size = shape.list->size(value);
    wire::append_cbor_array(out_, size);
    for (std::size_t index = 0; index < size; ++index) {
      any(*shape.element, shape.list->at(value, index));
    }
  }

  void map(const Shape& shape, const void* value) {
    struct Context {
      Encoder* encoder;
      const Shape* element;
    } context{this, shape.element};
    wire::append_cbor_map(out_, shape.map->size(value));
    shape.map->each(value, &context, [](void* opaque, std::string_view name, const void* element) {
      const auto& [encoder, element_shape] = *static_cast<Context*>(opaque);
      wire::append_cbor_text(encoder->out_, name);
      encoder->any(*element_shape, element);
    });
  }

  std::string& out_;
  const bool omit_empty_;
  const CborTime time_;
};

class Decoder {
 public:
  Decoder(std::string_view bytes, CborTime time) : in_(bytes), time_(time) {}

  bool whole(const Shape& shape, void* target) {
    return structure(shape, in_.next(), target) && (in_.at_end() || fail("More follows the request's map"));
  }
  const std::string& problem() const { return problem_; }

 private:
  bool fail(std::string_view words) {
    if (problem_.empty()) {
      problem_ = words;
    }
    return false;
  }
  bool mismatch(const CborItem& item, std::string_view wanted, std::string_view name) {
    return fail(item.kind == Kind::malformed ? std::string("The request body is not well-formed CBOR")
                                             : fmt::format("{} is not {}", name, wanted));
  }

  bool has_room() {
    if (items_left_ == 0) {
      return fail(fmt::format("The lists and maps of a request hold at most {} items", request_items_max));
    }
    --items_left_;
    return true;
  }

  /// Calls `take(item)` for each of the items, in pairs for a map's: `take` reads the value behind a key itself.
  template <class Take>
  bool each(const CborItem& collection, Take take) {
    if (collection.count && *collection.count > in_.remaining()) {
      return fail("The request body is not well-formed CBOR");  // each takes a byte at least
    }
    for (std::uint64_t left = collection.count.value_or(1); left > 0; left -= collection.count ? 1 : 0) {
      const CborItem item = in_.next();
      if (!collection.count && item.kind == Kind::end) {
        return true;
      }
      if (!take(item)) {
        return fail("The request body is not well-formed CBOR");
      }
    }
    return true;
  }

  bool structure(const Shape& shape, const CborItem& value, void* target) {
    if (value.kind != Kind::map) {
      return mismatch(value, "a structure", shape.name);
    }
    return each(value, [&](const CborItem& key) {
      const Member* member = key.kind == Kind::text ? find_body_member(shape, key.view) : nullptr;
      if (member == nullptr) {
        return in_.skip(key) && in_.skip(in_.next());
      }
      const CborItem field = in_.next();
      return field.kind == Kind::null ||
             any(*member->shape, field, member->shape->access->engage(static_cast<char*>(target) + member->offset));
    });
  }

  bool any(const Shape& shape, const CborItem& value, void* target) {
    switch (shape.type) {
      case Type::string:
      case Type::blob:
        if (value.kind != (shape.type == Type::string ? Kind::text : Kind::bytes)) {
          return mismatch(value, shape.type == Type::string ? "a text" : "a byte string", shape.name);
        }
        static_cast<std::string*>(target)->assign(value.view);
        return true;
      case Type::boolean:
        *static_cast<bool*>(target) = value.boolean;
        return value.kind == Kind::boolean || mismatch(value, "a boolean", shape.name);
      case Type::integer:
        return integer(shape, value, *static_cast<std::int32_t*>(target));
      case Type::long_integer:
        return integer(shape, value, *static_cast<std::int64_t*>(target));
      case Type::floating:
        *static_cast<double*>(target) = value.number;
        return is_number(value) || mismatch(value, "a number", shape.name);
      case Type::timestamp:
        return timestamp(shape, value, *static_cast<Time*>(target));
      case Type::list:
        return list(shape, value, target);
      case Type::map:
        return map(shape, value, target);
      case Type::structure:
        return structure(shape, value, target);
    }
    return false;
  }

  static bool is_number(const CborItem& value) { return value.kind == Kind::integer || value.kind == Kind::number; }

  template <class Number>
  bool integer(const Shape& shape, const CborItem& value, Number& target) {
    const bool fits = value.kind == Kind::integer && value.integer >= std::numeric_limits<Number>::min() &&
                      value.integer <= std::numeric_limits<Number>::max();
    target = fits ? static_cast<Number>(value.integer) : Number{};
    return fits || mismatch(value, "an integer of its size", shape.name);
  }

  bool timestamp(const Shape& shape, const CborItem& value, Time& target) {
    const double seconds = time_ == CborTime::milliseconds ? value.number / 1000 : value.number;
    if (!is_number(value) || !(std::abs(seconds) <= epoch_seconds_max)) {
      return mismatch(value, "a timestamp", shape.name);
    }
    target = from_milliseconds(std::llround(seconds * 1000));
    return true;
  }

  bool list(const Shape& shape, const CborItem& value, void* target) {
    if (value.kind != Kind::array) {
      return mismatch(value, "a list", shape.name);
    }
    return each(value, [&](const CborItem& element) {
      return element.kind == Kind::null || (has_room() && any(*shape.element, element, shape.list->append(target)));
    });
  }

  bool map(const Shape& shape, const CborItem& value, void* target) {
    if (value.kind != Kind::map) {
      return mismatch(value, "a map", shape.name);
    }
    return each(value, [&](const CborItem& key) {
      if (key.kind != Kind::text) {
        return mismatch(key, "a map with texts as keys", shape.name);
      }
      const std::string name(key.view);
      const CborItem element = in_.next();
      return element.kind == Kind::null ||
             (has_room() && any(*shape.element, element, shape.map->insert(target, name)));
    });
  }

  wire::CborReader in_;
  const CborTime time_;
  std::size_t items_left_ = request_items_max;
  std::string problem_;
};

}  // namespace

void append_cbor(std::string& out, const Shape& shape, const void* value, bool omit_empty, CborTime time) {
  Encoder(out, omit_empty, time).structure(shape, value);
}

std::optional<ServiceError> read_cbor(const Shape& shape, std::string_view bytes, void* value, CborTime time) {
  if (bytes.empty()) {
    return std::nullopt;  // an input without members may come without a body
  }
  Decoder decoder(bytes, time);
  if (decoder.whole(shape, value)) {
    return std::nullopt;
  }
  return ServiceError{&framework::serialization, decoder.problem()};
}

}  // namespace sluice::aws
