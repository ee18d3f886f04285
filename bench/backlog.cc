// Millions of messages through one queue, each with a number in its body: filled, received without deleting, or
// drained, in batches of ten. Says what came out of order, twice, or not at all. Prints one JSON object.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "bench/flags.h"
#include "bench/http_client.h"
#include "bench/sqs_calls.h"

namespace sluice::bench {
namespace {

constexpr std::string_view usage =
    "bench_backlog --server HOST:PORT --do fill|drain|bounce --count MESSAGES [--connections N] [--body BYTES]\n"
    "              [--delay SECONDS] [--visibility SECONDS] [--deadline SECONDS] [--queue NAME] [--groups N]\n"
    "--groups: a FIFO queue, with so many message groups\n"
    "bounce receives `count` times and deletes nothing; drain expects what a fill of the same `count` sent\n";

constexpr std::size_t batch_messages = 10;
constexpr auto idle_max = std::chrono::seconds(40);  // longer than any visibility timeout used: what is missing is lost
constexpr auto pause_after_slow_down = std::chrono::milliseconds(5);

struct Options {
  Address server;
  std::string work = "fill";
  std::uint64_t count = 0;
  std::size_t connections = 8;
  std::size_t body_bytes = 256;
  int delay_seconds = 0;
  int visibility_seconds = -1;
  int deadline_seconds = 600;
  std::string queue = "backlog";
  std::uint64_t groups = 0;
};

/// Who sent a message and the how-manieth of that sender it is; both stand at the front of the body.
struct Number {
  std::uint32_t producer = 0;
  std::uint32_t place = 0;
};

std::string body_of(Number number, std::size_t bytes) {
  std::string body = fmt::format("{:04}:{:010}:", number.producer, number.place);
  body.resize(std::max(bytes, body.size()), 'x');
  return body;
}

Number number_of(std::string_view body) {
  Number number;
  std::from_chars(body.data(), body.data() + 4, number.producer);
  std::from_chars(body.data() + 5, body.data() + 15, number.place);
  return number;
}

class Backlog {
 public:
  explicit Backlog(const Options& options)
      : options_(options),
        calls_(options.server, Protocol::json, Credentials{}),
        sent_(options.connections),
        consumers_(options.connections, std::vector<std::int64_t>(options.connections, -1)),
        seen_(options.connections, std::vector<bool>(share(0) + batch_messages)) {
    calls_.create_queue(options.groups > 0 ? options.queue + ".fifo" : options.queue);
    if (options.groups > 0) {
      last_of_group_.resize(options.groups, -1);
    }
  }

  int run() {
    const Clock::time_point began = Clock::now();
    const bool whole =
        drive(options_.server, options_.connections, began + std::chrono::seconds(options_.deadline_seconds),
              [this](std::size_t connection, const Reply* reply, Clock::duration) {
                return options_.work == "fill" ? fill(connection, reply) : take(connection, reply);
              });
    const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
    fmt::print(
        "{{\"work\":\"{}\",\"messages\":{},\"distinct\":{},\"seconds\":{:.2f},\"out_of_order\":{},\"twice\":{},"
        "\"empty_receives\":{},\"slow_downs\":{},\"whole\":{}}}\n",
        options_.work, messages_, distinct_, seconds, out_of_order_, messages_ - distinct_, empty_receives_,
        slow_downs_, whole && done());
    return whole && done() ? 0 : 1;
  }

 private:
  /// The part of `count` that is one producer's: all alike, the first one takes the rest.
  std::uint64_t share(std::size_t producer) const {
    const std::uint64_t each = options_.count / options_.connections;
    return producer == 0 ? each + options_.count % options_.connections : each;
  }

  bool done() const { return (options_.work == "drain" ? distinct_ : messages_) >= options_.count; }

  /// Refusals end the run, save "slow down", which is tried again.
  bool refused(const Reply& reply) {
    if (reply.status == 503 || reply.body.find("OverLimit") != std::string_view::npos) {
      ++slow_downs_;
      timespec pause{0, std::chrono::nanoseconds(pause_after_slow_down).count()};
      nanosleep(&pause, nullptr);
      return true;
    }
    if (reply.status != 200 || reply.body.find("\"Failed\":[{") != std::string_view::npos) {
      fmt::print(stderr, "bench: refused: {} {}\n", reply.status, reply.body.substr(0, 300));
      std::exit(1);
    }
    return false;
  }

  /// A group is one producer's, so that its messages have an order.
  std::uint64_t group_of(Number number) const {
    const std::uint64_t each = std::max<std::uint64_t>(1, options_.groups / options_.connections);
    return (number.producer * each + number.place % each) % options_.groups;
  }

