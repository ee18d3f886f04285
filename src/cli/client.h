#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "cli/arguments.h"
#include "cli/http_client.h"
#include "doors/aws/codec.h"
#include "doors/aws/shape.h"

namespace sluice::cli {

/// Why a word ends early: its exit code, and a sentence for the user.
struct Failure {
  int exit_code = 0;
  std::string words;
  std::string error_code{};  ///< AWS's, when the server refused
};
template <class T>
using Outcome = std::expected<T, Failure>;

inline std::unexpected<Failure> refuse(int exit_code, std::string words) {
  return std::unexpected(Failure{exit_code, std::move(words)});
}

/// Which server, and as whom: from the flags, else the environment, else the defaults of a server on this machine.
struct Caller {
  Endpoint endpoint;
  std::string region;
  std::string access_key;
  std::string secret_key;
  std::string session_token;
  std::string ca_file;  ///< empty: the system's authorities
};
Outcome<Caller> caller_of(const Arguments& arguments);

/// SQS as a client sees it. Blocking; for the command line only.
class Client {
 public:
  explicit Client(Caller caller);

  /// `call<operation::SendMessage>(input)`: the operation's output, or why there is none.
  template <class Operation>
  Outcome<typename Operation::Output> call(const typename Operation::Input& input) {
    typename Operation::Output output;
    const aws::Service& service = Operation::service();
    auto failure = run(service, service.operations[Operation::index], &input, &output);
    return failure ? std::unexpected(*std::move(failure)) : Outcome<typename Operation::Output>(std::move(output));
  }

  /// The body of a page of the server's own: GET `target` ("/_sluice/status?…").
  Outcome<std::string> page(std::string_view target);

  /// The queue's URL: of a name by asking, of an ARN likewise; a URL is one.
  Outcome<std::string> queue_url(const std::string& queue);

  const Caller& caller() const { return caller_; }

 private:
  std::optional<Failure> run(const aws::Service& service, const aws::Operation& operation, const void* input,
                             void* output);
  Outcome<wire::HttpResponse> send(wire::HttpRequest& request, std::string_view service);

  Caller caller_;
  HttpClient http_;
};

}  // namespace sluice::cli
