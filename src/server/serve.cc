#include "server/serve.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <future>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "base/random.h"
#include "doors/aws/cloudwatch/sampler.h"
#include "io/asio_loop.h"
#include "io/metered_disk.h"
#include "io/movable_clock.h"
#include "io/posix_disk.h"
#include "io/system_clock.h"
#include "io/thread_worker.h"
#include "journal/store.h"
#include "machines/queue/queue.h"
#include "server/access.h"
#include "server/certificate.h"
#include "server/core.h"
#include "server/declare.h"
#include "server/limits.h"
#include "server/process.h"
#include "server/version.h"

namespace sluice::server {
namespace {

constexpr int exit_cannot_start = 1;
constexpr int exit_bad_settings = 2;
constexpr Milliseconds stop_spare_time{5'000};  // beyond the connections' own, for the node to come to rest

machines::Factory machines_of(const Config& config) {
  queue::Options options;
  options.in_flight_max = static_cast<std::size_t>(config.in_flight_max);
  options.lost_messages = std::max(options.lost_messages, 2 * options.in_flight_max);
  return [options](machines::Kind kind, machines::MachineId id) -> std::unique_ptr<machines::Machine> {
    switch (kind) {
      case machines::Kind::queue:
        return queue::make(id, options);
    }
    return nullptr;
  };
}

int complain(std::string_view what, int code) {
  std::fprintf(stderr, "sluice: %.*s\n", static_cast<int>(what.size()), what.data());
  return code;
}

// Each connection is a file to the kernel, and the usual soft limit of 1,024 is far below what one core serves.
void raise_file_limit() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
}

// Blocked in every thread made from now on, so that the main one takes them when it waits for them.
sigset_t hold_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

aws::http::Limits limits_of(const Config& config) {
  const auto seconds = [](std::int64_t count) { return Milliseconds(count * 1000); };
  aws::http::Limits limits;
  limits.request.body_bytes_max = static_cast<std::size_t>(config.body_bytes_max);
  limits.connections_max = static_cast<std::size_t>(config.connections_max);
  limits.buffered_bytes_max = static_cast<std::size_t>(config.buffered_bytes_max);
  limits.idle_time = seconds(config.idle_seconds);
  limits.head_time = seconds(config.head_seconds);
  limits.body_time = seconds(config.body_seconds);
  limits.write_time = seconds(config.write_seconds);
  limits.stop_time = seconds(config.stop_seconds);
  return limits;
}

journal::Durability durability_of(const Config& config) {
  return config.durability == "disk" ? journal::Durability::disk
         : config.durability == "os" ? journal::Durability::os
                                     : journal::Durability::memory;
}

// Everything that runs, in the order in which it is made; it ends in the reverse one.
class Server {
 public:
  explicit Server(const Config& config) : config_(config), began_(clock_.monotonic()) {
    const std::size_t hardware = std::max(1U, std::thread::hardware_concurrency());
    cores_count_ = config.cores > 0 ? static_cast<std::size_t>(config.cores) : hardware;
    gauges_ = std::make_unique<aws::http::Gauges>(cores_count_);
  }

  // Each gives the exit code, 0 to go on.
  int prepare() {
    const auto endpoints = endpoints_of(config_.listen);
    if (!endpoints) {
      return complain(endpoints.error(), exit_bad_settings);
    }
    endpoints_ = *endpoints;
    auto credentials = credentials_of(config_);
    if (!credentials) {
      return complain(credentials.error(), exit_bad_settings);
    }
    if (const auto fine = check_openness(config_, credentials->keys, endpoints_); !fine) {
      return complain(fine.error(), exit_bad_settings);
    }
    const bool open = credentials->keys.empty();
    if (open) {
      log(LogLevel::info, "no access keys are configured: any credentials are accepted");
    }
    if (const iam::Mode mode = auth_mode_of(config_, credentials->keys); mode != iam::Mode::off) {
      gatekeeper_ = std::make_unique<iam::Gatekeeper>(mode, !open);
    }
    plan_.admission = {.keys = std::move(credentials->keys),
                       .account = config_.account,
                       .region = config_.region,
                       .only_this_region = config_.strict && !config_.single_region,
                       .single_region = config_.single_region,
                       .identities = std::move(credentials->identities),
                       .gatekeeper = gatekeeper_.get()};
    auto limits = sqs_limits_of(config_);
    if (!limits) {
      return complain(limits.error(), exit_bad_settings);
    }
    limits_ = *std::move(limits);
    plan_.rules = limits_.rules;
    plan_.sqs_auto_create = config_.sqs_auto_create;
    for (const std::string& note : config_.notes) {
      log(LogLevel::info, note);
    }
    return 0;
  }

