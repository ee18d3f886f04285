// One load on one SQS server: what a request costs the server in CPU, how many come through, how long each takes.
// Signing is this program's own work and stands in no number of the server's.
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "bench/flags.h"
#include "bench/http_client.h"
#include "bench/sqs_calls.h"

namespace sluice::bench {
namespace {

constexpr std::string_view usage =
    "bench_load --server HOST:PORT --pid PID --scenario send|send_batch|cycle|cycle_batch [--connections N]\n"
    "           [--body BYTES] [--seconds N] [--warm-up N] [--queues N] [--keys ID:SECRET] [--protocol json|query]\n"
    "scenario fifo_…: the same on FIFO queues, a message group for each connection. Prints one JSON object\n";

constexpr int batch_messages = 10;

struct Options {
  Address server;
  int pid = 0;
  std::string scenario = "send";
  std::size_t connections = 1;
  std::size_t body_bytes = 256;
  double seconds = 4;
  double warm_up_seconds = 1;
  int queues = 1;
  Credentials credentials;
  Protocol protocol = Protocol::json;
};

/// CPU time of another process, all its threads, from the kernel's own accounting in nanoseconds.
double cpu_seconds(int pid) {
  clockid_t clock = 0;
  timespec used{};
  if (pid <= 0 || clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0) {
    return 0;
  }
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

/// Does a batch's reply, of either protocol, name an entry that was refused?
bool entry_failed(std::string_view reply) {
  return reply.find("\"Failed\":[{") != std::string_view::npos ||
         reply.find("<BatchResultErrorEntry>") != std::string_view::npos;
}

/// What was seen since the warm-up ended.
struct Tally {
  std::uint64_t requests = 0;
  std::uint64_t messages = 0;  // sent, or in a cycle deleted
  std::uint64_t empty_receives = 0;
  std::uint64_t failures = 0;
  std::uint64_t out_of_order = 0;
  std::string first_failure;
  std::vector<std::uint32_t> latencies_us;
  Clock::time_point began;
  double cpu_began = 0;
};

/// The requests of one scenario. Each connection goes its own round: send, or send, receive, delete.
class Load {
 public:
  explicit Load(const Options& options)
      : options_(options),
        fifo_(options.scenario.starts_with("fifo_")),
        batch_(options.scenario.ends_with("_batch") ? batch_messages : 1),
        cycle_(options.scenario.find("cycle") != std::string::npos),
        clients_(options.connections),
        bodies_(static_cast<std::size_t>(batch_), std::string(options.body_bytes, 'x')) {
    for (int i = 0; i < options.queues; ++i) {
      queues_.emplace_back(options.server, options.protocol, options.credentials);
      queues_.back().create_queue(
          fmt::format("bench-{}-{}-{}{}", options.scenario, options.body_bytes, i, fifo_ ? ".fifo" : ""));
    }
    prepared_.resize(queues_.size());
  }

  int run() {
    const auto after = [](double seconds) {
      return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    };
    warm_until_ = Clock::now() + after(options_.warm_up_seconds);
    const Clock::time_point end = warm_until_ + after(options_.seconds);
    const bool whole = drive(options_.server, options_.connections, end,
                             [this](std::size_t connection, const Reply* reply, Clock::duration took) {
                               return next(connection, reply, took);
                             });
    report();
    for (SqsCalls& queue : queues_) {
      queue.delete_queue();  // its backlog is not the next load's business
    }
    return whole && tally_.failures == 0 ? 0 : 1;
  }

 private:
  enum class Step { send, receive, remove };
  struct Client {
    Step under_way = Step::send;
    std::uint64_t sent = 0, received = 0;  // of its group, the newest number that anybody was given
  };
  struct Prepared {
    std::string date;
    std::string request;
  };

  std::optional<std::string> next(std::size_t connection, const Reply* reply, Clock::duration took) {
    Client& client = clients_[connection];
    const std::size_t queue = connection % queues_.size();
    if (reply == nullptr) {
      return send(connection, queue);
    }
    if (!measuring_ && Clock::now() >= warm_until_) {
      start_measuring();
    }
    note(client.under_way, *reply, took);
    if (tally_.failures > 100) {
      return std::nullopt;
    }
    if (!cycle_) {
      return send(connection, queue);
    }
    return next_of_cycle(connection, queue, *reply);
  }

  std::optional<std::string> next_of_cycle(std::size_t connection, std::size_t queue, const Reply& reply) {
    Client& client = clients_[connection];
    if (client.under_way == Step::send) {
      client.under_way = Step::receive;
      return queues_[queue].receive(batch_);
    }
    if (client.under_way == Step::receive) {
      const std::vector<std::string> handles = values_of(reply.body, "ReceiptHandle");
      if (!handles.empty()) {
        client.under_way = Step::remove;
        check_order(reply);
        tally_.messages += handles.size();
        return batch_ == 1 ? queues_[queue].remove(handles[0]) : queues_[queue].remove_batch(handles);
      }
      ++tally_.empty_receives;
    }
    client.under_way = Step::send;
    return send(connection, queue);
  }

  /// Messages of a group come in the order of sending: their numbers rise.
  void check_order(const Reply& reply) {
    for (const std::string& body : fifo_ ? values_of(reply.body, "Body") : std::vector<std::string>()) {
      Client& sender = clients_.at(std::strtoull(body.c_str(), nullptr, 10));
      const std::uint64_t number = std::strtoull(body.c_str() + body.find(':') + 1, nullptr, 10);
      tally_.out_of_order += number <= sender.received ? 1 : 0;
      sender.received = number;
    }
  }

  std::string send_ordered(std::size_t connection, SqsCalls& queue) {
    std::vector<SqsCalls::Ordered> messages;
    for (std::string& body : bodies_) {
      const std::string front = fmt::format("{:06}:{:012}:", connection, ++clients_[connection].sent);
      body.replace(0, std::min(front.size(), body.size()), front);
      messages.push_back({body, fmt::format("group-{}", connection)});
    }
    return batch_ == 1 ? queue.send(messages[0]) : queue.send_batch(messages);
  }

  /// The same bytes for every send within a second, so that the client costs little beside the server.
  std::string send(std::size_t connection, std::size_t queue) {
    if (fifo_) {
      return send_ordered(connection, queues_[queue]);
    }
    Prepared& ready = prepared_[queue];
    if (ready.date != amazon_date()) {
      ready.date = amazon_date();
      ready.request = batch_ == 1 ? queues_[queue].send(bodies_[0]) : queues_[queue].send_batch(bodies_);
    }
    return ready.request;
  }

  void start_measuring() {
    measuring_ = true;
    tally_ = {};
    tally_.latencies_us.reserve(1 << 20);
    tally_.began = Clock::now();
    tally_.cpu_began = cpu_seconds(options_.pid);
  }

  void note(Step step, const Reply& reply, Clock::duration took) {
    ++tally_.requests;
    if (step == Step::send && !cycle_) {
      tally_.messages += static_cast<std::uint64_t>(batch_);
    }
    const bool failed = reply.status != 200 || (step != Step::receive && entry_failed(reply.body));
    if (failed) {
      ++tally_.failures;
      if (tally_.first_failure.empty()) {
        tally_.first_failure = fmt::format("{} {}", reply.status, reply.body.substr(0, 300));
      }
    }
    tally_.latencies_us.push_back(
        static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(took).count() / 1000));
  }

  double percentile_us(double share) {
    if (tally_.latencies_us.empty()) {
      return 0;
    }
    const auto place = static_cast<std::size_t>(share * static_cast<double>(tally_.latencies_us.size() - 1));
    const auto at = tally_.latencies_us.begin() + static_cast<std::ptrdiff_t>(place);
    std::nth_element(tally_.latencies_us.begin(), at, tally_.latencies_us.end());
    return *at;
  }

  void report() {
    const double seconds = std::chrono::duration<double>(Clock::now() - tally_.began).count();
    const double cpu_us = (cpu_seconds(options_.pid) - tally_.cpu_began) * 1e6;
    const auto share = [](double whole, std::uint64_t parts) {
      return parts == 0 ? 0 : whole / static_cast<double>(parts);
    };
    fmt::print(
        "{{\"scenario\":\"{}\",\"connections\":{},\"body_bytes\":{},\"seconds\":{:.3f},\"operations\":{},"
        "\"messages\":{},\"operations_per_second\":{:.0f},\"messages_per_second\":{:.0f},"
        "\"cpu_us_per_operation\":{:.2f},\"cpu_us_per_message\":{:.2f},\"cores\":{:.2f},"
        "\"p50_us\":{:.0f},\"p99_us\":{:.0f},\"empty_receives\":{},\"out_of_order\":{},\"failures\":{}}}\n",
        options_.scenario, options_.connections, options_.body_bytes, seconds, tally_.requests, tally_.messages,
        static_cast<double>(tally_.requests) / seconds, static_cast<double>(tally_.messages) / seconds,
        share(cpu_us, tally_.requests), share(cpu_us, tally_.messages), cpu_us / 1e6 / seconds, percentile_us(0.5),
        percentile_us(0.99), tally_.empty_receives, tally_.out_of_order, tally_.failures);
    if (tally_.failures > 0) {
      fmt::print(stderr, "bench: {} refusals, the first: {}\n", tally_.failures, tally_.first_failure);
    }
  }

  Options options_;
  bool fifo_;
  int batch_;
  bool cycle_;
  std::vector<SqsCalls> queues_;
  std::vector<Client> clients_;
  std::vector<Prepared> prepared_;
  std::vector<std::string> bodies_;
  bool measuring_ = false;
  Clock::time_point warm_until_;
  Tally tally_;
};

Options read_options(int count, char** words) {
  Flags flags(count, words);
  Options options;
  options.server = parse_address(flags.take("--server", "missing"));
  options.pid = std::stoi(flags.take("--pid", "0"));
  options.scenario = flags.take("--scenario", options.scenario);
  options.connections = std::stoul(flags.take("--connections", "1"));
  options.body_bytes = std::stoul(flags.take("--body", "256"));
  options.seconds = std::stod(flags.take("--seconds", "4"));
  options.warm_up_seconds = std::stod(flags.take("--warm-up", "1"));
  options.queues = std::stoi(flags.take("--queues", "1"));
  const std::string keys = flags.take("--keys", "");
  options.credentials.id = keys.substr(0, keys.find(':'));
  options.credentials.secret = keys.substr(keys.find(':') + 1);
  options.protocol = flags.take("--protocol", "json") == "query" ? Protocol::query : Protocol::json;
  if (!flags.understood()) {
    fmt::print(stderr, "{}", usage);
    std::exit(2);
  }
  return options;
}

}  // namespace
}  // namespace sluice::bench

int main(int count, char** words) { return sluice::bench::Load(sluice::bench::read_options(count, words)).run(); }
