#include "doors/aws/http/connection.h"

#include "base/log.h"
#include "doors/aws/http/front.h"
#include "doors/aws/http/http1.h"
#include "doors/aws/http/limits.h"

namespace sluice::aws::http {
namespace {

constexpr char tls_handshake = 0x16;  // RFC 8446 §5.1: the type of the first record
// RFC 9113 §3.4: what a client with prior knowledge of HTTP/2 sends first.
constexpr std::string_view http2_preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
// An empty SETTINGS frame, then GOAWAY (last stream 0, error 0xd HTTP_1_1_REQUIRED): RFC 9113 §6.5, §6.8, §7.
constexpr std::string_view http2_refusal(
    "\0\0\0\4\0\0\0\0\0"
    "\0\0\10\7\0\0\0\0\0"
    "\0\0\0\0\0\0\0\15",
    26);
// RFC 8446 §6: a fatal alert, handshake_failure, to a client that speaks TLS where none is configured.
constexpr std::string_view tls_refusal("\25\3\1\0\2\2\50", 7);

}  // namespace

Connection::Entered::~Entered() {
  if (--connection_.entries_ == 0 && connection_.closed_) {
    connection_.front_.drop(connection_);
  }
}

Connection::Connection(Front& front, std::unique_ptr<io::Socket> socket)
    : front_(front), socket_(std::move(socket)), peer_(socket_->peer()) {
  socket_->use(*this);
}

Connection::~Connection() {
  CoreGauges::add(front_.gauges().buffered_bytes, -static_cast<std::int64_t>(counted_bytes_));
}

void Connection::begin(Connections::iterator place) {
  place_ = place;
  enter(Phase::idle);
  socket_->watch_readable();
}

void Connection::readable() {
  const Entered entered(*this);
  if (closed_) {
    return;
  }
  const io::Socket::Received got = socket_->receive(front_.scratch(), receive_bytes);
  if (got.ended) {
    close();
    return;
  }
  if (got.bytes > 0 && !finishing_) {
    take({front_.scratch(), got.bytes});
  }
  if (!closed_ && !paused_) {
    socket_->watch_readable();
  }
}

void Connection::take(std::string_view bytes) {
  if (!protocol_ && !tls_ && opening_.empty() && bytes[0] == tls_handshake) {
    if (front_.tls() == nullptr) {
      send_raw(tls_refusal);
      finish(true);
      return;
    }
    tls_ = std::make_unique<io::TlsSession>(*front_.tls());
    enter(Phase::head);
  }
  if (!tls_) {
    take_plain(bytes);
    return;
  }
  std::string plain = front_.take_text();
  std::string answer = front_.take_text();
  const bool good = tls_->receive(bytes, plain, answer);
  if (!answer.empty()) {
    send_raw(answer);
  }
  front_.give_text(std::move(answer));
  if (!plain.empty()) {
    take_plain(plain);
  }
  front_.give_text(std::move(plain));
  if (!good && !finishing_) {
    close();
  }
}

void Connection::take_plain(std::string_view bytes) {
  if (finished()) {
    return;
  }
  if (protocol_) {
    protocol_->received(bytes);
  } else {
    choose_protocol(bytes);
  }
}

void Connection::choose_protocol(std::string_view bytes) {
  opening_.append(bytes.substr(0, http2_preface.size()));
  const std::string_view seen = std::string_view(opening_).substr(0, http2_preface.size());
  if (http2_preface.starts_with(seen)) {
    if (seen.size() == http2_preface.size()) {
      refuse_http2();
    } else {
      enter(Phase::head);
    }
    return;
  }
  // Only a first piece that could have been the preface was held back; the usual first bytes pass straight on.
  opening_.resize(opening_.size() - std::min(bytes.size(), http2_preface.size()));
  become_http1(bytes);
}

// `opening_` holds what came before `bytes` and was held back.
void Connection::become_http1(std::string_view bytes) {
  protocol_ = std::make_unique<Http1>(*this);
  const std::string first = std::exchange(opening_, {}).append(bytes);
  protocol_->received(first);
}

void Connection::refuse_http2() {
  send(http2_refusal);
  finish(true);
}

void Connection::send(std::string_view bytes) {
  if (!tls_) {
    send_raw(bytes);
    return;
  }
  std::string sealed = front_.take_text();
  tls_->send(bytes, sealed);
  send_raw(sealed);
  front_.give_text(std::move(sealed));
}

void Connection::send_raw(std::string_view bytes) {
  if (closed_) {
    return;
  }
  if (unsent_.empty()) {
    const std::optional<std::size_t> sent = socket_->send(bytes);
    if (!sent) {
      close();
      return;
    }
    bytes.remove_prefix(*sent);
  }
  if (!bytes.empty()) {
    unsent_.append(bytes);
    count();
    list();
    socket_->watch_writable();
  }
}

void Connection::writable() {
  const Entered entered(*this);
  if (closed_) {
    return;
  }
  if (unsent_.empty()) {
    all_sent();  // somebody asked for `soon`
    return;
  }
  const std::optional<std::size_t> sent = socket_->send(std::string_view(unsent_).substr(sent_bytes_));
  if (!sent) {
    close();
    return;
  }
  sent_bytes_ += *sent;
  if (sent_bytes_ < unsent_.size()) {
    if (*sent > 0) {
      deadline_ = front_.place(*this, listed_);  // progress: a new deadline
    }
    socket_->watch_writable();
    return;
  }
  unsent_ = {};
  sent_bytes_ = 0;
  count();
  list();
  all_sent();
}

void Connection::all_sent() {
  if (finishing_) {
    finish(lingers_);
  } else if (protocol_) {
    protocol_->sent();
  }
}

void Connection::resume() {
  paused_ = false;
  if (!closed_) {
    socket_->watch_readable();
  }
}

void Connection::finish(bool linger) {
  finishing_ = true;
  lingers_ = linger;
  if (closed_ || !unsent_.empty()) {
    return;
  }
  if (tls_) {
    std::string last;
    tls_->end(last);
    socket_->send(last);
  }
  if (!linger) {
    close();
    return;
  }
  if (phase_ != Phase::lingering) {
    socket_->end_sending();
    enter(Phase::lingering);
    resume();
  }
}

void Connection::late() {
  const Entered entered(*this);
  const Phase late_in = listed_;
  if (!protocol_ && !opening_.empty() && !finishing_) {
    become_http1({});  // what came was too little to tell; HTTP/1.1 has words for that
  }
  const bool asks = protocol_ != nullptr && (late_in == Phase::head || late_in == Phase::body);
  if (asks && !finishing_) {
    protocol_->late(late_in);
  }
  if (!closed_ && listed_ == late_in) {
    close();
  }
}

void Connection::refuse(std::string_view reply) {
  const Entered entered(*this);
  send_raw(reply);
  finish(true);
}

void Connection::stop() {
  const Entered entered(*this);
  if (!paused_) {
    readable();  // a request may be here already, unread
  }
  if (!closed_ && !finishing_ && (protocol_ == nullptr || protocol_->stop()) && unsent_.empty()) {
    close();
  }
}

void Connection::close() {
  if (!closed_) {
    closed_ = true;
    const Entered entered(*this);  // the protocol may be the caller: it goes when the last entry ends
    socket_.reset();
  }
}

void Connection::enter(Phase phase) {
  phase_ = phase;
  list();
}

void Connection::list() {
  const Phase next = phase_ != Phase::lingering && !unsent_.empty() ? Phase::writing : phase_;
  if (next == Phase::writing && listed_ == Phase::writing) {
    return;  // only progress in sending gives more time
  }
  deadline_ = front_.place(*this, next);
  listed_ = next;
}

void Connection::count() {
  CoreGauges::add(front_.gauges().buffered_bytes,
                  static_cast<std::int64_t>(unsent_.size()) - static_cast<std::int64_t>(counted_bytes_));
  counted_bytes_ = unsent_.size();
}

}  // namespace sluice::aws::http