  int open_log() {
    auto disk = io::open_posix_disk(config_.data);
    if (!disk) {
      return complain(io::words_of(disk.error()), exit_cannot_start);
    }
    disk_ = io::make_metered_disk(std::move(*disk), flushes_, clock_);
    for (std::size_t i = 0; i < cores_count_; ++i) {
      loops_.push_back(std::make_unique<io::AsioLoop>());
    }
    flusher_ = std::make_unique<io::ThreadWorker>("sluice-flusher");
    reader_ = std::make_unique<io::ThreadWorker>("sluice-reader");
    journal::Options options;
    options.durability = durability_of(config_);
    options.journals = static_cast<std::uint16_t>(cores_count_);
    options.segment_bytes = static_cast<std::uint64_t>(config_.segment_bytes);
    auto store = journal::Store::open(options, *disk_, clock_, *flusher_, *reader_);
    if (!store) {
      return complain(io::words_of(store.error()), exit_cannot_start);
    }
    store_ = std::move(*store);
    return 0;
  }

  int start_node() {
    node::Limits limits;
    limits.unflushed_bytes_max = static_cast<std::size_t>(config_.unflushed_bytes_max);
    limits.waiting_max = static_cast<std::size_t>(config_.waiting_max);
    limits.snapshot_after_bytes = static_cast<std::uint64_t>(config_.snapshot_after_bytes);
    std::vector<io::Loop*> loops;
    for (const auto& loop : loops_) {
      loops.push_back(loop.get());
    }
    auto node = node::Node::start(limits, *store_, loops, node_clock(), machines_of(config_), random_seed());
    if (!node) {
      return complain(io::words_of(node.error()), exit_cannot_start);
    }
    node_ = std::move(*node);
    for (const std::string& machine : node_->set_aside()) {
      log(LogLevel::error, "set aside in replay: " + machine);
    }
    return 0;
  }

  int open_doors() {
    auto tls = tls_of(config_);
    if (!tls) {
      return complain(tls.error(), exit_cannot_start);
    }
    tls_ = std::move(*tls);
    plan_.house = {limits_of(config_), {config_.public_url, config_.trusted_proxies},       gauges_.get(), &clock_,
                   tls_.get(),         {config_.cors_origins, plan_.admission.keys.empty()}};
    plan_.desk = desk();
    history_ = std::make_unique<cloudwatch::History>(plan_.desk.metrics_queues_max * 2);  // vanished ones, too
    plan_.history = history_.get();
    for (std::size_t i = 0; i < cores_count_; ++i) {
      cores_.push_back(std::make_unique<Core>(plan_, i, *loops_[i], node_->gate(i), random_seed()));
    }
    sampler_ =
        std::make_unique<cloudwatch::Sampler>(node_->gate(0), *loops_[0], *history_, plan_.desk.metrics_queues_max);
    loops_[0]->post([this] { sampler_->begin(); });
    return 0;
  }

  int run(const sigset_t& signals) {
    for (const auto& loop : loops_) {
      threads_.emplace_back([&loop] { loop->run(); });
    }
    for (const auto step : {&Server::declare, &Server::listen_everywhere}) {
      if (const int code = (this->*step)(); code != 0) {
        stop();
        return code;
      }
    }
    std::string addresses;
    for (const io::Endpoint& endpoint : endpoints_) {
      addresses += (addresses.empty() ? "http://" : ", http://") + endpoint.text();
    }
    std::printf("sluice ready on %s\n", addresses.c_str());
    std::fflush(stdout);
    int signal = 0;
    sigwait(&signals, &signal);
    log(LogLevel::info, fmt::format("stopping on {}", signal == SIGTERM ? "SIGTERM" : "SIGINT"));
    stop();
    return 0;
  }

 private:
  // Before anybody is served, so that nobody misses a queue.
  int declare() {
    std::promise<std::optional<std::string>> told;
    loops_[0]->post([&] {
      start(declare_queues(cores_[0]->sqs(), config_),
            [&](std::optional<std::string> wrong) { told.set_value(wrong); });
    });
    const std::optional<std::string> wrong = told.get_future().get();
    return wrong ? complain(*wrong, exit_bad_settings) : 0;
  }

  int listen_everywhere() {
    for (io::Endpoint& endpoint : endpoints_) {
      if (const auto fault = listen(endpoint)) {
        return complain(io::words_of(*fault), exit_cannot_start);
      }
    }
    return 0;
  }

