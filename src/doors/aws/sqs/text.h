#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

/// Rules about texts that several operations share.
namespace sluice::sqs {

/// #x9 #xA #xD #x20–#xD7FF #xE000–#xFFFD #x10000–#x10FFFF (SendMessage: MessageBody). `text` is valid UTF-8.
bool allowed_characters(std::string_view text);

/// A decimal number as message attributes of type Number take it: at most 38 digits of precision, −10^128 … 10^126.
bool is_sqs_number(std::string_view text);

/// 1–128 letters, digits and punctuation: message group and deduplication ids, receive attempt ids.
bool is_token(std::string_view text);

/// A whole decimal integer, with sign; nullopt for anything else.
std::optional<std::int64_t> parse_integer(std::string_view text);

/// Root=1-{8 hex}-{24 hex} with more fields after ';' (the X-Ray trace header).
bool is_trace_header(std::string_view text);

}  // namespace sluice::sqs
