#include "wire/sigv4.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sluice::wire {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view terminator = "aws4_request";
constexpr std::size_t derived_keys_max = 1024;
constexpr std::size_t signature_digits = 64;

constexpr std::string_view wrong_signature =
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and "
    "signing method. Consult the service documentation for details.";

using Refused = std::unexpected<SignatureRefusal>;

Refused incomplete(std::string message) { return Refused({SignatureFault::incomplete, std::move(message)}); }

// Text

// RFC 3986 §2.3; everything else is written as %XX, capitals.
constexpr std::array<bool, 256> unreserved = [] {
  std::array<bool, 256> of{};
  for (int c = '0'; c <= '9'; ++c) {
    of[c] = true;
  }
  for (int c = 'a'; c <= 'z'; ++c) {
    of[c] = of[c - 'a' + 'A'] = true;
  }
  for (const char c : std::string_view("-._~")) {
    of[static_cast<unsigned char>(c)] = true;
  }
  return of;
}();

void append_encoded(std::string& out, std::string_view text, char kept = '\0') {
  constexpr char digits[] = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (unreserved[byte] || (kept != '\0' && c == kept)) {
      out.push_back(c);
    } else {
      out.push_back('%');
      out.push_back(digits[byte >> 4]);
      out.push_back(digits[byte & 15]);
    }
  }
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char low = static_cast<char>(c | 0x20);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

std::string decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
    text.remove_prefix(1);
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
    text.remove_suffix(1);
  }
  return text;
}

// The piece up to `separator`, which is cut off `text` with it.
std::string_view next_piece(std::string_view& text, char separator) {
  const std::size_t at = text.find(separator);
  const std::string_view piece = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return piece;
}

// Time

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

int number(std::string_view digits) {
  int value = 0;
  for (const char c : digits) {
    value = value * 10 + (c - '0');
  }
  return value;
}

std::optional<Time> time_of(std::string_view text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z' || !all_digits(text.substr(0, 8)) ||
      !all_digits(text.substr(9, 6))) {
    return std::nullopt;
  }
  const std::chrono::year_month_day day(std::chrono::year(number(text.substr(0, 4))),
                                        std::chrono::month(static_cast<unsigned>(number(text.substr(4, 2)))),
                                        std::chrono::day(static_cast<unsigned>(number(text.substr(6, 2)))));
  const int hour = number(text.substr(9, 2));
  const int minute = number(text.substr(11, 2));
  const int second = number(text.substr(13, 2));
  if (!day.ok() || hour > 23 || minute > 59 || second > 60) {
    return std::nullopt;
  }
  return Time(std::chrono::sys_days(day).time_since_epoch() + std::chrono::hours(hour) + std::chrono::minutes(minute) +
              Seconds(second));
}

std::string text_of(Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<Seconds>(time - day));
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

// "Mon, 23 Nov 2026 06:27:25 GMT" as 20261123T062725Z; anything else as it is.
std::string from_http_date(std::string_view text) {
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (text.size() != 29 || !text.ends_with(" GMT")) {
    return std::string(text);
  }
  const std::size_t month = months.find(text.substr(8, 3));
  return month == std::string_view::npos
             ? std::string(text)
             : fmt::format("{}{:02}{}T{}{}{}Z", text.substr(12, 4), month / 3 + 1, text.substr(5, 2),
                           text.substr(17, 2), text.substr(20, 2), text.substr(23, 2));
}

// The claim

// AKIDEXAMPLE/20150830/us-east-1/sqs/aws4_request; an access key may itself hold slashes, so from the end.
bool read_credential(std::string_view credential, SignatureClaim& claim) {
  std::array<std::string_view, 4> parts;
  std::string_view rest = credential;
  for (std::size_t i = 4; i-- > 0;) {
    const std::size_t slash = rest.rfind('/');
    if (slash == std::string_view::npos) {
      return false;
    }
    parts[i] = rest.substr(slash + 1);
    rest = rest.substr(0, slash);
  }
  if (rest.empty() || parts[3] != terminator || parts[0].size() != 8 || !all_digits(parts[0]) || parts[1].empty() ||
      parts[2].empty()) {
    return false;
  }
  claim.access_key = rest;
  claim.date = parts[0];
  claim.region = parts[1];
  claim.service = parts[2];
  return true;
}

