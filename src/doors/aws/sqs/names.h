#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "doors/aws/partition.h"

namespace sluice::sqs {

/// Which queue: the three things that make its ARN. Queues of the same name in two regions or accounts are two queues.
struct QueueName {
  std::string region;
  std::string account;
  std::string name;

  /// `arn:{partition}:sqs:{region}:{account}:{name}`: also the name of the queue's machine.
  std::string arn() const;
  bool fifo() const { return std::string_view(name).ends_with(".fifo"); }
  bool operator==(const QueueName&) const = default;
};

using aws::partition_of;

/// 1 to 80 of A–Z a–z 0–9 - _; FIFO names end in `.fifo`, which counts.
bool valid_queue_name(std::string_view name);

/// nullopt unless it is the ARN of a queue: six parts, service sqs, a region, a 12-digit account, a valid name.
std::optional<QueueName> parse_arn(std::string_view arn);

/// Reads a queue's URL, bare name or ARN. Scheme, host and port are ignored, save for a region in the host: clients
/// send the URL that they were once given by whatever host name (spec: Queue URLs). `region` and `account` are the
/// caller's, for the forms that lack them. nullopt when it names no queue.
std::optional<QueueName> parse_queue_url(std::string_view url, std::string_view region, std::string_view account);

/// How the URLs that we give are written; all of them are read. {endpoint}/{account}/{name}, and before that:
enum class UrlForm : std::uint8_t {
  plain,     ///< nothing
  standard,  ///< "sqs.{region}." before the host, as AWS does
  domain,    ///< "{region}.queue." before the host, "queue." for us-east-1: AWS's older ones
  path,      ///< "/queue/{region}" behind the host
};
/// Nothing is put before a host that is an address, or that has it already.
std::string queue_url(std::string_view endpoint, const QueueName& queue, UrlForm form);

/// The prefix of the names of all queues of one account and region.
std::string arn_prefix(std::string_view region, std::string_view account);

}  // namespace sluice::sqs
