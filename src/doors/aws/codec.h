#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "doors/aws/call.h"
#include "doors/aws/error.h"
#include "doors/aws/shape.h"
#include "wire/form.h"
#include "wire/http1.h"

namespace sluice::aws {

/// What a codec decodes from. Query's parameters are read before the operation can be known, so they are handed on.
struct Incoming {
  const wire::HttpRequest& request;
  std::vector<wire::FormField>&
      parameters;  ///< Query: of body and query string; the codec may reorder and consume them
};

/// One protocol: bytes to structs and back by walking the tables. One file each; `codec_of` is the list of them.
struct Codec {
  /// Fills `input` (a default value of the call's operation); checks syntax and types only. nullopt when it is well.
  std::optional<ServiceError> (*decode)(const Incoming& incoming, const Call& call, void* input);
  /// The reply to a call that went well. `output` is null when the operation has none.
  wire::HttpResponse (*encode)(const Call& call, const void* output);
  /// The reply to one that did not. The call's service may be null: the error came before it was known.
  wire::HttpResponse (*refuse)(const Call& call, const ServiceError& error);
};

const Codec& codec_of(Encoding encoding);

extern const Codec aws_json_codec;
extern const Codec query_xml_codec;
extern const Codec query_json_codec;
extern const Codec rest_json_codec;
extern const Codec aws_cbor_codec;
extern const Codec rpc_cbor_codec;

// --- shared by the codecs ---

/// The text for the caller: the error's own, else the shape's usual one for this protocol.
std::string_view message_of(const ServiceError& error, bool query);

/// "namespace#Shape", or the shape alone where the service uses no namespace.
std::string type_name_of(const Call& call, const ErrorShape& shape);

/// The JSON of a structure, appended; absent members are left out, and empty collections too with `omit_empty`.
void append_json(std::string& out, const Shape& shape, const void* value, bool omit_empty);

/// Fills a structure from a JSON object; the error names what did not fit.
std::optional<ServiceError> read_json(const Shape& shape, std::string_view text, void* value);

/// The member of the body that has this name on the wire; null: none has.
const Member* find_body_member(const Shape& shape, std::string_view wire_name);

/// What a body says of this member of the structure `value`; null: nothing. An empty collection counts as nothing with
/// `omit_empty`.
const void* find_in_body(const Member& member, const void* value, bool omit_empty);

/// A moment given as a number is within the year 9999.
inline constexpr double epoch_seconds_max = 253'402'300'799.0;

/// A boolean or a number, appended: written alike in JSON and XML. Nothing else may be given.
void append_scalar(std::string& out, const Shape& shape, const void* value);

/// "2023-11-14T22:13:20.123Z", appended; without the fraction when it is zero.
void append_iso8601(std::string& out, Time time);
/// The same back; also without fraction. nullopt when malformed.
std::optional<Time> read_iso8601(std::string_view text);

}  // namespace sluice::aws