std::expected<std::optional<SignatureClaim>, SignatureRefusal> claim_in_header(const HttpRequest& request,
                                                                               std::string_view header) {
  const std::string_view scheme = header.substr(0, header.find(' '));
  header.remove_prefix(scheme.size());
  if (scheme != algorithm) {
    return incomplete(fmt::format("Unsupported AWS 'algorithm': '{}'.", scheme.substr(0, 40)));
  }
  std::string_view credential, signed_headers, signature;
  while (!header.empty()) {
    const std::string_view part = trimmed(next_piece(header, ','));
    const std::size_t equals = part.find('=');
    const std::string_view name = part.substr(0, equals);
    const std::string_view value = equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1);
    (name == "Credential" ? credential : name == "SignedHeaders" ? signed_headers : signature) = value;
    if (name != "Credential" && name != "SignedHeaders" && name != "Signature") {
      return incomplete("Authorization header has a part that is not 'Credential', 'SignedHeaders' or 'Signature'.");
    }
  }
  SignatureClaim claim;
  claim.timestamp = request.header("X-Amz-Date").empty() ? from_http_date(request.header("Date"))
                                                         : std::string(request.header("X-Amz-Date"));
  std::string lacks;
  lacks += credential.empty() ? "Authorization header requires 'Credential' parameter. " : "";
  lacks += signature.empty() ? "Authorization header requires 'Signature' parameter. " : "";
  lacks += signed_headers.empty() ? "Authorization header requires 'SignedHeaders' parameter. " : "";
  lacks += claim.timestamp.empty()
               ? "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
               : "";
  if (!lacks.empty()) {
    lacks.pop_back();
    return incomplete(std::move(lacks));
  }
  if (!read_credential(credential, claim)) {
    return incomplete("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.");
  }
  claim.signed_headers = signed_headers;
  claim.signature = signature;
  return claim;
}

std::expected<std::optional<SignatureClaim>, SignatureRefusal> claim_in_query(std::string_view query) {
  SignatureClaim claim;
  std::string seen_algorithm, credential, expires;
  bool any = false;
  struct Row {
    std::string_view name;
    std::string* value;
  };
  const Row rows[] = {{"X-Amz-Algorithm", &seen_algorithm},
                      {"X-Amz-Credential", &credential},
                      {"X-Amz-Date", &claim.timestamp},
                      {"X-Amz-Expires", &expires},
                      {"X-Amz-SignedHeaders", &claim.signed_headers},
                      {"X-Amz-Signature", &claim.signature}};
  while (!query.empty()) {
    std::string_view pair = next_piece(query, '&');
    const std::string_view name = next_piece(pair, '=');
    for (const Row& row : rows) {
      if (name == row.name) {
        *row.value = decoded(pair);
        any = any || name == "X-Amz-Credential" || name == "X-Amz-Signature" || name == "X-Amz-Algorithm";
      }
    }
  }
  if (!any) {
    return std::nullopt;
  }
  for (const Row& row : rows) {
    if (row.value->empty()) {
      return incomplete(fmt::format("AWS query-string parameters must include '{}'.", row.name));
    }
  }
  if (seen_algorithm != algorithm) {
    return incomplete("Unsupported AWS 'algorithm'.");
  }
  if (expires.size() > 6 || !all_digits(expires) || number(expires) < 1 ||
      number(expires) > presigned_seconds_max.count()) {
    return incomplete("X-Amz-Expires must be between 1 and 604800 seconds.");
  }
  if (!read_credential(credential, claim)) {
    return incomplete("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.");
  }
  claim.expires = Seconds(number(expires));
  return claim;
}

