#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sluice::aws::http {

/// What a connection waits for: which deadline counts.
enum class Phase : std::uint8_t {
  idle,       ///< a request
  head,       ///< the rest of a request's head
  body,       ///< the rest of its body
  busy,       ///< our own answer: no deadline here
  writing,    ///< the client to take what we send
  lingering,  ///< the client to read our last words; what it sends is dropped
};
inline constexpr std::size_t phases = 6;

/// What is spoken on a connection once its first bytes told which it is: HTTP/1.1, one day HTTP/2. Ending it, when the
/// client is gone, cancels what is under way.
class Protocol {
 public:
  virtual ~Protocol() = default;
  /// Bytes came, decrypted. They are the connection's again when this returns.
  virtual void received(std::string_view bytes) = 0;
  /// All that was given to send is with the kernel.
  virtual void sent() = 0;
  /// The deadline of this phase has passed.
  virtual void late(Phase phase) = 0;
  /// The server stops: finish what is under way and take no more. True: nothing is under way.
  virtual bool stop() = 0;
};

}  // namespace sluice::aws::http
