#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <span>
#include <string>
#include <string_view>

#include "cli/client.h"

namespace sluice::cli {

/// What a word does once its flags are read and its client stands.
using Work = Outcome<void> (*)(Client& client, const Arguments& arguments);

/// Reads the flags of the word of that name, makes the client, works; says on stderr why it ended early. Gives the exit
/// code.
int run(std::string_view word, std::span<const std::string> arguments, Work work);

/// The one queue that a word is about.
Outcome<std::string> only_queue(Client& client, const Arguments& arguments);

/// A number that a flag gives, `usual` when it is not there.
Outcome<std::int64_t> number_of(const Arguments& arguments, std::string_view flag, std::int64_t usual,
                                std::int64_t minimum, std::int64_t maximum);

inline bool wants_json(const Arguments& arguments) { return arguments.has("--json"); }

/// To stdout, as it is.
inline void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

/// The JSON that the API answers, and a line's end.
template <class Operation>
void print_json(const typename Operation::Output& output) {
  std::string json;
  aws::append_json(json, *Operation::service().operations[Operation::index].output.shape, &output, false);
  print(json + "\n");
}

/// All attributes of a queue, by name.
Outcome<std::map<std::string, std::string>> attributes_of(Client& client, const std::string& url);

/// A queue's name: the last part of its URL or ARN.
std::string_view name_of(std::string_view url_or_arn);

}  // namespace sluice::cli
