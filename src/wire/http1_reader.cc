#include "wire/http1_reader.h"

#include <array>
#include <cstring>

#include "base/plain.h"

namespace sluice::wire {
namespace {

// RFC 9110 §5.6.2: what a method or a header name is made of.
constexpr std::array<bool, 256> token_characters = [] {
  std::array<bool, 256> of{};
  for (int c = '0'; c <= '9'; ++c) {
    of[c] = true;
  }
  for (int c = 'a'; c <= 'z'; ++c) {
    of[c] = of[c - 'a' + 'A'] = true;
  }
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) {
    of[static_cast<unsigned char>(c)] = true;
  }
  return of;
}();

// A chunk's size line: the number, and extensions that nobody uses.
constexpr std::size_t chunk_line_bytes_max = 256;
constexpr std::size_t method_bytes_max = 32;
// Empty lines before a request are skipped (RFC 9112 §2.2), but not without end.
constexpr std::size_t empty_line_bytes_max = 8;

bool is_token(std::string_view text) {
  for (const char c : text) {
    if (!token_characters[static_cast<unsigned char>(c)]) {
      return false;
    }
  }
  return !text.empty();
}

bool is_field_value(std::string_view text) {
  for (;;) {
    text.remove_prefix(plain_length<0x7f>(text));
    if (text.empty()) {
      return true;
    }
    if (text[0] != '\t') {
      return false;
    }
    text.remove_prefix(1);
  }
}

bool is_target(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7f) {
      return false;
    }
  }
  return !text.empty();
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

int hex_value(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char low = static_cast<char>(c | 0x20);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

}  // namespace

void HttpReader::reset() {
  std::vector<Field> fields = std::move(fields_);
  fields.clear();
  *this = HttpReader(limits_);
  fields_ = std::move(fields);
}

HttpReader::Progress HttpReader::fail(HttpFault fault) {
  fault_ = fault;
  keeps_alive_ = false;
  return Progress::failed;
}

HttpReader::Progress HttpReader::advance(char* bytes, std::size_t& size) {
  if (fault_ != HttpFault::none) {
    return Progress::failed;
  }
  while (stage_ != Stage::whole && read_stage(bytes, size)) {
  }
  if (fault_ != HttpFault::none) {
    return Progress::failed;
  }
  if (chunked_) {
    compact(bytes, size);
  }
  return stage_ == Stage::whole ? Progress::whole : Progress::more;
}

// One step. False: more bytes are needed, or it failed.
bool HttpReader::read_stage(char* bytes, std::size_t size) {
  Span line;
  Field ignored;
  switch (stage_) {
    case Stage::request_line:
    case Stage::headers:
      return next_line(bytes, size, line) && line_of_head(bytes, line);
    case Stage::counted_body:
      missing_ = size - at_ < length_ ? static_cast<std::size_t>(length_) - (size - at_) : 0;
      if (missing_ > 0) {
        return false;
      }
      body_ = {static_cast<std::uint32_t>(at_), static_cast<std::uint32_t>(length_)};
      at_ += static_cast<std::size_t>(length_);
      stage_ = Stage::whole;
      return true;
    case Stage::chunk_size:
      return next_line(bytes, size, line) && chunk_size(line.in(bytes));
    case Stage::chunk:
      return chunk_data(bytes, size);
    case Stage::chunk_end:
      if (!next_line(bytes, size, line)) {
        return false;
      }
      stage_ = Stage::chunk_size;
      return line.size == 0 || (fail(HttpFault::malformed), false);
    case Stage::trailers:
      if (!next_line(bytes, size, line)) {
        return false;
      }
      if (line.size > 0) {
        return field(bytes, line, ignored);  // checked and dropped
      }
      stage_ = Stage::whole;
      return true;
    case Stage::whole:
      return false;
  }
  return false;
}

// The next line without its CRLF; also keeps every bound on lines.
bool HttpReader::next_line(const char* bytes, std::size_t size, Span& line) {
  const std::size_t from = searched_ > at_ ? searched_ : at_;
  const void* found = size > from ? std::memchr(bytes + from, '\n', size - from) : nullptr;
  const std::size_t end = found != nullptr ? static_cast<std::size_t>(static_cast<const char*>(found) - bytes) : size;
  const std::size_t line_bytes = end - at_;
  if (stage_ == Stage::request_line && line_bytes > limits_.target_bytes_max + method_bytes_max) {
    fail(HttpFault::target_too_long);
    return false;
  }
  if (stage_ == Stage::chunk_size || stage_ == Stage::chunk_end) {
    if (line_bytes > chunk_line_bytes_max) {
      fail(HttpFault::malformed);
      return false;
    }
  } else if (line_bytes_ + line_bytes > limits_.head_bytes_max) {
    fail(HttpFault::head_too_large);
    return false;
  }
  searched_ = end;
  if (found == nullptr) {
    return false;
  }
  if (line_bytes == 0 || bytes[end - 1] != '\r') {
    fail(HttpFault::malformed);
    return false;
  }
  line = {static_cast<std::uint32_t>(at_), static_cast<std::uint32_t>(line_bytes - 1)};
  line_bytes_ += line_bytes + 1;
  at_ = end + 1;
  return true;
}

