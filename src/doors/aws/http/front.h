#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "doors/aws/http/connection.h"
#include "doors/aws/http/cors.h"
#include "doors/aws/http/exchange.h"
#include "doors/aws/http/gauges.h"
#include "doors/aws/http/limits.h"
#include "doors/aws/http/origin.h"
#include "io/loop.h"
#include "io/socket.h"
#include "io/tls.h"

namespace sluice::aws::http {

/// What the fronts of all cores share; outlives them.
struct House {
  Limits limits;
  Origin origin;
  Gauges* gauges = nullptr;
  const io::Clock* clock = nullptr;
  const io::TlsContext* tls = nullptr;  ///< nullptr: no TLS
  Cors cors = {};
};

/// One core's HTTP: its listeners and connections, their deadlines, and what they share. On that core's thread, except
/// the constructor.
class Front {
 public:
  Front(const House& house, std::size_t core, io::AsioLoop& loop, Service& service, std::uint64_t seed);
  ~Front();
  Front(const Front&) = delete;
  Front& operator=(const Front&) = delete;

  /// Before the loop runs, or on its thread.
  io::Outcome<io::Endpoint> listen(const io::Endpoint& endpoint);
  /// Takes no more connections, finishes what was accepted (at most `stop_time`), then `done`.
  void stop(std::function<void()> done);

  // What connections use ----------------------------------------------------------------------------------------------

  const Limits& limits() const { return house_.limits; }
  const Origin& origin() const { return house_.origin; }
  const Cors& cors() const { return house_.cors; }
  const io::TlsContext* tls() const { return house_.tls; }
  Service& service() { return service_; }
  CoreGauges& gauges() { return gauges_; }
  io::AsioLoop& loop() { return loop_; }
  bool stopping() const { return static_cast<bool>(stopped_); }
  /// Where a received piece lands before it is somebody's.
  char* scratch() { return scratch_.get(); }
  /// Is there room for so many more bytes in the process's buffers?
  bool admits(std::size_t bytes) const;
  std::string make_request_id() { return make_uuid(random_); }
  /// "Date: …\r\n", of this second.
  std::string_view date_line();
  /// A failed answer may be logged: not more than a few a second, since failures come in floods.
  bool may_warn();
  std::chrono::nanoseconds now() const { return house_.clock->monotonic(); }

  std::unique_ptr<Exchange> take_exchange();
  void give_back(std::unique_ptr<Exchange> exchange);
  /// Its client is gone but its answer cannot be stopped: keeps it until then.
  void adopt(std::unique_ptr<Exchange> exchange);
  void orphan_ended(Exchange& exchange);

  /// Empty texts with some room, for the length of a call.
  std::string take_text();
  void give_text(std::string text);

  /// Lists the connection last among those of the phase; when its time there is over.
  std::chrono::nanoseconds place(Connection& connection, Phase phase);
  void drop(Connection& connection);

 private:
  void accepted(std::unique_ptr<io::Socket> socket);
  void sweep();
  void give_memory_back();
  void watch_the_late();
  void stop_if_idle();

  House house_;
  io::AsioLoop& loop_;
  Service& service_;
  CoreGauges& gauges_;
  Random random_;
  std::unique_ptr<char[]> scratch_;
  std::vector<std::string> texts_;
  std::vector<std::unique_ptr<Exchange>> exchanges_;
  std::vector<std::unique_ptr<Exchange>> orphans_;
  std::array<Connections, phases> connections_;
  std::array<std::chrono::nanoseconds, phases> times_;
  std::vector<std::unique_ptr<io::Listener>> listeners_;
  std::function<void()> stopped_;
  io::TimerId sweeping_ = 0;
  std::size_t freed_bytes_ = 0;  ///< of large buffers since memory was last given back
  std::chrono::nanoseconds given_back_{};
  std::int64_t warned_second_ = 0;
  std::uint64_t warnings_ = 0;  ///< wanted in that second
  std::int64_t date_second_ = -1;
  std::string date_line_;
};

}  // namespace sluice::aws::http
