#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/digest.h"
#include "base/time.h"
#include "wire/http1.h"

// AWS Signature Version 4 of one request, in the Authorization header or in the query string (a presigned URL).
// Pure: the time is handed in.
namespace sluice::wire {

/// Who a request says it is from, and the proof.
struct SignatureClaim {
  std::string access_key;
  std::string date;  ///< of the credential scope: 20150830
  std::string region;
  std::string service;
  std::string signed_headers;      ///< lower-case names, joined by ';'
  std::string signature;           ///< 64 hexadecimal digits
  std::string timestamp;           ///< 20150830T123600Z
  std::optional<Seconds> expires;  ///< set when presigned: how long after `timestamp`
};

enum class SignatureFault : std::uint8_t {
  missing,      ///< no credentials at all
  incomplete,   ///< there, but cannot be parsed or lacks a part
  unknown_key,  ///< no such access key
  mismatch,     ///< the signature is another one
  out_of_date,  ///< the clock differs by more than `signature_skew_max`
  expired,      ///< presigned, and its time is over
};

struct SignatureRefusal {
  SignatureFault fault;
  std::string message;  ///< AWS's own text, for the caller; holds no secret
};

inline constexpr Seconds signature_skew_max{15 * 60};
inline constexpr Seconds presigned_seconds_max{604'800};

/// What the request claims; nullopt when it carries no credentials.
std::expected<std::optional<SignatureClaim>, SignatureRefusal> read_signature_claim(const HttpRequest& request);

/// Access key id → secret.
using AccessKeys = std::map<std::string, std::string, std::less<>>;

/// Checks signatures against the keys it was made with. One thread; keeps derived keys, so one per core.
class SignatureVerifier {
 public:
  explicit SignatureVerifier(AccessKeys keys) : keys_(std::move(keys)) {}

  /// Who signed it, or why it is refused, in the order of spec (missing, incomplete, unknown key, mismatch, date).
  std::expected<SignatureClaim, SignatureRefusal> verify(const HttpRequest& request, Time now);

 private:
  const Sha256* signing_key(const SignatureClaim& claim);

  AccessKeys keys_;
  std::unordered_map<std::string, Sha256> derived_;  ///< by access key and scope
  std::string text_;                                 ///< room to write in
};

/// The canonical request whose hash is signed. For tests and diagnosis.
std::string canonical_request(const HttpRequest& request, const SignatureClaim& claim);

/// The signature that a holder of `secret` would give the request, in hexadecimal; for clients and tests.
std::string sign(const HttpRequest& request, const SignatureClaim& claim, std::string_view secret);

}  // namespace sluice::wire
