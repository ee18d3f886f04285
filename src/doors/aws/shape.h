#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "doors/aws/error_shape.h"

// What the published models say, as constant tables. shapes/generate.py writes them, the codecs walk them. Every member
// of a generated struct is a std::optional of the type given below, so that absent and empty stay two things.
namespace sluice::aws {

/// The kind of a shape and the C++ type that holds it.
enum class Type : std::uint8_t {
  string,        ///< std::string, UTF-8
  blob,          ///< std::string, raw bytes (base64 only on the wire)
  boolean,       ///< bool
  integer,       ///< std::int32_t
  long_integer,  ///< std::int64_t
  floating,      ///< double
  timestamp,     ///< sluice::Time
  list,          ///< std::vector of the element's type
  map,           ///< std::map from std::string to the value's type
  structure,     ///< the struct of the same name
};

/// Where a member stands in an HTTP message (REST protocols; elsewhere always `body`).
enum class Place : std::uint8_t { body, header, path, query, payload };

/// How a timestamp is written; `usual` is the protocol's own way.
enum class TimeFormat : std::uint8_t { usual, iso8601, unix_seconds };

/// Touches a `std::optional<T>` member through its address.
struct Access {
  void* (*engage)(void* optional);           ///< makes it present (default value) if absent; the value's address
  const void* (*get)(const void* optional);  ///< the value's address, nullptr when absent
};

/// Touches a `std::vector<T>`.
struct ListAccess {
  void* (*append)(void* list);  ///< a new default element at the end; its address, valid until the next append
  void (*reserve)(void* list, std::size_t count);
  std::size_t (*size)(const void* list);
  const void* (*at)(const void* list, std::size_t index);
};

/// Touches a `std::map<std::string, T>`.
struct MapAccess {
  using Visit = void (*)(void* context, std::string_view key, const void* value);
  void* (*insert)(void* map, std::string_view key);  ///< the value under `key`, made when absent
  std::size_t (*size)(const void* map);
  void (*each)(const void* map, void* context, Visit visit);  ///< in the order of the keys' bytes
};

/// What the model says about a value; nothing here is checked by the codecs.
struct Limits {
  std::optional<std::int64_t> minimum = std::nullopt;  ///< length of texts and collections, value of numbers
  std::optional<std::int64_t> maximum = std::nullopt;
  std::string_view pattern{};                  ///< empty: none
  std::span<const std::string_view> values{};  ///< enum values; empty: any
};

struct Shape;

struct Member {
  std::string_view name;        ///< in the model
  std::string_view wire_name;   ///< in JSON and CBOR bodies; the header's or parameter's name in other places
  std::string_view query_name;  ///< in Query parameters and XML; a flattened list's own element name
  const Shape* shape;
  std::uint32_t offset;  ///< bytes from the start of the struct
  Place place = Place::body;
  bool required = false;
  bool flattened = false;  ///< Query and XML: the list or map has no element around it
};

/// One shape of a model. Only the fields of its type are set.
struct Shape {
  std::string_view name;
  Type type;
  TimeFormat time_format = TimeFormat::usual;
  bool streaming = false;     ///< a blob that is the HTTP body, of any length
  bool event_stream = false;  ///< a structure whose members are sent one by one, as events
  const Access* access = nullptr;
  const Limits* limits = nullptr;
  std::span<const Member> members{};  ///< structure
  const Shape* element = nullptr;     ///< list element, map value
  std::string_view element_name{};    ///< Query: "member" or the model's own; a map's value
  std::string_view key_name{};        ///< Query: a map's key
  const ListAccess* list = nullptr;
  const MapAccess* map = nullptr;
  std::string_view rendered_name{};  ///< its member's name in a Query reply rendered as JSON; empty: as in JSON
};

/// The output of an operation that has none.
struct Nothing {};

/// Makes and destroys a whole input or output.
struct Whole {
  const Shape* shape = nullptr;  ///< nullptr: the operation has none
  void* (*make)() = nullptr;
  void (*destroy)(void*) = nullptr;
};

struct Operation {
  std::string_view name;
  std::string_view method;
  std::string_view path;  ///< template: /v1/brokers/{broker-id}
  Whole input;
  Whole output;
  std::string_view result_wrapper;  ///< Query: element around the output; empty: none
  std::span<const ErrorShape* const> errors;
  std::uint16_t status = 200;
  bool root_only = false;  ///< Query: not valid on the path of a resource
};

enum class Protocol : std::uint8_t { aws_json, query, rest_json };

struct Service {
  std::string_view id;            ///< as the models are called: "kinesis-video-media"
  std::string_view display_name;  ///< as people say it: "SQS"
  std::string_view signing_name;
  Protocol protocol;              ///< the model's own
  bool query_too = false;         ///< speaks Query beside its own protocol (SQS)
  std::string_view json_version;  ///< "1.0", "1.1"
  std::string_view target_prefix;
  std::span<const std::string_view> versions;  ///< of Query's Version parameter
  std::string_view xml_namespace;
  std::string_view error_namespace;           ///< before the '#' of __type for errors of the model; empty: no prefix
  std::string_view path_member;               ///< Query: input member that the request's path stands for; empty: none
  std::string_view unknown_action;            ///< text of InvalidAction; {} is the action
  bool omit_empty = false;                    ///< empty lists and maps are left out of replies
  std::span<const Operation> operations;      ///< by name
  std::span<const ErrorShape* const> errors;  ///< by shape
};

/// The operation of that exact name, nullptr when there is none.
const Operation* find_operation(const Service& service, std::string_view name);

// --- what the generated tables are made of ---

template <class T>
inline constexpr Access access_to{[](void* optional) -> void* {
                                    auto& member = *static_cast<std::optional<T>*>(optional);
                                    return member ? &*member : &member.emplace();
                                  },
                                  [](const void* optional) -> const void* {
                                    const auto& member = *static_cast<const std::optional<T>*>(optional);
                                    return member ? &*member : nullptr;
                                  }};

template <class T>
inline constexpr ListAccess list_of{
    [](void* list) -> void* { return &static_cast<std::vector<T>*>(list)->emplace_back(); },
    [](void* list, std::size_t count) { static_cast<std::vector<T>*>(list)->reserve(count); },
    [](const void* list) { return static_cast<const std::vector<T>*>(list)->size(); },
    [](const void* list, std::size_t index) -> const void* {
      return &(*static_cast<const std::vector<T>*>(list))[index];
    }};

template <class T>
inline constexpr MapAccess map_of{
    [](void* map, std::string_view key) -> void* {
      return &(*static_cast<std::map<std::string, T>*>(map))[std::string(key)];
    },
    [](const void* map) { return static_cast<const std::map<std::string, T>*>(map)->size(); },
    [](const void* map, void* context, MapAccess::Visit visit) {
      for (const auto& [key, value] : *static_cast<const std::map<std::string, T>*>(map)) {
        visit(context, key, &value);
      }
    }};

template <class T>
constexpr Whole whole(const Shape& shape) {
  return {&shape, [] { return static_cast<void*>(new T()); }, [](void* value) { delete static_cast<T*>(value); }};
}

}  // namespace sluice::aws
