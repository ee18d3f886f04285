#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "doors/aws/error.h"
#include "doors/aws/shape.h"

namespace sluice::aws {

/// How a moment is written: a whole number of milliseconds (AWS CBOR 1.1), or seconds, with a fraction where there is
/// one (Smithy RPC v2). Both behind tag 1.
enum class CborTime : std::uint8_t { milliseconds, seconds };

/// The CBOR of a structure, appended; absent members are left out, and empty collections too with `omit_empty`.
void append_cbor(std::string& out, const Shape& shape, const void* value, bool omit_empty, CborTime time);

/// Fills a structure from a CBOR map; the error names what did not fit.
std::optional<ServiceError> read_cbor(const Shape& shape, std::string_view bytes, void* value, CborTime time);

}  // namespace sluice::aws
