#include "bench/signature.h"

#include <ctime>

#include "base/digest.h"

namespace sluice::bench {
namespace {

std::string hmac(std::string_view key, std::string_view bytes) {
  return std::string(as_bytes(hmac_sha256(key, bytes)));
}

}  // namespace

std::string_view signed_headers(bool with_target) {
  return with_target ? "content-type;host;x-amz-date;x-amz-target" : "content-type;host;x-amz-date";
}

void Signer::derive_key(std::string_view day) {
  day_ = day;
  key_ = hmac(hmac(hmac(hmac("AWS4" + credentials_.secret, day), credentials_.region), credentials_.service),
              "aws4_request");
  scope_ = day_ + "/" + credentials_.region + "/" + credentials_.service + "/aws4_request";
}

std::string Signer::signature(const SignedParts& parts) {
  const std::string_view day = parts.date.substr(0, 8);
  if (day != day_) {
    derive_key(day);
  }
  std::string canonical = "POST\n/\n\ncontent-type:";
  canonical.append(parts.content_type).append("\nhost:").append(parts.host);
  canonical.append("\nx-amz-date:").append(parts.date);
  if (!parts.target.empty()) {
    canonical.append("\nx-amz-target:").append(parts.target);
  }
  canonical.append("\n\n").append(signed_headers(!parts.target.empty())).append("\n");
  canonical.append(hex(sha256(parts.body)));
  std::string to_sign = "AWS4-HMAC-SHA256\n";
  to_sign.append(parts.date).append("\n").append(scope_).append("\n").append(hex(sha256(canonical)));
  return hex(hmac_sha256(key_, to_sign));
}

std::string Signer::authorization(const SignedParts& parts) {
  const std::string proof = signature(parts);
  std::string value = "AWS4-HMAC-SHA256 Credential=" + credentials_.id + "/" + scope_ + ", SignedHeaders=";
  value.append(signed_headers(!parts.target.empty())).append(", Signature=").append(proof);
  return value;
}

std::string_view amazon_date() {
  thread_local std::time_t second = 0;
  thread_local char text[17];
  const std::time_t now = std::time(nullptr);
  if (now != second) {
    second = now;
    std::tm parts;
    gmtime_r(&now, &parts);
    std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &parts);
  }
  return {text, 16};
}

}  // namespace sluice::bench
