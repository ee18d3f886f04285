#include "doors/aws/http/http1.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "doors/aws/http/connection.h"
#include "doors/aws/http/front.h"
#include "doors/aws/http/reply.h"
#include "io/asio_loop.h"
#include "wire/gzip.h"

namespace sluice::aws::http {
namespace {

constexpr std::string_view methods[] = {"POST", "GET", "HEAD", "PUT", "DELETE", "PATCH"};
constexpr std::string_view allowed = "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS";

// Ours, not the client's: 501 and 505 answer what nobody can serve.
bool is_failure(std::uint16_t status) { return status >= 500 && status != 501 && status != 505; }

void count_outcome(CoreGauges& gauges, std::uint16_t status) {
  if (status >= 400) {
    CoreGauges::add(is_failure(status) ? gauges.failures : gauges.refusals, 1);
  }
}

Running run(Task<wire::HttpResponse> task, Exchange& exchange) { exchange.response = co_await task; }

}  // namespace

Http1::~Http1() {
  if (!exchange_) {
    return;
  }
  Front& front = connection_.front();
  if (busy_ && exchange_->visit.call.ticket == 0) {
    front.adopt(std::move(exchange_));
    return;
  }
  if (busy_) {
    front.service().cancel(exchange_->visit);
  }
  front.give_back(std::move(exchange_));
}

void Http1::received(std::string_view bytes) {
  if (busy_) {
    wait_behind(bytes);
    return;
  }
  if (!exchange_) {
    exchange_ = connection_.front().take_exchange();
    exchange_->owner = this;
  }
  exchange_->input.append(bytes);
  count();
  step();
}

// The request under way is views into `input`, which must not move until it is answered.
void Http1::wait_behind(std::string_view bytes) {
  ahead_.append(bytes);
  count();
  const std::size_t rest = exchange_->input.size() - exchange_->reader.used();
  if (rest + ahead_.size() > connection_.front().limits().pipelined_bytes_max) {
    paused_ = true;
    connection_.pause();
  }
}

void Http1::sent() {
  if (!busy_ && exchange_) {
    step();
  } else if (!busy_) {
    connection_.enter(Phase::idle);
  }
}

// Reads, begins and answers requests until one must be waited for: more of its bytes, its answer, or the client's
// taking of what was answered.
void Http1::step() {
  stepping_ = true;
  std::string replies = connection_.front().take_text();
  while (read_on(replies)) {
  }
  stepping_ = false;
  if (!replies.empty()) {
    connection_.send(replies);
  }
  connection_.front().give_text(std::move(replies));
  if (closes_ && !busy_) {
    connection_.finish(lingers_);
  } else if (paused_ && !busy_) {
    paused_ = false;
    connection_.resume();
  }
}

bool Http1::read_on(std::string& replies) {
  if (closes_ || !exchange_) {
    return false;
  }
  if (connection_.unsent_bytes() + replies.size() > connection_.front().limits().unsent_bytes_max) {
    if (connection_.unsent_bytes() == 0) {
      connection_.send(replies);
      replies.clear();
      return connection_.unsent_bytes() == 0 && !connection_.finished();
    }
    return false;  // `sent` goes on
  }
  Exchange& exchange = *exchange_;
  std::size_t size = exchange.input.size();
  const wire::HttpReader::Progress progress = exchange.reader.advance(exchange.input.data(), size);
  if (size != exchange.input.size()) {
    exchange.input.resize(size);
  }
  switch (progress) {
    case wire::HttpReader::Progress::failed:
      refuse(fault_of(exchange.reader.fault()), replies);
      return false;
    case wire::HttpReader::Progress::more:
      return wait_for_more(replies);
    case wire::HttpReader::Progress::whole:
      break;
  }
  if (!begin(replies)) {
    return !closes_ && !busy_;
  }
  start_answer();
  if (busy_) {
    connection_.enter(Phase::busy);
    return false;
  }
  reply(replies);
  return true;
}

bool Http1::wait_for_more(std::string& replies) {
  Exchange& exchange = *exchange_;
  Front& front = connection_.front();
  count();
  if (!exchange.reader.has_head()) {
    if (connection_.current_list() != Phase::head || exchange.fresh) {
      exchange.fresh = false;
      connection_.enter(Phase::head);
    }
    return false;
  }
  if (!front.admits(exchange.reader.missing_bytes())) {
    refuse(buffers_full, replies);
    return false;
  }
  if (exchange.reader.wants_continue() && !continued_) {
    continued_ = true;
    replies.append("HTTP/1.1 100 Continue\r\n\r\n");
  }
  const std::size_t have = exchange.input.size();
  if (connection_.current_list() != Phase::body || have >= body_seen_bytes_ + front.limits().body_step_bytes) {
    body_seen_bytes_ = have;
    connection_.enter(Phase::body);
  }
  return false;
}

// A request is whole. False: it was answered here, without the service.
bool Http1::begin(std::string& replies) {
  Exchange& exchange = *exchange_;
  Front& front = connection_.front();
  exchange.reader.give(exchange.input.data(), exchange.request);
  exchange.visit.call = {};
  exchange.visit.call.request_id = front.make_request_id();
  CoreGauges::add(front.gauges().requests, 1);
  if (log_enabled(LogLevel::debug)) {
    exchange.began = front.now();
  }
  closes_ = !exchange.reader.keeps_alive() || front.stopping();
  if (!front.admits(0)) {
    refuse(buffers_full, replies);
    return false;
  }
  return prepare(replies);
}

bool Http1::prepare(std::string& replies) {
  Exchange& exchange = *exchange_;
  const wire::HttpRequest& request = exchange.request;
  const Cors& cors = connection_.front().cors();
  const wire::HttpHeader* origin = request.find("Origin");
  if (origin != nullptr && cors.refuses_others && !allows(cors, origin->value)) {
    answer_fault(foreign_origin, replies);
    return false;
  }
  if (request.method == "OPTIONS") {
    exchange.response = {.status = 204, .body = {}, .header_lines = {}};
    exchange.response.add_header("Allow", allowed);
    if (origin != nullptr && allows(cors, origin->value)) {
      allow_sending(exchange.response, request, allowed);
    }
    reply(replies);
    return false;
  }
  if (std::find(std::begin(methods), std::end(methods), request.method) == std::end(methods)) {
    answer_fault(method_not_allowed, replies);
    return false;
  }
  if (request.path == "*") {
    answer_fault(malformed_request, replies);
    return false;
  }
  if (!inflate(replies)) {
    return false;
  }
  Visit& visit = exchange.visit;
  visit.peer = connection_.peer();
  visit.secure = connection_.secure();
  visit.buffered_bytes = exchange.counted_bytes;
  visit.call.endpoint = endpoint_of(connection_.front().origin(), request, visit.peer, visit.secure, "localhost");
  Client client = client_of(connection_.front().origin(), request, visit.peer, visit.secure);
  visit.call.address = std::move(client.address);
  visit.call.secure = client.secure;
  visit.call.trace_header = request.header("X-Amzn-Trace-Id");
  return true;
}

bool Http1::inflate(std::string& replies) {
  Exchange& exchange = *exchange_;
  const std::string_view coding = exchange.request.header("Content-Encoding");
  if (coding.empty() || wire::equal_ignoring_case(coding, "identity")) {
    return true;
  }
  if (!wire::equal_ignoring_case(coding, "gzip") && !wire::equal_ignoring_case(coding, "x-gzip")) {
    answer_fault(unknown_content_encoding, replies);
    return false;
  }
  const std::size_t bytes_max = connection_.front().limits().request.body_bytes_max;
  const wire::GzipFault fault = wire::gunzip(exchange.request.sent_body, bytes_max, exchange.inflated);
  if (fault != wire::GzipFault::none) {
    answer_fault(fault_of(fault), replies);
    return false;
  }
  exchange.request.body = exchange.inflated;
  count();
  return true;
}

void Http1::start_answer() {
  busy_ = true;
  Exchange& exchange = *exchange_;
  exchange.running = run(connection_.front().service().answer(exchange.request, exchange.visit), exchange);
  exchange.running.go(exchange, &Http1::ended);
}

void Http1::ended(Exchange& exchange) {
  if (exchange.owner == nullptr) {
    exchange.front->orphan_ended(exchange);
  } else {
    exchange.owner->answered();
  }
}

void Http1::answered() {
  busy_ = false;
  if (stepping_) {
    return;  // it was answered at once: start_answer's caller goes on
  }
  const Connection::Entered entered(connection_);
  std::string replies = connection_.front().take_text();
  reply(replies);
  connection_.send(replies);
  connection_.front().give_text(std::move(replies));
  if (connection_.finished()) {
    return;
  }
  if (closes_) {
    connection_.finish(lingers_);
  } else if (exchange_) {
    connection_.call_soon();  // not from here: its answer could give another connection's, and so on down the stack
  } else if (paused_) {
    paused_ = false;
    connection_.resume();
  }
}

// Appends the answer and makes ready for the next request.
void Http1::reply(std::string& replies) {
  Exchange& exchange = *exchange_;
  Front& front = connection_.front();
  closes_ = closes_ || front.stopping();
  count_outcome(front.gauges(), exchange.response.status);
  if (const wire::HttpHeader* origin = exchange.request.find("Origin")) {
    if (allows(front.cors(), origin->value)) {
      allow_reading(exchange.response, origin->value);
    }
  }
  write_reply(replies, exchange.response,
              {.request_id = exchange.visit.call.request_id,
               .date_line = front.date_line(),
               .head_only = exchange.request.method == "HEAD",
               .close = closes_,
               .keep_alive = !closes_ && exchange.request.minor_version == 0});
  log_answer();
  next();
}

// The connection cannot go on after this.
void Http1::refuse(const Fault& fault, std::string& replies) {
  Front& front = connection_.front();
  const std::string request_id = front.make_request_id();
  count_outcome(front.gauges(), fault.status);
  if (log_enabled(LogLevel::debug)) {
    log(LogLevel::debug, fmt::format("{} {} {}", connection_.peer(), fault.status, fault.message), request_id);
  }
  write_fault(replies, fault, request_id, front.date_line());
  closes_ = lingers_ = true;
  front.give_back(std::move(exchange_));
}

void Http1::answer_fault(const Fault& fault, std::string& replies) {
  exchange_->response = response_of(fault);
  reply(replies);
}

void Http1::next() {
  Exchange& exchange = *exchange_;
  continued_ = false;
  body_seen_bytes_ = 0;
  const std::size_t used = exchange.reader.used();
  const std::string ahead = std::exchange(ahead_, {});
  if ((used == exchange.input.size() && ahead.empty()) || closes_) {
    connection_.front().give_back(std::move(exchange_));
    connection_.enter(Phase::idle);
    return;
  }
  exchange.running.drop();
  exchange.inflated = {};
  exchange.reader.reset();
  exchange.input.erase(0, used);
  exchange.input.append(ahead);
  exchange.fresh = true;
  count();
}

void Http1::late(Phase) {
  std::string replies;
  refuse(request_timeout, replies);
  connection_.send(replies);
  connection_.finish(true);
}

bool Http1::stop() { return !exchange_; }

void Http1::count() {
  Exchange& exchange = *exchange_;
  const std::size_t bytes = exchange.input.size() + ahead_.size() + exchange.inflated.size();
  CoreGauges::add(connection_.front().gauges().buffered_bytes,
                  static_cast<std::int64_t>(bytes) - static_cast<std::int64_t>(exchange.counted_bytes));
  exchange.counted_bytes = bytes;
}

// Method, path and outcome only: bodies, queries and headers may hold secrets.
void Http1::log_answer() const {
  const Exchange& exchange = *exchange_;
  const LogLevel level = is_failure(exchange.response.status) ? LogLevel::warning : LogLevel::debug;
  if (!log_enabled(level) || (level == LogLevel::warning && !connection_.front().may_warn())) {
    return;
  }
  const wire::HttpRequest& request = exchange.request;
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(connection_.front().now() - exchange.began);
  const std::string timing = exchange.began.count() > 0 ? fmt::format(" in {} us", took.count()) : std::string();
  log(level,
      fmt::format("{} {} {} {} -> {}{}", connection_.peer(), request.method, request.path,
                  request.header("X-Amz-Target"), exchange.response.status, timing),
      exchange.visit.call.request_id);
}

}  // namespace sluice::aws::http
