#include "server/declare.h"

#include <fmt/format.h>

#include <vector>

#include "base/log.h"
#include "doors/aws/codec.h"
#include "doors/aws/sqs/redrive_policy.h"

namespace sluice::server {
namespace {

namespace api = aws::sqs;
using Attributes = std::map<std::string, std::string>;
using Failure = std::optional<aws::ServiceError>;

constexpr std::uint16_t server_fault_status = 500;
const std::string fifo_attribute = "FifoQueue";

/// One declaration on its way: who asks for it, and as what.
struct Wish {
  QueueDeclaration declaration;
  aws::Call call{};  ///< as its owner would
};

bool is_fifo(const Wish& wish) { return std::string_view(wish.declaration.name).ends_with(".fifo"); }

Attributes wanted_attributes(const Wish& wish) {
  const QueueDeclaration& declaration = wish.declaration;
  Attributes wanted = declaration.attributes;
  if (const auto fifo = wanted.find(fifo_attribute);
      fifo != wanted.end() && !is_fifo(wish) && fifo->second == "false") {
    wanted.erase(fifo);  // what it is anyway, but SQS takes no such attribute
  }
  if (!declaration.dead_letter_queue.empty()) {
    const sqs::QueueName target{wish.call.region, wish.call.account, declaration.dead_letter_queue};
    wanted["RedrivePolicy"] = sqs::to_json({target.arn(), static_cast<std::uint32_t>(declaration.receives_max)});
  }
  return wanted;
}

Attributes differing(const Attributes& wanted, const std::optional<Attributes>& present) {
  Attributes changed;
  for (const auto& [name, value] : wanted) {
    const auto found = present ? present->find(name) : Attributes::const_iterator{};
    if (!present || found == present->end() || found->second != value) {
      changed.insert_or_assign(name, value);
    }
  }
  return changed;
}

Task<Failure> make(sqs::Sqs& sqs, Wish& wish) {
  const api::GetQueueUrlRequest asked{.queue_name = wish.declaration.name};
  const auto found = co_await sqs.get_queue_url(wish.call, asked);
  if (found || found.error().shape != &api::error::queue_does_not_exist) {
    co_return found ? Failure() : Failure(found.error());
  }
  api::CreateQueueRequest request;
  request.queue_name = wish.declaration.name;
  if (is_fifo(wish)) {
    request.attributes.emplace()[fifo_attribute] = "true";
  }
  const auto made = co_await sqs.create_queue(wish.call, request);
  if (made) {
    log(LogLevel::info, fmt::format("queue {} is made", wish.declaration.name));
  }
  co_return made ? Failure() : Failure(made.error());
}

Task<Failure> configure(sqs::Sqs& sqs, Wish& wish) {
  const std::string url = fmt::format("/{}/{}", wish.call.account, wish.declaration.name);
  api::GetQueueAttributesRequest asked;
  asked.queue_url = url;
  asked.attribute_names.emplace().emplace_back("All");
  const auto present = co_await sqs.get_queue_attributes(wish.call, asked);
  if (!present) {
    co_return present.error();
  }
  const Attributes attributes = differing(wanted_attributes(wish), present->attributes);
  if (!attributes.empty()) {
    const api::SetQueueAttributesRequest request{.queue_url = url, .attributes = attributes};
    const auto set = co_await sqs.set_queue_attributes(wish.call, request);
    if (!set) {
      co_return set.error();
    }
  }
  const api::ListQueueTagsRequest tags_asked{.queue_url = url};
  const auto tagged = co_await sqs.list_queue_tags(wish.call, tags_asked);
  if (!tagged) {
    co_return tagged.error();
  }
  const Attributes tags = differing(wish.declaration.tags, tagged->tags);
  if (!tags.empty()) {
    const api::TagQueueRequest request{.queue_url = url, .tags = tags};
    const auto set = co_await sqs.tag_queue(wish.call, request);
    co_return set ? Failure() : Failure(set.error());
  }
  co_return std::nullopt;
}

std::vector<Wish> wishes_of(const Config& config) {
  std::vector<Wish> wishes;
  for (const std::string& name : config.queues) {
    wishes.push_back({{.name = name, .place = "queues"}});
  }
  for (const QueueDeclaration& declaration : config.declared_queues) {
    wishes.push_back({declaration});
  }
  for (Wish& wish : wishes) {
    const QueueDeclaration& declaration = wish.declaration;
    wish.call.account = declaration.account.empty() ? config.account : declaration.account;
    wish.call.region = declaration.region.empty() ? config.region : declaration.region;
    wish.call.principal = wish.call.account;
    wish.call.service = &api::service();
  }
  return wishes;
}

}  // namespace

Task<std::optional<std::string>> declare_queues(sqs::Sqs& sqs, const Config& config) {
  std::vector<Wish> wishes = wishes_of(config);
  // All are there before any refers to another.
  for (const auto step : {make, configure}) {
    for (Wish& wish : wishes) {
      const Failure failure = co_await step(sqs, wish);
      if (!failure) {
        continue;
      }
      const std::string words = fmt::format("{}: queue {}: {}", wish.declaration.place, wish.declaration.name,
                                            aws::message_of(*failure, false));
      if (failure->shape->status < server_fault_status) {
        co_return words;
      }
      log(LogLevel::error, words);
    }
  }
  co_return std::nullopt;
}

}  // namespace sluice::server
