#include "doors/aws/sqs/names.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <vector>

namespace sluice::sqs {
namespace {

constexpr std::size_t queue_name_length_max = 80;  // CreateQueue: QueueName
constexpr std::size_t account_digits = 12;

bool name_letter(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
         letter == '-' || letter == '_';
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(at + 1);
  }
}

// Letters, words between dashes, a number: us-east-1, us-gov-west-1.
bool like_a_region(std::string_view label) {
  const std::vector<std::string_view> words = split(label, '-');
  const auto letters = [](std::string_view word) {
    return !word.empty() && std::ranges::all_of(word, [](char c) { return c >= 'a' && c <= 'z'; });
  };
  return words.size() >= 3 && all_digits(words.back()) && std::all_of(words.begin(), words.end() - 1, letters);
}

// sqs.{region}.{domain} and the older {region}.queue.{domain} and, for us-east-1, queue.{domain} of AWS and of
// LocalStack. Another host of such a form ("sqs.my.domain", "queue.my.domain") is just a host: its URLs must lead back
// to the queue.
std::string_view region_of_host(std::string_view host) {
  const std::vector<std::string_view> labels = split(host.substr(0, host.find(':')), '.');
  if (labels.size() >= 3 && labels[0] == "sqs" && like_a_region(labels[1])) {
    return labels[1];
  }
  if (labels.size() >= 3 && labels[1] == "queue" && like_a_region(labels[0])) {
    return labels[0];
  }
  const bool of_all =
      labels.size() >= 3 && labels[0] == "queue" && (labels[1] == "amazonaws" || labels[1] == "localhost");
  return of_all ? "us-east-1" : "";
}

struct Split {
  std::string_view host;
  std::string_view path;
};

Split split_url(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) {
    return {"", url};
  }
  const std::string_view rest = url.substr(scheme + 3);
  const std::size_t slash = rest.find('/');
  return {rest.substr(0, slash), slash == std::string_view::npos ? std::string_view() : rest.substr(slash)};
}

// "127.0.0.1", "[::1]": a name in front of it would make no host.
bool is_address(std::string_view host) {
  const std::string_view name = host.substr(0, host.rfind(':'));
  return host.starts_with('[') || name.find_first_not_of("0123456789.") == std::string_view::npos;
}

// What comes before the host in that form.
std::string prefix_of(UrlForm form, std::string_view region) {
  switch (form) {
    case UrlForm::plain:
    case UrlForm::path:
      return {};
    case UrlForm::standard:
      return fmt::format("sqs.{}.", region);
    case UrlForm::domain:
      return region == "us-east-1" ? "queue." : fmt::format("{}.queue.", region);
  }
  return {};
}

}  // namespace

std::string arn_prefix(std::string_view region, std::string_view account) {
  return fmt::format("arn:{}:sqs:{}:{}:", partition_of(region), region, account);
}

std::string QueueName::arn() const { return arn_prefix(region, account) + name; }

bool valid_queue_name(std::string_view name) {
  if (name.empty() || name.size() > queue_name_length_max) {
    return false;
  }
  if (name.ends_with(".fifo")) {
    name.remove_suffix(5);
  }
  return !name.empty() && std::ranges::all_of(name, name_letter);
}

std::optional<QueueName> parse_arn(std::string_view arn) {
  const std::vector<std::string_view> parts = split(arn, ':');
  const bool formed = parts.size() == 6 && parts[0] == "arn" && parts[1] == partition_of(parts[3]) &&
                      parts[2] == "sqs" && !parts[3].empty() && parts[4].size() == account_digits &&
                      all_digits(parts[4]) && valid_queue_name(parts[5]);
  if (!formed) {
    return std::nullopt;
  }
  return QueueName{std::string(parts[3]), std::string(parts[4]), std::string(parts[5])};
}

std::string queue_url(std::string_view endpoint, const QueueName& queue, UrlForm form) {
  const std::size_t scheme = endpoint.find("://");
  const std::size_t host = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::string prefix = prefix_of(form, queue.region);
  const std::string_view authority = endpoint.substr(host);
  const bool stays = is_address(authority) || authority.starts_with(prefix);
  return fmt::format("{}{}{}{}/{}/{}", endpoint.substr(0, host), stays ? "" : prefix, authority,
                     form == UrlForm::path ? "/queue/" + queue.region : "", queue.account, queue.name);
}

std::optional<QueueName> parse_queue_url(std::string_view url, std::string_view region, std::string_view account) {
  if (url.starts_with("arn:")) {
    return parse_arn(url);
  }
  const Split parts = split_url(url.substr(0, url.find_first_of("?#")));
  std::vector<std::string_view> segments = split(parts.path, '/');
  std::erase(segments, std::string_view());
  if (segments.empty() || !valid_queue_name(segments.back())) {
    return std::nullopt;
  }
  QueueName queue{std::string(region), std::string(account), std::string(segments.back())};
  segments.pop_back();
  if (const std::string_view in_host = region_of_host(parts.host); !in_host.empty()) {
    queue.region = in_host;
  }
  if (!segments.empty() && all_digits(segments.back())) {
    queue.account = segments.back();
    segments.pop_back();
    if (segments.size() == 2 && segments[0] == "queue") {  // path style: /queue/{region}/{account}/{name}
      queue.region = segments[1];
      segments.clear();
    }
  }
  const bool known_form = segments.empty() || (segments.size() == 1 && segments[0] == "queue");
  return known_form ? std::optional(queue) : std::nullopt;
}

}  // namespace sluice::sqs