bool HttpReader::line_of_head(const char* bytes, Span line) {
  if (stage_ == Stage::request_line) {
    if (line.size == 0) {
      return line_bytes_ <= empty_line_bytes_max || (fail(HttpFault::malformed), false);
    }
    stage_ = Stage::headers;
    return request_line(bytes, line);
  }
  if (line.size == 0) {
    return end_of_head(bytes);
  }
  if (fields_.size() == limits_.headers_max) {
    fail(HttpFault::head_too_large);
    return false;
  }
  return field(bytes, line, fields_.emplace_back());
}

bool HttpReader::request_line(const char* bytes, Span line) {
  const std::string_view text = line.in(bytes);
  const std::size_t first = text.find(' ');
  const std::size_t last = text.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    fail(HttpFault::malformed);
    return false;
  }
  const std::string_view version = text.substr(last + 1);
  const bool is_http = version.size() == 8 && version.starts_with("HTTP/") && version[6] == '.' && version[5] >= '0' &&
                       version[5] <= '9' && version[7] >= '0' && version[7] <= '9';
  if (!is_http || first > method_bytes_max || !is_token(text.substr(0, first))) {
    fail(HttpFault::malformed);
    return false;
  }
  if (version[5] != '1') {
    fail(HttpFault::unknown_version);
    return false;
  }
  minor_version_ = version[7] == '0' ? 0 : 1;
  keeps_alive_ = minor_version_ == 1;
  method_ = {line.at, static_cast<std::uint32_t>(first)};
  return target(bytes, {static_cast<std::uint32_t>(line.at + first + 1), static_cast<std::uint32_t>(last - first - 1)});
}

// RFC 9112 §3.2: origin-form, absolute-form (as sent to proxies; its path counts), or "*".
bool HttpReader::target(const char* bytes, Span target) {
  std::string_view text = target.in(bytes);
  if (!is_target(text)) {
    fail(HttpFault::malformed);
    return false;
  }
  if (text.size() > limits_.target_bytes_max) {
    fail(HttpFault::target_too_long);
    return false;
  }
  std::size_t begin = 0;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (text.size() > scheme.size() && equal_ignoring_case(text.substr(0, scheme.size()), scheme)) {
      begin = text.find_first_of("/?", scheme.size());
      if (begin == std::string_view::npos || text[begin] != '/') {
        fail(HttpFault::malformed);
        return false;
      }
    }
  }
  text.remove_prefix(begin);
  if (text[0] != '/' && text != "*") {
    fail(HttpFault::malformed);
    return false;
  }
  const auto at = static_cast<std::uint32_t>(target.at + begin);
  const std::size_t question = text.find('?');
  path_ = {at, static_cast<std::uint32_t>(question == std::string_view::npos ? text.size() : question)};
  if (question != std::string_view::npos) {
    query_ = {static_cast<std::uint32_t>(at + question + 1), static_cast<std::uint32_t>(text.size() - question - 1)};
  }
  return true;
}

bool HttpReader::field(const char* bytes, Span line, Field& into) {
  const std::string_view text = line.in(bytes);
  const std::size_t colon = text.find(':');
  // A line that begins with white space is a folded one (obs-fold): its name is no token, so it is refused here.
  if (colon == std::string_view::npos || !is_token(text.substr(0, colon))) {
    fail(HttpFault::malformed);
    return false;
  }
  std::size_t begin = colon + 1;
  std::size_t end = text.size();
  while (begin < end && is_blank(text[begin])) {
    ++begin;
  }
  while (end > begin && is_blank(text[end - 1])) {
    --end;
  }
  if (!is_field_value(text.substr(begin, end - begin))) {
    fail(HttpFault::malformed);
    return false;
  }
  into.name = {line.at, static_cast<std::uint32_t>(colon)};
  into.value = {static_cast<std::uint32_t>(line.at + begin), static_cast<std::uint32_t>(end - begin)};
  return true;
}

bool HttpReader::end_of_head(const char* bytes) {
  for (const Field& one : fields_) {
    if (!understand(one.name.in(bytes), one.value.in(bytes))) {
      return false;
    }
  }
  const bool ambiguous = chunked_ && (has_length_ || minor_version_ == 0);
  if (ambiguous || hosts_ > 1 || (hosts_ == 0 && minor_version_ == 1)) {
    fail(HttpFault::malformed);
    return false;
  }
  if (length_ > limits_.body_bytes_max) {
    fail(HttpFault::body_too_large);
    return false;
  }
  expects_continue_ = expects_continue_ && minor_version_ == 1 && (chunked_ || length_ > 0);
  body_ = {static_cast<std::uint32_t>(at_), 0};
  line_bytes_ = 0;
  stage_ = chunked_ ? Stage::chunk_size : Stage::counted_body;
  return true;
}