  std::optional<std::string> fill(std::size_t connection, const Reply* reply) {
    Sender& sender = sent_[connection];
    if (reply != nullptr && !refused(*reply)) {
      sender.acknowledged = sender.next;
      messages_ += sender.under_way;
      distinct_ = messages_;
    }
    if (sender.acknowledged >= share(connection)) {
      return std::nullopt;
    }
    sender.under_way = std::min<std::uint64_t>(batch_messages, share(connection) - sender.acknowledged);
    sender.next = sender.acknowledged + sender.under_way;
    std::vector<std::string> bodies;
    for (std::uint64_t place = sender.acknowledged; place < sender.next; ++place) {
      bodies.push_back(
          body_of({static_cast<std::uint32_t>(connection), static_cast<std::uint32_t>(place)}, options_.body_bytes));
    }
    if (options_.groups == 0) {
      return calls_.send_batch(bodies, options_.delay_seconds);
    }
    std::vector<SqsCalls::Ordered> messages;
    for (const std::string& body : bodies) {
      messages.push_back({body, fmt::format("group-{}", group_of(number_of(body)))});
    }
    return calls_.send_batch(messages);
  }

  std::optional<std::string> take(std::size_t connection, const Reply* reply) {
    const bool again = reply == nullptr || refused(*reply);
    const std::vector<std::string> handles =
        again ? std::vector<std::string>{} : values_of(reply->body, "ReceiptHandle");
    const bool was_receive = !again && reply->body.find("\"Successful\"") == std::string_view::npos;
    if (was_receive) {
      note(connection, *reply);
      empty_receives_ += handles.empty() ? 1 : 0;
    }
    if (!handles.empty() && options_.work == "drain") {
      return calls_.remove_batch(handles);
    }
    if (done() || Clock::now() - last_seen_ > idle_max) {
      return std::nullopt;
    }
    return calls_.receive(batch_messages, options_.visibility_seconds, 1);
  }

  /// A producer's messages must come to a consumer in the order they were sent in: each has one request under way.
  void note(std::size_t consumer, const Reply& reply) {
    for (const std::string& body : values_of(reply.body, "Body")) {
      const Number number = number_of(body);
      std::int64_t& last =
          options_.groups > 0 ? last_of_group_[group_of(number)] : consumers_[consumer].at(number.producer);
      out_of_order_ += number.place < last ? 1 : 0;
      last = std::max<std::int64_t>(last, number.place);
      std::vector<bool>& seen = seen_.at(number.producer);
      distinct_ += seen.at(number.place) ? 0 : 1;
      seen.at(number.place) = true;
      ++messages_;
      last_seen_ = Clock::now();
    }
  }

  struct Sender {
    std::uint64_t acknowledged = 0;
    std::uint64_t next = 0;
    std::uint64_t under_way = 0;
  };

  Options options_;
  SqsCalls calls_;
  std::vector<Sender> sent_;
  std::vector<std::vector<std::int64_t>> consumers_;  // per consumer and producer: the last place seen
  std::vector<std::int64_t> last_of_group_;           // the same of a FIFO queue, over all consumers
  std::vector<std::vector<bool>> seen_;               // per producer and place
  std::uint64_t messages_ = 0;
  std::uint64_t distinct_ = 0;
  std::uint64_t out_of_order_ = 0;
  std::uint64_t empty_receives_ = 0;
  std::uint64_t slow_downs_ = 0;
  Clock::time_point last_seen_ = Clock::now();
};

Options read_options(int count, char** words) {
  Flags flags(count, words);
  Options options;
  options.server = parse_address(flags.take("--server", "missing"));
  options.work = flags.take("--do", options.work);
  options.count = std::stoull(flags.take("--count", "0"));
  options.connections = std::stoul(flags.take("--connections", "8"));
  options.body_bytes = std::stoul(flags.take("--body", "256"));
  options.delay_seconds = std::stoi(flags.take("--delay", "0"));
  options.visibility_seconds = std::stoi(flags.take("--visibility", "-1"));
  options.deadline_seconds = std::stoi(flags.take("--deadline", "600"));
  options.groups = std::stoull(flags.take("--groups", "0"));
  options.queue = flags.take("--queue", options.queue);
  if (!flags.understood() || options.count == 0) {
    fmt::print(stderr, "{}", usage);
    std::exit(2);
  }
  return options;
}

}  // namespace
}  // namespace sluice::bench

int main(int count, char** words) { return sluice::bench::Backlog(sluice::bench::read_options(count, words)).run(); }
