#include "server/config.h"

namespace sluice::server {
namespace {

constexpr std::string_view auth_modes[] = {"auto", "off", "warn", "on"};
constexpr std::string_view durabilities[] = {"disk", "os", "memory"};
constexpr std::string_view queue_url_forms[] = {"plain", "standard", "domain", "path"};
constexpr std::string_view log_levels[] = {"debug", "info", "warning", "error", "off"};
constexpr std::int64_t mebibyte = 1 << 20;
constexpr std::int64_t day_seconds = 86'400;

constexpr Setting rows[] = {
    {"listen", "HOST:PORT,…", "127.0.0.1:4566",
     "where to listen; a port alone is on 127.0.0.1, port 0 picks a free one", &Config::listen},
    {"queues", "NAME,…", "", "queues to make at the start; a file declares them with their attributes ([[queue]])",
     &Config::queues},
    {"sqs_auto_create", "", "false", "a request to a missing queue makes it", &Config::sqs_auto_create},
    {"data", "DIRECTORY", "./sluice-data", "where the log lies", &Config::data},
    {"durability", "disk|os|memory", "disk", "what a reply waits for: the disk, the kernel, or nothing",
     &Config::durability, 0, 0, durabilities},
    {"strict", "", "false", "also the rules by which AWS protects itself: the switches from here to kms_needs_tls",
     &Config::strict},
    {"recreate_wait", "", "false", "60 seconds before a deleted queue's name can be used again",
     &Config::recreate_wait},
    {"purge_wait", "", "false", "60 seconds between two purges of a queue", &Config::purge_wait},
    {"throttling", "", "false",
     "AWS's limits of calls to a FIFO queue: 300 a second and action, more in high throughput", &Config::throttling},
    {"short_poll_sampling", "", "false", "a receive that does not wait may miss messages of a standard queue",
     &Config::short_poll_sampling},
    {"kms_needs_tls", "", "false",
     "queues with a KMS key are for signed requests over TLS (strict: where TLS is served)", &Config::kms_needs_tls},
    {"call_limits", "QUEUE:ACTION=NUMBER,…", "",
     "calls per second of an action to a queue, past it RequestThrottled; * stands for any: "
     "*:*=500,slow-*:SendMessage=5",
     &Config::call_limits},
    {"access_keys", "ID:SECRET,…", "", "the credentials to accept; with any, every request must be signed",
     &Config::access_keys},
    {"access_keys_file", "FILE", "", "the same from a file, one a line", &Config::access_keys_file},
    {"users", "NAME:ID:SECRET,…", "",
     "users of the account with their access keys, beside those of the file ([[user]])", &Config::users},
    {"user_policies", "NAME=FILE,…", "", "what a user may do: an IAM policy document (JSON); without, everything",
     &Config::user_policies},
    {"users_file", "FILE", "", "a TOML file of [[user]] alone, since it holds secrets", &Config::users_file},
    {"auth", "auto|off|warn|on", "auto",
     "do policies count: on, off, or warn (log once what they would refuse); auto: on with access keys", &Config::auth,
     0, 0, auth_modes},
    {"open", "", "false", "accept any credentials, also beyond this machine", &Config::open},
    {"admin_open", "", "false", "everything below /_sluice for anybody; else from this machine, or signed with a key",
     &Config::admin_open},
    {"metrics_open", "", "false", "/metrics for anybody; else from this machine, or signed", &Config::metrics_open},
    {"metrics_queues_max", "NUMBER", "1000", "queues that /metrics and CloudWatch tell of; those beyond are left out",
     &Config::metrics_queues_max, 0, 100'000},
    {"cors_origins", "ORIGIN,…", "loopback",
     "web pages that may use us: https://example.com, loopback (served by the visitor's machine), * for all",
     &Config::cors_origins},
    {"test_clock", "", "false", "POST /_sluice/clock moves the queues' time ahead, so that tests need not wait",
     &Config::test_clock},
    {"reset", "", "false", "POST /_sluice/reset deletes all queues, also where others than this machine may ask for it",
     &Config::reset},
    {"account", "DIGITS", "000000000000", "account of callers whose access key id is not itself one (12 digits)",
     &Config::account},
    {"region", "NAME", "us-east-1", "region of requests that name none", &Config::region},
    {"single_region", "", "false", "requests of every region are about that one", &Config::single_region},
    {"public_url", "URL", "", "how clients reach us, for queue URLs; else as each request's Host says",
     &Config::public_url},
    {"queue_urls", "plain|standard|domain|path", "plain",
     "HOST/ACCOUNT/NAME; sqs.REGION. or REGION.queue. before HOST; HOST/queue/REGION/ACCOUNT/NAME", &Config::queue_urls,
     0, 0, queue_url_forms},
    {"trusted_proxies", "ADDRESS,…", "", "whose X-Forwarded-Host, -Proto and -Port count; * for all",
     &Config::trusted_proxies},
    {"tls_self_signed", "", "false", "serve TLS too, with a certificate made in the data directory",
     &Config::tls_self_signed},
    {"tls_certificate", "FILE", "", "serve TLS too, with this certificate (PEM, with its chain)",
     &Config::tls_certificate},
    {"tls_key", "FILE", "", "the key of tls_certificate (PEM)", &Config::tls_key},
    {"log_level", "debug|info|warning|error|off", "info", "the least that is logged, on stderr", &Config::log_level, 0,
     0, log_levels},
    {"cores", "NUMBER", "0", "threads that serve; 0: as many as there are cores", &Config::cores, 0, 1024},
    {"connections_max", "NUMBER", "20000", "connections at a time; past it 503", &Config::connections_max, 1,
     10'000'000},
    {"buffered_bytes_max", "BYTES", "134217728", "requests and replies in memory; past it 503",
     &Config::buffered_bytes_max, mebibyte, mebibyte << 20},
    {"body_bytes_max", "BYTES", "8388608", "a request's body; past it 413", &Config::body_bytes_max, 4 * mebibyte,
     1024 * mebibyte},
    {"idle_seconds", "SECONDS", "120", "a connection without a request is closed after", &Config::idle_seconds, 1,
     day_seconds},
    {"head_seconds", "SECONDS", "20", "time for a request's headers to arrive; past it 408", &Config::head_seconds, 1,
     day_seconds},
    {"body_seconds", "SECONDS", "20", "time for each 16 KiB of a body to arrive; past it 408", &Config::body_seconds, 1,
     day_seconds},
    {"write_seconds", "SECONDS", "30", "a client that takes nothing of its reply is closed after",
     &Config::write_seconds, 1, day_seconds},
    {"stop_seconds", "SECONDS", "10", "time to finish what was accepted when stopping", &Config::stop_seconds, 0,
     day_seconds},
    {"unflushed_bytes_max", "BYTES", "67108864", "appended and not yet on disk, per journal; past it \"slow down\"",
     &Config::unflushed_bytes_max, mebibyte, mebibyte << 10},
    {"waiting_max", "NUMBER", "100000", "long polls at a time, per core; past it \"slow down\"", &Config::waiting_max,
     1, 10'000'000},
    // At least: the largest entry that a client can cause (a batch of 1 MiB) must always find its place in one.
    {"segment_bytes", "BYTES", "67108864", "size of a file of the log", &Config::segment_bytes, 8 * mebibyte,
     mebibyte << 10},
    {"snapshot_after_bytes", "BYTES", "268435456", "appended to a journal before the next snapshot",
     &Config::snapshot_after_bytes, mebibyte, mebibyte << 20},
    {"in_flight_max", "NUMBER", "120000", "messages in flight, per queue; past it OverLimit", &Config::in_flight_max, 1,
     10'000'000},
};

}  // namespace

std::span<const Setting> settings() { return rows; }

}  // namespace sluice::server
