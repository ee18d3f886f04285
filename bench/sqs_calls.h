#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bench/http_client.h"
#include "bench/signature.h"

namespace sluice::bench {

enum class Protocol { json, query };

/// Writes whole HTTP requests for one server and one queue. One thread.
class SqsCalls {
 public:
  /// With an empty access key the requests carry no signature.
  SqsCalls(Address address, Protocol protocol, Credentials credentials);

  /// Makes the queue and remembers its URL; a FIFO queue when the name ends in .fifo. Ends the program when the server
  /// refuses.
  void create_queue(std::string_view name);
  void delete_queue();
  const std::string& queue_url() const { return queue_url_; }
  void use_queue_url(std::string url) { queue_url_ = std::move(url); }

  std::string send(std::string_view body);
  std::string send_batch(const std::vector<std::string>& bodies, int delay_seconds = 0);
  /// To a FIFO queue: each message with a group, and an id never used before.
  struct Ordered {
    std::string_view body;
    std::string group;
  };
  std::string send(const Ordered& message);
  std::string send_batch(const std::vector<Ordered>& messages);
  /// `visibility_seconds` below zero: the queue's own.
  std::string receive(int messages_max, int visibility_seconds = -1, int wait_seconds = 0);
  std::string remove(std::string_view handle);
  std::string remove_batch(const std::vector<std::string>& handles);

 private:
  std::string request(std::string_view operation, const std::string& body);
  std::string members(const Ordered& message);
  /// The same as form fields, each name with `entry` before it.
  std::string form_members(const Ordered& message, const std::string& entry);

  Address address_;
  Protocol protocol_;
  bool signs_;
  Signer signer_;
  std::string queue_url_;
  std::string id_prefix_;
  std::uint64_t ids_ = 0;
};

/// Every value of a member in a reply of either protocol, in order, such as each "ReceiptHandle". Values with escapes
/// come as they stand.
std::vector<std::string> values_of(std::string_view reply, std::string_view member);

}  // namespace sluice::bench