  admin::Desk desk() {
    return {.version = std::string(version),
            .cores = cores_count_,
            .gauges = gauges_.get(),
            .uptime = [this] { return std::chrono::duration_cast<Seconds>(clock_.monotonic() - began_); },
            .set_aside = [this] { return node_->set_aside(); },
            .numbers = [this] { return numbers(); },
            .flushes = &flushes_,
            .metrics_queues_max = static_cast<std::size_t>(config_.metrics_queues_max),
            .account = config_.account,
            .region = config_.region,
            .keys = !plan_.admission.keys.empty(),
            .admin_open = config_.admin_open,
            .metrics_open = config_.metrics_open,
            .reset = config_.reset || (plan_.admission.keys.empty() && !config_.admin_open),
            .faults = &faults_,
            .forget_history = [this] { history_->clear(); },
            .advance_clock = config_.test_clock ? std::function([this](Milliseconds by) { advance_clock(by); })
                                                : std::function<void(Milliseconds)>()};
  }

  admin::Numbers numbers() {
    admin::Numbers numbers = process_numbers();
    for (const journal::SegmentInfo& segment : store_->segments()) {
      numbers.log_bytes += segment.bytes;
      ++numbers.log_segments;
    }
    numbers.disk_free_bytes = disk_->free_bytes().value_or(0);
    return numbers;
  }

  void advance_clock(Milliseconds by) {
    test_clock_.advance(by);
    node_->clock_moved();
  }

  // Every core listens; the first finds out whether the address is free, and which port 0 became.
  std::optional<io::Fault> listen(io::Endpoint& endpoint) {
    if (auto free = io::check_unused(endpoint); !free) {
      return free.error();
    }
    for (std::size_t i = 0; i < cores_.size(); ++i) {
      std::promise<io::Outcome<io::Endpoint>> told;
      loops_[i]->post([&] { told.set_value(cores_[i]->front().listen(endpoint)); });
      auto bound = told.get_future().get();
      if (!bound) {
        return bound.error();
      }
      endpoint = *bound;
    }
    return std::nullopt;
  }

  void stop() {
    // Shared with what may still be called after we gave up waiting.
    struct Rest {
      std::mutex mutex;
      std::condition_variable changed;
      std::size_t busy = 0;
      void ended() {
        const std::lock_guard lock(mutex);
        --busy;
        changed.notify_one();
      }
    };
    const auto rest = std::make_shared<Rest>();
    rest->busy = cores_.size() + 1;
    for (std::size_t i = 0; i < cores_.size(); ++i) {
      loops_[i]->post([core = cores_[i].get(), rest] { core->front().stop([rest] { rest->ended(); }); });
    }
    node_->stop([rest] { rest->ended(); });
    std::unique_lock lock(rest->mutex);
    const Milliseconds patience = plan_.house.limits.stop_time + stop_spare_time;
    if (!rest->changed.wait_for(lock, patience, [&] { return rest->busy == 0; })) {
      log(LogLevel::warning, "stopping with requests under way");
    }
    lock.unlock();
    for (const auto& loop : loops_) {
      loop->stop();
    }
    for (std::thread& thread : threads_) {
      thread.join();
    }
    store_->close();
  }

  const io::Clock& node_clock() const {
    return config_.test_clock ? static_cast<const io::Clock&>(test_clock_) : clock_;
  }

  const Config& config_;
  io::SystemClock clock_;
  io::MovableClock test_clock_{clock_};
  io::FlushMeter flushes_;
  std::chrono::nanoseconds began_;
  std::size_t cores_count_ = 0;
  std::unique_ptr<aws::http::Gauges> gauges_;
  std::vector<io::Endpoint> endpoints_;
  std::unique_ptr<iam::Gatekeeper> gatekeeper_;
  sqs::Faults faults_;
  SqsLimits limits_;
  std::unique_ptr<cloudwatch::History> history_;
  Plan plan_;
  std::vector<std::unique_ptr<io::AsioLoop>> loops_;
  std::unique_ptr<io::Disk> disk_;
  std::unique_ptr<io::TlsContext> tls_;
  std::unique_ptr<journal::Store> store_;
  std::unique_ptr<io::ThreadWorker> flusher_;
  std::unique_ptr<io::ThreadWorker> reader_;
  std::unique_ptr<node::Node> node_;
  std::vector<std::unique_ptr<Core>> cores_;
  std::unique_ptr<cloudwatch::Sampler> sampler_;
  std::vector<std::thread> threads_;
};

}  // namespace

int serve(const Config& config) {
  set_log_level(config.log_level);
  raise_file_limit();
  const sigset_t signals = hold_signals();
  Server server(config);
  for (const auto step : {&Server::prepare, &Server::open_log, &Server::start_node, &Server::open_doors}) {
    if (const int code = (server.*step)(); code != 0) {
      return code;
    }
  }
  return server.run(signals);
}

}  // namespace sluice::server
