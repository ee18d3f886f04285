#include "doors/aws/sqs/auto_create.h"

#include <algorithm>

namespace sluice::sqs {
namespace {

std::optional<std::string> text_of(const aws::Call& call, const void* input, std::string_view member) {
  const auto members = call.operation->input.shape->members;
  const auto found = std::ranges::find(members, member, &aws::Member::name);
  if (found == members.end() || found->shape->type != aws::Type::string) {
    return std::nullopt;
  }
  const void* value = found->shape->access->get(static_cast<const char*>(input) + found->offset);
  return value != nullptr ? std::optional(*static_cast<const std::string*>(value)) : std::nullopt;
}

// The queue that a request is about; another account's is not ours to make.
std::optional<QueueName> own_queue(const aws::Call& call, const void* input) {
  auto queue = parse_queue_url(text_of(call, input, "QueueUrl").value_or(""), call.region, call.account);
  if (const auto name = text_of(call, input, "QueueName"); name && valid_queue_name(*name)) {
    queue = {call.region, text_of(call, input, "QueueOwnerAWSAccountId").value_or(call.account), *name};
  }
  return queue && queue->account == call.account ? queue : std::nullopt;
}

Task<bool> make(Sqs& sqs, const aws::Call& call, const QueueName& queue) {
  aws::Call owner = call;  // of the same caller, who must be allowed to, in the region that the URL names
  owner.operation = aws::find_operation(api::service(), "CreateQueue");
  owner.region = queue.region;
  owner.ticket = 0;
  api::CreateQueueRequest request;
  request.queue_name = queue.name;
  if (queue.fifo()) {
    request.attributes.emplace()["FifoQueue"] = "true";
  }
  const auto made = co_await sqs.create_queue(owner, request);
  co_return made || made.error().shape == &api::error::queue_name_exists;  // by somebody meanwhile
}

}  // namespace

AutoCreate::AutoCreate(Sqs& sqs) {
  for (const aws::Handler& handler : handlers()) {
    rows_.push_back({&sqs, handler});
  }
}

void AutoCreate::serve(aws::Door& door) {
  for (Row& row : rows_) {
    const aws::Handler handler{row.handler.service, row.handler.operation, &AutoCreate::run};
    door.serve(row, {&handler, 1});
  }
}

Task<std::optional<ServiceError>> AutoCreate::run(void* row, aws::Call& call, const void* input, void* output) {
  const Row& found = *static_cast<const Row*>(row);
  auto error = co_await found.handler.run(found.sqs, call, input, output);
  if (!error || error->shape != &api::error::queue_does_not_exist ||
      found.handler.operation == api::operation::DeleteQueue::index) {
    co_return error;
  }
  const auto queue = own_queue(call, input);
  if (!queue) {
    co_return error;
  }
  if (!co_await make(*found.sqs, call, *queue)) {
    co_return error;
  }
  co_return co_await found.handler.run(found.sqs, call, input, output);
}

}  // namespace sluice::sqs
