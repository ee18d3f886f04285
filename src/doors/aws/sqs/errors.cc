#include "doors/aws/sqs/errors.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "base/check.h"
#include "doors/aws/shape.h"
#include "doors/aws/sqs/queue_attributes.h"

namespace sluice::sqs {
namespace {

constexpr const aws::ErrorShape* of_the_frame[] = {
    &aws::framework::access_denied,
    &aws::framework::missing_authentication_token,
    &aws::framework::invalid_parameter_value,
    &aws::framework::missing_parameter,
    &aws::framework::internal_failure,
    &aws::framework::service_unavailable,
    &aws::framework::throttling,
    &aws::framework::invalid_parameter_combination,
};

/// "{shape} {text}", which `refusal_of` wrote.
ServiceError from_words(const std::string& words) {
  const std::size_t space = words.find(' ');
  const aws::ErrorShape* shape = space == std::string::npos ? nullptr : find_error(words.substr(0, space));
  return shape == nullptr ? access_denied(words) : ServiceError{shape, words.substr(space + 1)};
}

}  // namespace

const aws::ErrorShape* find_error(std::string_view name) {
  const auto named = [name](const aws::ErrorShape* error) { return error->shape == name || error->query_code == name; };
  const auto own = std::ranges::find_if(api::service().errors, named);
  if (own != api::service().errors.end()) {
    return *own;
  }
  const auto* frame = std::ranges::find_if(of_the_frame, named);
  return frame != std::end(of_the_frame) ? *frame : nullptr;
}

Refusal refusal_of(const ServiceError& error) {
  check(find_error(error.shape->shape) == error.shape, "an error that travels as words is found again");
  return {Reason::proviso_fails, fmt::format("{} {}", error.shape->shape, error.message)};
}

ServiceError missing_parameter(std::string_view name) {
  return {&aws::framework::missing_parameter, fmt::format("The request must contain the parameter {}.", name)};
}

ServiceError invalid_parameter(std::string_view value, std::string_view parameter, std::string_view reason) {
  return invalid_parameter_value(
      fmt::format("Value {} for parameter {} is invalid. Reason: {}", value, parameter, reason));
}

ServiceError not_for_this_queue_type(std::string_view value, std::string_view parameter) {
  return invalid_parameter(value, parameter, "The request include parameter that is not valid for this queue type.");
}

ServiceError from_refusal(const Refusal& refusal) {
  using enum Reason;
  switch (refusal.reason) {  // no default: a new reason without a row here does not compile
    case not_found:
      return queue_does_not_exist();
    case already_exists:
      return {&api::error::queue_name_exists,
              fmt::format("A queue already exists with the same name and a different value for attribute {}",
                          attribute_of_setting(refusal.detail))};
    case deleted_recently:
      return {&api::error::queue_deleted_recently,
              "You must wait 60 seconds after deleting a queue before you can create another with the same name."};
    case invalid_setting:
      return invalid_attribute_value(
          fmt::format("Invalid value for the parameter {}.", attribute_of_setting(refusal.detail)));
    case proviso_fails:
      return from_words(refusal.detail);
    case lease_unknown:
      return {&api::error::receipt_handle_is_invalid};
    case lease_expired:
      return invalid_parameter_value("The receipt handle has expired.");
    case message_not_found:
      return {&api::error::message_not_inflight};
    case deduplication_id_missing:
      return invalid_parameter_value(
          "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided "
          "explicitly");
    case lease_too_long:
      return invalid_parameter_value("Total VisibilityTimeout for the message is beyond the limit [43200 seconds]");
    case too_many_in_flight:
      return {&api::error::over_limit, "Too many messages in flight."};
    case purge_in_progress:
      return {&api::error::purge_queue_in_progress};
    case dead_letter_target_refuses:
      return invalid_parameter_value("Dead letter target does not exist.");
    case task_active:
      return invalid_parameter_value(
          "There is already a task running. Only one active task is allowed for a source queue arn at a given time.");
    case task_unknown:
      return {&api::error::resource_not_found_exception, "Task does not exist."};
    case task_over:
      return invalid_parameter_value("Only active tasks can be cancelled.");
    case full:
      return {&aws::framework::service_unavailable};
    case no_space:
      return {&aws::framework::service_unavailable,
              "The server's disk is full: it takes no new messages until space is freed; deletes still work."};
    case unknown_outcome:
      return {&aws::framework::internal_failure,
              "The request may or may not have been carried out: the log could not be written. Please retry."};
    case unavailable:
      return {&aws::framework::service_unavailable, "The server is stopping, or its log can no longer be written."};
    case machine_set_aside:
      return {&aws::framework::internal_failure,
              "This queue was set aside because its log could not be replayed; see the server's log."};
    case not_implemented:
      return {&aws::framework::not_implemented, refusal.detail};
  }
  return {&aws::framework::internal_failure};
}

}  // namespace sluice::sqs