// The canonical request

// Without "." and ".." and empty segments (RFC 3986 §5.2.4), each segment encoded once more than it came.
void append_path(std::string& out, std::string_view path) {
  if (path == "/") {
    out.push_back('/');
    return;
  }
  std::vector<std::string_view> segments;
  std::string_view rest = path;
  while (!rest.empty()) {
    const std::string_view segment = next_piece(rest, '/');
    if (segment == "..") {
      if (!segments.empty()) {
        segments.pop_back();
      }
    } else if (!segment.empty() && segment != ".") {
      segments.push_back(segment);
    }
  }
  for (const std::string_view segment : segments) {
    out.push_back('/');
    append_encoded(out, segment);
  }
  if (segments.empty() || path.ends_with('/')) {
    out.push_back('/');
  }
}

void append_query(std::string& out, std::string_view query, bool presigned) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!query.empty()) {
    std::string_view pair = next_piece(query, '&');
    const std::string_view name = next_piece(pair, '=');
    if ((name.empty() && pair.empty()) || (presigned && name == "X-Amz-Signature")) {
      continue;
    }
    auto& [encoded_name, encoded_value] = pairs.emplace_back();
    append_encoded(encoded_name, decoded(name));
    append_encoded(encoded_value, decoded(pair));
  }
  std::sort(pairs.begin(), pairs.end());
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    out.append(i > 0 ? "&" : "").append(pairs[i].first).append("=").append(pairs[i].second);
  }
}

// Runs of spaces count as one.
void append_value(std::string& out, std::string_view value) {
  if (value.find("  ") == std::string_view::npos) {
    out.append(value);
    return;
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] != ' ' || i == 0 || value[i - 1] != ' ') {
      out.push_back(value[i]);
    }
  }
}

void append_headers(std::string& out, const HttpRequest& request, std::string_view names) {
  while (!names.empty()) {
    const std::string_view name = next_piece(names, ';');
    out.append(name).push_back(':');
    bool first = true;
    for (const HttpHeader& header : request.headers) {
      if (equal_ignoring_case(header.name, name)) {
        out.append(first ? "" : ",");
        append_value(out, header.value);
        first = false;
      }
    }
    out.push_back('\n');
  }
}

bool signs_host(std::string_view names) {
  while (!names.empty()) {
    if (next_piece(names, ';') == "host") {
      return true;
    }
  }
  return false;
}

void append_scope(std::string& out, const SignatureClaim& claim) {
  out.append(claim.date)
      .append("/")
      .append(claim.region)
      .append("/")
      .append(claim.service)
      .append("/")
      .append(terminator);
}

void append_hex(std::string& out, const Sha256& digest) {
  constexpr char digits[] = "0123456789abcdef";
  char text[signature_digits];
  for (std::size_t i = 0; i < digest.size(); ++i) {
    text[2 * i] = digits[digest[i] >> 4];
    text[2 * i + 1] = digits[digest[i] & 0xf];
  }
  out.append(text, sizeof text);
}

Sha256 derive(std::string_view secret, const SignatureClaim& claim) {
  const Sha256 date = hmac_sha256(std::string("AWS4").append(secret), claim.date);
  const Sha256 region = hmac_sha256(as_bytes(date), claim.region);
  const Sha256 service = hmac_sha256(as_bytes(region), claim.service);
  return hmac_sha256(as_bytes(service), terminator);
}

// `text` is room to write in.
void append_canonical_request(std::string& text, const HttpRequest& request, const SignatureClaim& claim) {
  text.append(request.method).push_back('\n');
  append_path(text, request.path);
  text.push_back('\n');
  append_query(text, request.query, claim.expires.has_value());
  text.push_back('\n');
  append_headers(text, request, claim.signed_headers);
  text.append("\n").append(claim.signed_headers).append("\n");
  append_hex(text, sha256(request.sent_body));
}