// The few headers that say how to read on. Told apart by length first: most headers are none of them.
bool HttpReader::understand(std::string_view name, std::string_view value) {
  switch (name.size()) {
    case 4:
      hosts_ += equal_ignoring_case(name, "Host") && hosts_ < 2 ? 1 : 0;
      return true;
    case 6:
      if (equal_ignoring_case(name, "Expect")) {
        expects_continue_ = equal_ignoring_case(value, "100-continue");
        return expects_continue_ || (fail(HttpFault::unknown_expectation), false);
      }
      return true;
    case 10:
      return !equal_ignoring_case(name, "Connection") || connection(value);
    case 14:
      return !equal_ignoring_case(name, "Content-Length") || content_length(value);
    case 17:
      if (!equal_ignoring_case(name, "Transfer-Encoding")) {
        return true;
      }
      if (chunked_ || !equal_ignoring_case(value, "chunked")) {
        fail(chunked_ ? HttpFault::malformed : HttpFault::unknown_transfer_coding);
        return false;
      }
      chunked_ = true;
      return true;
    default:
      return true;
  }
}

bool HttpReader::content_length(std::string_view value) {
  constexpr std::size_t digits_max = 18;
  bool good = !has_length_ && !value.empty();
  for (const char c : value) {
    good = good && c >= '0' && c <= '9';
  }
  if (!good) {
    fail(HttpFault::malformed);
    return false;
  }
  if (value.size() > digits_max) {
    fail(HttpFault::body_too_large);
    return false;
  }
  has_length_ = true;
  for (const char c : value) {
    length_ = length_ * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return true;
}

bool HttpReader::connection(std::string_view value) {
  while (!value.empty()) {
    const std::size_t comma = value.find(',');
    std::string_view word = value.substr(0, comma);
    value.remove_prefix(comma == std::string_view::npos ? value.size() : comma + 1);
    while (!word.empty() && is_blank(word.front())) {
      word.remove_prefix(1);
    }
    while (!word.empty() && is_blank(word.back())) {
      word.remove_suffix(1);
    }
    closes_ = closes_ || equal_ignoring_case(word, "close");  // outweighs keep-alive, in whichever order
    keeps_alive_ = !closes_ && (keeps_alive_ || equal_ignoring_case(word, "keep-alive"));
  }
  return true;
}

bool HttpReader::chunk_size(std::string_view line) {
  std::uint64_t chunk = 0;
  std::size_t digits = 0;
  for (; digits < line.size() && hex_value(line[digits]) >= 0; ++digits) {
    if (digits == 15) {
      fail(HttpFault::body_too_large);
      return false;
    }
    chunk = chunk * 16 + static_cast<std::uint64_t>(hex_value(line[digits]));
  }
  const std::string_view extension = line.substr(digits);
  const bool well_formed =
      digits > 0 && (extension.empty() || ((extension[0] == ';' || is_blank(extension[0])) &&
                                           is_field_value(extension) && extension.find(';') != std::string_view::npos));
  if (!well_formed) {
    fail(HttpFault::malformed);
    return false;
  }
  if (chunk > limits_.body_bytes_max - body_.size) {
    fail(HttpFault::body_too_large);
    return false;
  }
  chunk_left_ = static_cast<std::size_t>(chunk);
  line_bytes_ = 0;
  stage_ = chunk == 0 ? Stage::trailers : Stage::chunk;
  return true;
}

// Moves what came of the chunk behind the body read so far.
bool HttpReader::chunk_data(char* bytes, std::size_t size) {
  const std::size_t have = size - at_ < chunk_left_ ? size - at_ : chunk_left_;
  std::memmove(bytes + body_.at + body_.size, bytes + at_, have);
  body_.size += static_cast<std::uint32_t>(have);
  at_ += have;
  chunk_left_ -= have;
  missing_ = chunk_left_;
  if (chunk_left_ > 0) {
    return false;
  }
  stage_ = Stage::chunk_end;
  return true;
}

// Closes the gap that the chunks' own lines left, so that a body in tiny chunks takes no more room than its bytes.
void HttpReader::compact(char* bytes, std::size_t& size) {
  const std::size_t body_end = body_.at + body_.size;
  if (!has_head() || at_ <= body_end) {
    return;
  }
  const std::size_t gap = at_ - body_end;
  std::memmove(bytes + body_end, bytes + at_, size - at_);
  size -= gap;
  at_ = body_end;
  searched_ = searched_ > gap + at_ ? searched_ - gap : at_;
}

void HttpReader::give(const char* bytes, HttpRequest& into) const {
  into.method = method_.in(bytes);
  into.path = path_.in(bytes);
  into.query = query_.in(bytes);
  into.body = into.sent_body = body_.in(bytes);
  into.minor_version = minor_version_;
  into.headers.clear();
  for (const Field& one : fields_) {
    into.headers.push_back({one.name.in(bytes), one.value.in(bytes)});
  }
}

}  // namespace sluice::wire
