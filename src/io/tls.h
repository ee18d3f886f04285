#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "io/disk.h"

// TLS as bytes in, bytes out: no sockets here.
namespace sluice::io {

/// A certificate with its key, for the server's side. Shared by all sessions, from any thread.
class TlsContext {
 public:
  /// PEM texts; the certificate may bring its chain. A fault says which of the two is bad.
  static Outcome<std::unique_ptr<TlsContext>> make(const std::string& certificate, const std::string& key);
  ~TlsContext();

 private:
  friend class TlsSession;
  struct State;
  explicit TlsContext(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// One connection's TLS.
class TlsSession {
 public:
  explicit TlsSession(const TlsContext& context);
  ~TlsSession();

  /// Takes what came from the client; appends what it means to `plain`, and what must go back to `answer`. False: the
  /// session is over (broken or closed by the client); `answer` may hold an alert.
  bool receive(std::string_view bytes, std::string& plain, std::string& answer);
  /// Appends the bytes that carry `plain` to `sealed`. Only after `receive` gave something.
  void send(std::string_view plain, std::string& sealed);
  /// Appends the closing alert.
  void end(std::string& sealed);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A key (EC P-256) and a certificate for localhost, 127.0.0.1 and ::1, signed by itself, as PEM texts.
struct SelfSigned {
  std::string certificate;
  std::string key;
};
Outcome<SelfSigned> make_self_signed();

}  // namespace sluice::io
