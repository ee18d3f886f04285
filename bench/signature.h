#pragma once

#include <string>
#include <string_view>

namespace sluice::bench {

/// One access key and the scope it signs for.
struct Credentials {
  std::string id;
  std::string secret;
  std::string region = "us-east-1";
  std::string service = "sqs";
};

/// What a signature covers here: always POST / with these five headers, in the order of `signed_headers`.
struct SignedParts {
  std::string_view content_type;
  std::string_view host;
  std::string_view date;    // 20260102T030405Z
  std::string_view target;  // X-Amz-Target; empty in the Query protocol, and then not signed
  std::string_view body;
};

/// Signature Version 4 of AWS with the derived key kept for the day it was made for. One thread.
class Signer {
 public:
  explicit Signer(Credentials credentials) : credentials_(std::move(credentials)) {}

  /// The signature in lower-case hexadecimal.
  std::string signature(const SignedParts& parts);
  /// The whole value of the Authorization header.
  std::string authorization(const SignedParts& parts);
  const Credentials& credentials() const { return credentials_; }

 private:
  void derive_key(std::string_view day);

  Credentials credentials_;
  std::string day_;    // the day key_ is for
  std::string scope_;  // day/region/service/aws4_request
  std::string key_;
};

/// The headers every request signs, as they stand in SignedHeaders.
std::string_view signed_headers(bool with_target);

/// Now, in the form of X-Amz-Date. Formatted anew only when the second changes.
std::string_view amazon_date();

}  // namespace sluice::bench
