#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "doors/aws/http/exchange.h"
#include "doors/aws/http/faults.h"
#include "doors/aws/http/protocol.h"

namespace sluice::aws::http {

class Connection;

/// HTTP/1.1 on one connection: one request after another, each answered before the next begins; what is pipelined waits
/// in the buffer.
class Http1 final : public Protocol {
 public:
  explicit Http1(Connection& connection) : connection_(connection) {}
  ~Http1() override;

  void received(std::string_view bytes) override;
  void sent() override;
  void late(Phase phase) override;
  bool stop() override;

 private:
  void wait_behind(std::string_view bytes);
  void step();
  bool read_on(std::string& replies);
  bool wait_for_more(std::string& replies);
  bool begin(std::string& replies);
  bool prepare(std::string& replies);
  bool inflate(std::string& replies);
  void start_answer();
  static void ended(Exchange& exchange);
  void answered();
  void reply(std::string& replies);
  void refuse(const Fault& fault, std::string& replies);
  void answer_fault(const Fault& fault, std::string& replies);
  void next();
  void count();
  void log_answer() const;

  Connection& connection_;
  std::unique_ptr<Exchange> exchange_;
  std::string ahead_;                ///< what came while an answer is under way
  std::size_t body_seen_bytes_ = 0;  ///< when the body's deadline was last set
  bool busy_ = false;                ///< an answer is under way
  bool stepping_ = false;
  bool continued_ = false;  ///< "100 Continue" was said for this request
  bool paused_ = false;
  bool closes_ = false;  ///< no more requests after this one
  bool lingers_ = false;
};

}  // namespace sluice::aws::http
