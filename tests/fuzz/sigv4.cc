// Signatures: any request may carry any nonsense as its credentials; only a holder of the secret is let in.
#include "wire/sigv4.h"

#include <cstdint>
#include <string>

#include "base/check.h"
#include "wire/http1_reader.h"

using namespace sluice;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  std::string text(reinterpret_cast<const char*>(bytes), size);
  wire::HttpReader reader{wire::HttpLimits()};
  std::size_t left = text.size();
  if (reader.advance(text.data(), left) != wire::HttpReader::Progress::whole) {
    return 0;
  }
  wire::HttpRequest request;
  reader.give(text.data(), request);
  wire::SignatureVerifier verifier(wire::AccessKeys{{"AKIDEXAMPLE", "a secret that is in no corpus"}});
  const Time now{Milliseconds(1'767'323'045'000)};  // 2026-01-02T03:04:05Z, the corpus's own time
  const auto verified = verifier.verify(request, now);
  check(!verified, "nobody guesses a signature");
  check(!verified.error().message.empty(), "a refusal says why");
  const auto claim = wire::read_signature_claim(request);
  if (claim && *claim) {
    check(!wire::canonical_request(request, **claim).empty(), "what is claimed can be written down");
    check(wire::sign(request, **claim, "another secret").size() == 64, "a signature has 64 digits");
  }
  return 0;
}