// The signature, in `text`.
void sign_with(std::string& text, const Sha256& key, const HttpRequest& request, const SignatureClaim& claim) {
  text.clear();
  append_canonical_request(text, request, claim);
  const Sha256 hash = sha256(text);
  text.assign(algorithm).append("\n").append(claim.timestamp).append("\n");
  append_scope(text, claim);
  text.push_back('\n');
  append_hex(text, hash);
  const Sha256 signature = hmac_sha256(as_bytes(key), text);
  text.clear();
  append_hex(text, signature);
}

std::optional<SignatureRefusal> check_time(const SignatureClaim& claim, Time at, Time now) {
  const std::string signed_at = text_of(at);
  if (at > now + signature_skew_max) {
    return SignatureRefusal{SignatureFault::out_of_date,
                            fmt::format("Signature not yet current: {} is still later than {} ({} + 15 min.)",
                                        signed_at, text_of(now + signature_skew_max), text_of(now))};
  }
  if (claim.expires) {
    if (now > at + *claim.expires) {
      return SignatureRefusal{SignatureFault::expired, "Request has expired."};
    }
  } else if (at < now - signature_skew_max) {
    return SignatureRefusal{SignatureFault::out_of_date,
                            fmt::format("Signature expired: {} is now earlier than {} ({} - 15 min.)", signed_at,
                                        text_of(now - signature_skew_max), text_of(now))};
  }
  return std::nullopt;
}

}  // namespace

std::expected<std::optional<SignatureClaim>, SignatureRefusal> read_signature_claim(const HttpRequest& request) {
  const std::string_view header = request.header("Authorization");
  return header.empty() ? claim_in_query(request.query) : claim_in_header(request, header);
}

std::string canonical_request(const HttpRequest& request, const SignatureClaim& claim) {
  std::string text;
  append_canonical_request(text, request, claim);
  return text;
}

std::string sign(const HttpRequest& request, const SignatureClaim& claim, std::string_view secret) {
  std::string text;
  sign_with(text, derive(secret, claim), request, claim);
  return text;
}

const Sha256* SignatureVerifier::signing_key(const SignatureClaim& claim) {
  const auto secret = keys_.find(claim.access_key);
  if (secret == keys_.end()) {
    return nullptr;
  }
  text_.assign(claim.access_key).append("/");
  append_scope(text_, claim);
  const auto found = derived_.find(text_);
  if (found != derived_.end()) {
    return &found->second;
  }
  if (derived_.size() >= derived_keys_max) {
    derived_.clear();
  }
  return &derived_.emplace(text_, derive(secret->second, claim)).first->second;
}

std::expected<SignatureClaim, SignatureRefusal> SignatureVerifier::verify(const HttpRequest& request, Time now) {
  auto read = read_signature_claim(request);
  if (!read) {
    return Refused(std::move(read.error()));
  }
  if (!*read) {
    return Refused({SignatureFault::missing, "Request is missing Authentication Token"});
  }
  SignatureClaim& claim = **read;
  const std::optional<Time> at = time_of(claim.timestamp);
  if (!at) {
    return incomplete("Date must be in ISO-8601 'basic format'. See ISO-8601, e.g. 20150830T123600Z.");
  }
  if (!signs_host(claim.signed_headers)) {
    return incomplete("'Host' must be a 'SignedHeader' in the AWS Authorization.");
  }
  const Sha256* key = signing_key(claim);
  if (key == nullptr) {
    return Refused({SignatureFault::unknown_key, "The security token included in the request is invalid."});
  }
  sign_with(text_, *key, request, claim);
  const bool same =
      claim.date == std::string_view(claim.timestamp).substr(0, 8) && equal_in_constant_time(text_, claim.signature);
  if (!same) {
    return Refused({SignatureFault::mismatch, std::string(wrong_signature)});
  }
  if (auto refusal = check_time(claim, *at, now)) {
    return Refused(std::move(*refusal));
  }
  return std::move(claim);
}

}  // namespace sluice::wire
