#include "cli/session.h"

#include <algorithm>

#include "shapes/sqs.h"

namespace sluice::cli {
namespace {

int complain(const Failure& failure) {
  std::fflush(stdout);
  fmt::print(stderr, "sluice: {}\n", failure.words);
  return failure.exit_code;
}

Outcome<void> read_and_work(const Word& word, std::span<const std::string> given, Work work) {
  const auto arguments = read_arguments(given, word);
  if (!arguments) {
    return refuse(exit_bad_usage, fmt::format("{}\nusage: sluice {} {}; see sluice {} --help", arguments.error(),
                                              word.name, word.takes, word.name));
  }
  auto caller = caller_of(*arguments);
  if (!caller) {
    return std::unexpected(caller.error());
  }
  Client client(*std::move(caller));
  return work(client, *arguments);
}

}  // namespace

int run(std::string_view name, std::span<const std::string> arguments, Work work) {
  const auto word = std::ranges::find(words(), name, &Word::name);
  const auto done = read_and_work(*word, arguments, work);
  return done ? exit_well : complain(done.error());
}

Outcome<std::string> only_queue(Client& client, const Arguments& arguments) {
  if (arguments.rest().empty()) {
    return refuse(exit_bad_usage, "name a queue (`sluice queues` lists them)");
  }
  return client.queue_url(arguments.rest()[0]);
}

Outcome<std::int64_t> number_of(const Arguments& arguments, std::string_view flag, std::int64_t usual,
                                std::int64_t minimum, std::int64_t maximum) {
  const auto text = arguments.value(flag);
  if (!text) {
    return usual;
  }
  const auto number = read_number(flag, *text, minimum, maximum);
  return number ? Outcome<std::int64_t>(*number) : refuse(exit_bad_usage, number.error());
}

Outcome<std::map<std::string, std::string>> attributes_of(Client& client, const std::string& url) {
  aws::sqs::GetQueueAttributesRequest request;
  request.queue_url = url;
  request.attribute_names.emplace().emplace_back("All");
  auto answer = client.call<aws::sqs::operation::GetQueueAttributes>(request);
  if (!answer) {
    return std::unexpected(answer.error());
  }
  return std::move(answer->attributes).value_or(std::map<std::string, std::string>{});
}

std::string_view name_of(std::string_view url_or_arn) { return url_or_arn.substr(url_or_arn.find_last_of("/:") + 1); }

}  // namespace sluice::cli
