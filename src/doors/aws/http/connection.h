#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "doors/aws/http/protocol.h"
#include "io/socket.h"
#include "io/tls.h"

namespace sluice::aws::http {

class Connection;
class Front;
using Connections = std::list<std::unique_ptr<Connection>>;

/// One client's connection: bytes in and out, TLS when its first byte says so, deadlines. Which protocol is spoken on
/// it the first bytes tell. Owned by its core's Front; everything on that core's thread.
class Connection final : private io::SocketUser {
 public:
  Connection(Front& front, std::unique_ptr<io::Socket> socket);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // What its protocol uses --------------------------------------------------------------------------------------------

  Front& front() { return front_; }
  bool secure() const { return tls_ != nullptr; }
  const std::string& peer() const { return peer_; }
  /// Sends now what the kernel takes and keeps the rest.
  void send(std::string_view bytes);
  std::size_t unsent_bytes() const { return unsent_.size() - sent_bytes_; }
  /// Begins a phase (again): its deadline counts from now.
  void enter(Phase phase);
  /// The protocol's `sent` is called soon, from the loop.
  void call_soon() { socket_->watch_writable(); }
  /// Reads no more until `resume`.
  void pause() { paused_ = true; }
  void resume();
  /// Once everything is sent: closes; `linger`: first lets the client read it, dropping what it still sends.
  void finish(bool linger);
  bool finished() const { return finishing_ || closed_; }
  /// Keeps the connection alive for the length of a scope in which it may be closed. Every entry from outside has one.
  class Entered {
   public:
    explicit Entered(Connection& connection) : connection_(connection) { ++connection_.entries_; }
    ~Entered();
    Entered(const Entered&) = delete;
    Entered& operator=(const Entered&) = delete;

   private:
    Connection& connection_;
  };

  // What the front uses -----------------------------------------------------------------------------------------------

  void begin(Connections::iterator place);
  std::chrono::nanoseconds deadline() const { return deadline_; }
  Connections::iterator place() const { return place_; }
  /// The list of which phase it stands in.
  Phase current_list() const { return listed_; }
  void late();
  /// Says this and hears nothing.
  void refuse(std::string_view reply);
  /// The server stops.
  void stop();
  void close();

 private:
  void readable() override;
  void writable() override;
  void take(std::string_view bytes);
  void take_plain(std::string_view bytes);
  void choose_protocol(std::string_view bytes);
  void become_http1(std::string_view bytes);
  void refuse_http2();
  void send_raw(std::string_view bytes);
  void all_sent();
  void list();
  void count();

  Front& front_;
  std::unique_ptr<io::Socket> socket_;
  std::unique_ptr<io::TlsSession> tls_;
  std::unique_ptr<Protocol> protocol_;
  std::string peer_;
  std::string opening_;  ///< first bytes, while they do not yet tell the protocol
  std::string unsent_;   ///< from `sent_bytes_` on: what the kernel did not take yet
  std::size_t sent_bytes_ = 0;
  std::size_t counted_bytes_ = 0;
  Connections::iterator place_;
  std::chrono::nanoseconds deadline_{};
  Phase phase_ = Phase::idle;
  Phase listed_ = Phase::idle;
  std::uint32_t entries_ = 0;
  bool paused_ = false;
  bool finishing_ = false;
  bool lingers_ = false;
  bool closed_ = false;
};

}  // namespace sluice::aws::http
