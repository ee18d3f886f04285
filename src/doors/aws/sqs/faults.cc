#include "doors/aws/sqs/faults.h"

#include <algorithm>

#include "doors/aws/sqs/names.h"
#include "doors/aws/sqs/sqs.h"

namespace sluice::sqs {

bool Faults::set(const std::string& arn, const FaultRates& rates) {
  const std::lock_guard lock(mutex_);
  if (!queues_.contains(arn) && queues_.size() >= queues_max) {
    return false;
  }
  queues_.insert_or_assign(arn, Queue{rates, Random(rates.seed), {}});
  count_ = queues_.size();
  return true;
}

void Faults::remove(const std::string& arn) {
  const std::lock_guard lock(mutex_);
  queues_.erase(arn);
  count_ = queues_.size();
}

void Faults::clear() {
  const std::lock_guard lock(mutex_);
  queues_.clear();
  count_ = 0;
}

std::optional<FaultRates> Faults::find(const std::string& arn) const {
  const std::lock_guard lock(mutex_);
  const auto at = queues_.find(arn);
  return at == queues_.end() ? std::nullopt : std::optional(at->second.rates);
}

std::optional<Faults::Draw> Faults::draw(const std::string& arn) {
  const std::lock_guard lock(mutex_);
  const auto at = queues_.find(arn);
  if (at == queues_.end()) {
    return std::nullopt;
  }
  auto& [rates, random, duplicates] = at->second;
  Draw draw{rates.latency, nullptr};
  if (random.chance(rates.errors_5xx)) {
    draw.error = random.chance(0.5) ? &aws::framework::internal_failure : &aws::framework::service_unavailable;
  } else if (random.chance(rates.throttling)) {
    draw.error = &api::error::request_throttled;
  }
  for (const auto& [error, share] : rates.errors) {
    if (draw.error == nullptr && random.chance(share)) {
      draw.error = error;
    }
  }
  return draw;
}

bool Faults::fails_entry(const std::string& arn) {
  const std::lock_guard lock(mutex_);
  const auto at = queues_.find(arn);
  return at != queues_.end() && at->second.random.chance(at->second.rates.partial_batch_failures);
}

void Faults::received(const std::string& arn, const std::vector<api::Message>& messages) {
  const std::lock_guard lock(mutex_);
  const auto at = queues_.find(arn);
  if (at == queues_.end()) {
    return;
  }
  for (const api::Message& message : messages) {
    if (at->second.random.chance(at->second.rates.duplicates) && at->second.duplicates.size() < duplicates_kept_max) {
      at->second.duplicates.push_back(message);
    }
  }
}

std::vector<api::Message> Faults::again(const std::string& arn, std::size_t count_max) {
  const std::lock_guard lock(mutex_);
  std::vector<api::Message> messages;
  const auto at = queues_.find(arn);
  while (at != queues_.end() && !at->second.duplicates.empty() && messages.size() < count_max) {
    messages.push_back(std::move(at->second.duplicates.front()));
    at->second.duplicates.pop_front();
  }
  return messages;
}

namespace {

struct Sleep {
  io::Loop& loop;
  Milliseconds span;
  bool await_ready() const { return span <= Milliseconds(0); }
  void await_suspend(std::coroutine_handle<> self) const {
    loop.after(span, [self] { self.resume(); });
  }
  void await_resume() const {}
};

/// The queue that the input's QueueUrl names, if it has one.
std::string arn_in(const aws::Call& call, void* input) {
  const aws::Shape* shape = call.operation->input.shape;
  if (call.service != &api::service() || shape == nullptr) {
    return {};
  }
  const auto member = std::ranges::find(shape->members, call.service->path_member, &aws::Member::name);
  if (member == shape->members.end()) {
    return {};
  }
  const void* url = member->shape->access->get(static_cast<char*>(input) + member->offset);
  const auto name =
      url == nullptr ? std::nullopt : parse_queue_url(*static_cast<const std::string*>(url), call.region, call.account);
  return name ? name->arn() : std::string();
}

template <class Operation>
bool is(const aws::Call& call) {
  return call.operation == &api::service().operations[Operation::index];
}

/// What a batch operation's entries look like without their types: which are taken out, and how they are told of.
struct Batch {
  std::vector<std::string> (*take_out)(Faults& faults, const std::string& arn, void* input);
  bool (*is_empty)(const void* input);
  void (*tell)(const std::vector<std::string>& ids, void* output);
};

template <class Operation>
constexpr Batch batch_of{
    [](Faults& faults, const std::string& arn, void* input) {
      std::vector<std::string> ids;
      auto& entries = static_cast<typename Operation::Input*>(input)->entries;
      if (entries) {
        std::erase_if(*entries, [&](const auto& entry) {
          const bool fails = entry.id && faults.fails_entry(arn);
          if (fails) {
            ids.push_back(*entry.id);
          }
          return fails;
        });
      }
      return ids;
    },
    [](const void* input) { return static_cast<const typename Operation::Input*>(input)->entries->empty(); },
    [](const std::vector<std::string>& ids, void* output) {
      for (const std::string& id : ids) {
        made(static_cast<typename Operation::Output*>(output)->failed)
            .push_back(failed_entry(id, {&aws::framework::internal_failure}));
      }
    }};

const Batch* batch_in(const aws::Call& call) {
  return is<api::operation::SendMessageBatch>(call)     ? &batch_of<api::operation::SendMessageBatch>
         : is<api::operation::DeleteMessageBatch>(call) ? &batch_of<api::operation::DeleteMessageBatch>
         : is<api::operation::ChangeMessageVisibilityBatch>(call)
             ? &batch_of<api::operation::ChangeMessageVisibilityBatch>
             : nullptr;
}

}  // namespace

Task<std::optional<ServiceError>> Disturbance::run(aws::Handler::Run next, void* object, aws::Call& call, void* input,
                                                   void* output) {
  const std::string arn = arn_in(call, input);
  const std::optional<Faults::Draw> draw = faults_.draw(arn);
  if (!draw) {
    co_return co_await next(object, call, input, output);
  }
  Sleep sleep{loop_, draw->latency};
  co_await sleep;
  if (draw->error != nullptr) {
    co_return ServiceError{draw->error, "This fault was asked for (/_sluice/queues/…/faults)."};
  }
  if (const Batch* batch = batch_in(call)) {
    const std::vector<std::string> failed = batch->take_out(faults_, arn, input);
    if (failed.empty() || !batch->is_empty(input)) {
      if (auto error = co_await next(object, call, input, output)) {
        co_return error;
      }
    }
    batch->tell(failed, output);
    co_return std::nullopt;
  }
  const bool receives = is<api::operation::ReceiveMessage>(call) && !arn.ends_with(".fifo");
  if (!receives) {
    co_return co_await next(object, call, input, output);
  }
  const auto count_max = static_cast<const api::ReceiveMessageRequest*>(input)->max_number_of_messages.value_or(1);
  auto& messages = static_cast<api::ReceiveMessageResult*>(output)->messages;
  std::vector<api::Message> again = faults_.again(arn, static_cast<std::size_t>(std::clamp(count_max, 1, 10)));
  if (!again.empty()) {
    messages = std::move(again);
    co_return std::nullopt;
  }
  if (auto error = co_await next(object, call, input, output)) {
    co_return error;
  }
  if (messages) {
    faults_.received(arn, *messages);
  }
  co_return std::nullopt;
}

}  // namespace sluice::sqs
