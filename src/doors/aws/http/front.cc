#include "doors/aws/http/front.h"

#include <malloc.h>

#include <ctime>

#include "base/log.h"
#include "doors/aws/http/faults.h"
#include "doors/aws/http/reply.h"
#include "io/asio_loop.h"

namespace sluice::aws::http {
namespace {

constexpr std::size_t kept_texts_max = 16;
constexpr std::uint64_t warnings_per_second_max = 10;  // per core
// Beyond connections_max: those who are being told so.
constexpr std::size_t refused_connections_max = 256;
// So much must have been freed, and so long since the last time, before memory is given back to the system.
constexpr std::size_t freed_bytes_min = 8U << 20;
constexpr Milliseconds give_back_time{2'000};
constexpr std::chrono::nanoseconds no_deadline = std::chrono::nanoseconds::max();

// RFC 9110 §5.6.7, in English whatever the locale.
std::string date_of(std::int64_t second) {
  constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t time = second;
  std::tm utc{};
  gmtime_r(&time, &utc);
  char text[64];
  const int size =
      std::snprintf(text, sizeof text, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n", days[utc.tm_wday], utc.tm_mday,
                    months[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
  return std::string(text, static_cast<std::size_t>(size));
}

}  // namespace

Front::Front(const House& house, std::size_t core, io::AsioLoop& loop, Service& service, std::uint64_t seed)
    : house_(house),
      loop_(loop),
      service_(service),
      gauges_(house.gauges->core(core)),
      random_(seed),
      scratch_(std::make_unique<char[]>(receive_bytes)) {
  times_.fill(no_deadline);
  const auto set = [this](Phase phase, Milliseconds time) { times_[static_cast<std::size_t>(phase)] = time; };
  set(Phase::idle, house_.limits.idle_time);
  set(Phase::head, house_.limits.head_time);
  set(Phase::body, house_.limits.body_time);
  set(Phase::writing, house_.limits.write_time);
  set(Phase::lingering, house_.limits.linger_time);
}

Front::~Front() = default;

io::Outcome<io::Endpoint> Front::listen(const io::Endpoint& endpoint) {
  auto listener =
      io::listen(loop_, endpoint, [this](std::unique_ptr<io::Socket> socket) { accepted(std::move(socket)); });
  if (!listener) {
    return std::unexpected(listener.error());
  }
  listeners_.push_back(std::move(*listener));
  return listeners_.back()->endpoint();
}

void Front::accepted(std::unique_ptr<io::Socket> socket) {
  const std::uint64_t there = house_.gauges->sum(&CoreGauges::connections);
  if (there >= house_.limits.connections_max + refused_connections_max) {
    return;  // too many even to be told so
  }
  CoreGauges::add(gauges_.connections, 1);
  auto& idle = connections_[static_cast<std::size_t>(Phase::idle)];
  idle.push_back(std::make_unique<Connection>(*this, std::move(socket)));
  Connection& fresh = *idle.back();
  fresh.begin(std::prev(idle.end()));
  watch_the_late();
  if (there >= house_.limits.connections_max) {
    std::string refusal;
    write_fault(refusal, too_many_connections, make_request_id(), date_line());
    fresh.refuse(refusal);
  }
}

std::chrono::nanoseconds Front::place(Connection& connection, Phase phase) {
  auto& from = connections_[static_cast<std::size_t>(connection.current_list())];
  auto& to = connections_[static_cast<std::size_t>(phase)];
  to.splice(to.end(), from, connection.place());
  const auto time = times_[static_cast<std::size_t>(phase)];
  return time == no_deadline ? no_deadline : now() + time;
}

void Front::drop(Connection& connection) {
  CoreGauges::add(gauges_.connections, -1);
  connections_[static_cast<std::size_t>(connection.current_list())].erase(connection.place());
  stop_if_idle();
}

// In each phase all have the same time, so the first of its list is the first to be late.
void Front::sweep() {
  const auto at = now();
  for (Connections& list : connections_) {
    while (!list.empty() && list.front()->deadline() <= at) {
      list.front()->late();
    }
  }
  sweeping_ = 0;
  give_memory_back();
  watch_the_late();
}

// The allocator keeps what large requests took for the next ones; once those are over, the system gets it.
void Front::give_memory_back() {
  const auto at = now();
  const bool calm = gauges_.buffered_bytes.load(std::memory_order_relaxed) < freed_bytes_min;
  if (freed_bytes_ >= freed_bytes_min && calm && at >= given_back_ + give_back_time) {
    malloc_trim(0);
    freed_bytes_ = 0;
    given_back_ = at;
  }
}

void Front::watch_the_late() {
  bool any = false;
  for (const Connections& list : connections_) {
    any = any || !list.empty();
  }
  if ((any || freed_bytes_ >= freed_bytes_min) && sweeping_ == 0) {
    sweeping_ = loop_.after(sweep_time, [this] { sweep(); });
  }
}

void Front::stop(std::function<void()> done) {
  listeners_.clear();
  stopped_ = std::move(done);
  loop_.after(house_.limits.stop_time, [this] {
    for (Connections& list : connections_) {
      while (!list.empty()) {
        const Connection::Entered entered(*list.front());
        list.front()->close();
      }
    }
  });
  for (Connections& list : connections_) {
    for (auto at = list.begin(); at != list.end();) {
      Connection& connection = **at++;  // which may leave the list
      connection.stop();
    }
  }
  stop_if_idle();
}

void Front::stop_if_idle() {
  if (!stopped_) {
    return;
  }
  for (const Connections& list : connections_) {
    if (!list.empty()) {
      return;
    }
  }
  loop_.post(std::exchange(stopped_, nullptr));
}

bool Front::admits(std::size_t bytes) const {
  return house_.gauges->sum(&CoreGauges::buffered_bytes) + bytes <= house_.limits.buffered_bytes_max;
}

bool Front::may_warn() {
  const std::int64_t second = now() / Seconds(1);
  if (second != warned_second_) {
    if (warnings_ > warnings_per_second_max) {
      log(LogLevel::warning,
          std::to_string(warnings_ - warnings_per_second_max) + " more failed answers were not logged");
    }
    warned_second_ = second;
    warnings_ = 0;
  }
  return ++warnings_ <= warnings_per_second_max;
}

std::string_view Front::date_line() {
  const std::int64_t second = to_milliseconds(house_.clock->wall()) / 1000;
  if (second != date_second_) {
    date_second_ = second;
    date_line_ = date_of(second);
  }
  return date_line_;
}

std::unique_ptr<Exchange> Front::take_exchange() {
  if (exchanges_.empty()) {
    auto fresh = std::make_unique<Exchange>(house_.limits.request);
    fresh->front = this;
    return fresh;
  }
  std::unique_ptr<Exchange> kept = std::move(exchanges_.back());
  exchanges_.pop_back();
  return kept;
}

void Front::give_back(std::unique_ptr<Exchange> exchange) {
  CoreGauges::add(gauges_.buffered_bytes, -static_cast<std::int64_t>(exchange->counted_bytes));
  exchange->counted_bytes = 0;
  if (exchanges_.size() >= kept_exchanges_max || exchange->input.capacity() > kept_buffer_bytes_max) {
    freed_bytes_ += exchange->input.capacity() + exchange->inflated.capacity();
    return;
  }
  exchange->clear();
  exchanges_.push_back(std::move(exchange));
}

void Front::adopt(std::unique_ptr<Exchange> exchange) {
  exchange->owner = nullptr;
  orphans_.push_back(std::move(exchange));
}

void Front::orphan_ended(Exchange& exchange) {
  for (auto& orphan : orphans_) {
    if (orphan.get() == &exchange) {
      std::swap(orphan, orphans_.back());
      std::unique_ptr<Exchange> ended = std::move(orphans_.back());
      orphans_.pop_back();
      give_back(std::move(ended));
      return;
    }
  }
}

std::string Front::take_text() {
  if (texts_.empty()) {
    return {};
  }
  std::string text = std::move(texts_.back());
  texts_.pop_back();
  return text;
}

void Front::give_text(std::string text) {
  if (texts_.size() < kept_texts_max && text.capacity() <= kept_buffer_bytes_max) {
    text.clear();
    texts_.push_back(std::move(text));
  }
}

}  // namespace sluice::aws::http
