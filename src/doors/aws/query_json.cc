#include <fmt/format.h>

#include "base/digest.h"
#include "doors/aws/query.h"
#include "wire/json.h"

// Query's reply for a client that accepts JSON: the tree of the XML. Lists are arrays under their JSON name, maps
// arrays of their key and value.
namespace sluice::aws {
namespace {

class TreeEncoder {
 public:
  explicit TreeEncoder(std::string& out) : out_(out) {}

  void structure(const Shape& shape, const void* value) {
    out_.push_back('{');
    for (const Member& member : shape.members) {
      const void* field = member.shape->access->get(static_cast<const char*>(value) + member.offset);
      if (field != nullptr) {
        key(member.shape->rendered_name.empty() ? member.wire_name : member.shape->rendered_name);
        any(*member.shape, field);
        out_.push_back(',');
      }
    }
    wire::close_json(out_, '}');
  }

 private:
  void key(std::string_view name) { out_.append("\"").append(name).append("\":"); }

  void any(const Shape& shape, const void* value) {
    switch (shape.type) {
      case Type::string:
        return wire::append_json_string(out_, *static_cast<const std::string*>(value));
      case Type::blob:
        return wire::append_json_string(out_, base64_encode(*static_cast<const std::string*>(value)));
      case Type::boolean:
      case Type::integer:
      case Type::long_integer:
      case Type::floating:
        return append_scalar(out_, shape, value);
      case Type::timestamp:
        return wire::append_json_number(out_,
                                        static_cast<double>(to_milliseconds(*static_cast<const Time*>(value))) / 1000);
      case Type::list:
        return list(shape, value);
      case Type::map:
        return map(shape, value);
      case Type::structure:
        return structure(shape, value);
    }
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
      TreeEncoder* encoder;
      const Shape& shape;
    } context{this, shape};
    out_.push_back('[');
    shape.map->each(value, &context, [](void* opaque, std::string_view name, const void* item) {
      const auto& [encoder, map] = *static_cast<Context*>(opaque);
      encoder->out_.push_back('{');
      encoder->key(map.key_name);
      wire::append_json_string(encoder->out_, name);
      encoder->out_.push_back(',');
      encoder->key(map.element_name);
      encoder->any(*map.element, item);
      encoder->out_.append("},");
    });
    wire::close_json(out_, ']');
  }

  std::string& out_;
};

wire::HttpResponse response(std::uint16_t status) {
  wire::HttpResponse reply;
  reply.status = status;
  reply.header_lines = "Content-Type: application/json\r\n";
  return reply;
}

wire::HttpResponse encode(const Call& call, const void* output) {
  wire::HttpResponse reply = response(200);
  std::string& out = reply.body;
  fmt::format_to(std::back_inserter(out), R"({{"{}Response":{{)", call.operation->name);
  if (output != nullptr && !call.operation->result_wrapper.empty()) {
    fmt::format_to(std::back_inserter(out), R"("{}":)", call.operation->result_wrapper);
    TreeEncoder(out).structure(*call.operation->output.shape, output);
    out.push_back(',');
  }
  fmt::format_to(std::back_inserter(out), R"("ResponseMetadata":{{"RequestId":"{}"}}}}}})", call.request_id);
  return reply;
}

wire::HttpResponse refuse(const Call& call, const ServiceError& error) {
  const ErrorShape& shape = *error.shape;
  wire::HttpResponse reply = response(shape.status);
  std::string& out = reply.body;
  fmt::format_to(std::back_inserter(out), R"({{"Error":{{"Code":"{}","Message":)", shape.query_code);
  wire::append_json_string(out, message_of(error, true));
  fmt::format_to(std::back_inserter(out), R"(,"Type":"{}"}},"RequestId":"{}"}})", shape.sender ? "Sender" : "Receiver",
                 call.request_id);
  return reply;
}

}  // namespace

const Codec query_json_codec{&decode_query, &encode, &refuse};

}  // namespace sluice::aws
