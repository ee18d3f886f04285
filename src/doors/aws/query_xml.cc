#include <fmt/format.h>

#include <array>
#include <charconv>

#include "base/digest.h"
#include "doors/aws/query.h"
#include "wire/json.h"
#include "wire/xml.h"

// Query's usual reply: XML.
namespace sluice::aws {
namespace {

/// SQS' own: what a caller sees whose request belongs to no service.
constexpr std::string_view usual_namespace = "http://queue.amazonaws.com/doc/2012-11-05/";
constexpr std::string_view prolog = "<?xml version=\"1.0\"?>";

class XmlEncoder {
 public:
  explicit XmlEncoder(std::string& out) : out_(out) {}

  void structure(const Shape& shape, const void* value) {
    for (const Member& member : shape.members) {
      const void* field = member.shape->access->get(static_cast<const char*>(value) + member.offset);
      if (field != nullptr) {
        this->member(member, field);
      }
    }
  }

 private:
  void member(const Member& member, const void* value) {
    if (member.flattened) {
      return collection(*member.shape, member.query_name, member.query_name, value);
    }
    element(*member.shape, member.query_name, value);
  }

  void element(const Shape& shape, std::string_view name, const void* value) {
    wire::XmlElement tags(out_, name);
    content(shape, value);
    tags.end();
  }

  void collection(const Shape& shape, std::string_view list_name, std::string_view map_name, const void* value) {
    if (shape.type == Type::list) {
      const std::size_t size = shape.list->size(value);
      for (std::size_t index = 0; index < size; ++index) {
        element(*shape.element, list_name, shape.list->at(value, index));
      }
      return;
    }
    struct Context {
      XmlEncoder* encoder;
      const Shape& shape;
      std::string_view name;
    } context{this, shape, map_name};
    shape.map->each(value, &context, [](void* opaque, std::string_view key, const void* item) {
      const auto& [encoder, map, name] = *static_cast<Context*>(opaque);
      wire::XmlElement tags(encoder->out_, name);
      wire::append_xml_element(encoder->out_, map.key_name, key);
      encoder->element(*map.element, map.element_name, item);
      tags.end();
    });
  }

  void content(const Shape& shape, const void* value) {
    switch (shape.type) {
      case Type::string:
        return wire::append_xml_text(out_, *static_cast<const std::string*>(value));
      case Type::blob:
        out_.append(base64_encode(*static_cast<const std::string*>(value)));
        return;
      case Type::boolean:
      case Type::integer:
      case Type::long_integer:
      case Type::floating:
        return append_scalar(out_, shape, value);
      case Type::timestamp:
        return append_iso8601(out_, *static_cast<const Time*>(value));
      case Type::list:
      case Type::map:
        return collection(shape, shape.element_name, "entry", value);
      case Type::structure:
        return structure(shape, value);
    }
  }

  std::string& out_;
};

wire::HttpResponse response(std::uint16_t status) {
  wire::HttpResponse reply;
  reply.status = status;
  reply.header_lines = "Content-Type: text/xml\r\n";
  reply.body = prolog;
  return reply;
}

wire::HttpResponse encode(const Call& call, const void* output) {
  wire::HttpResponse reply = response(200);
  std::string& out = reply.body;
  const std::string_view name = call.operation->name;
  fmt::format_to(std::back_inserter(out), "<{}Response xmlns=\"{}\">", name, call.service->xml_namespace);
  if (output != nullptr && !call.operation->result_wrapper.empty()) {
    wire::XmlElement result(out, call.operation->result_wrapper);
    XmlEncoder(out).structure(*call.operation->output.shape, output);
    result.end();
  }
  fmt::format_to(std::back_inserter(out), "<ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata></{}Response>",
                 call.request_id, name);
  return reply;
}

wire::HttpResponse refuse(const Call& call, const ServiceError& error) {
  const ErrorShape& shape = *error.shape;
  wire::HttpResponse reply = response(shape.status);
  if (&shape == &framework::unknown_path) {
    reply.body = "<UnknownOperationException/>\n";
    return reply;
  }
  std::string& out = reply.body;
  const bool named = call.service != nullptr && !call.service->xml_namespace.empty();
  fmt::format_to(std::back_inserter(out), "<ErrorResponse xmlns=\"{}\"><Error><Type>{}</Type><Code>{}</Code><Message>",
                 named ? call.service->xml_namespace : usual_namespace, shape.sender ? "Sender" : "Receiver",
                 shape.query_code);
  wire::append_xml_text(out, message_of(error, true));
  fmt::format_to(std::back_inserter(out), "</Message><Detail/></Error><RequestId>{}</RequestId></ErrorResponse>",
                 call.request_id);
  return reply;
}

}  // namespace

const Codec query_xml_codec{&decode_query, &encode, &refuse};

}  // namespace sluice::aws
