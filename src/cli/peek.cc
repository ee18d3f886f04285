#include "cli/peek.h"

#include <algorithm>

#include "cli/session.h"
#include "cli/table.h"
#include "wire/json.h"
#include "wire/json_document.h"

namespace sluice::cli {
namespace {

using Element = simdjson::dom::element;

constexpr std::int64_t usual_limit = 10;
constexpr std::int64_t limit_max = 100'000;
constexpr std::int64_t page_messages_max = 100;  // docs/admin-api.md
constexpr std::size_t body_columns_max = 100;
constexpr std::string_view states[] = {"visible", "in-flight", "delayed"};

/// What was seen so far, for people and for scripts.
struct Seen {
  Table table{{"STATE", "MESSAGE", "#RECEIVES", "SENT", "VISIBLE AT", "BODY"}};
  std::string json = "[";
  std::int64_t left = 0;  ///< of the limit
};

std::string text_of(Element message, const char* name) {
  std::string_view text;
  return message[name].get(text) == simdjson::SUCCESS ? std::string(text) : "";
}

std::string digits_of(Element message, const char* name) {
  std::int64_t number = 0;
  return message[name].get(number) == simdjson::SUCCESS ? std::to_string(number) : "";
}

std::string time_of(Element message, const char* name) {
  std::int64_t number = 0;
  std::string text;
  if (message[name].get(number) == simdjson::SUCCESS) {
    aws::append_iso8601(text, from_milliseconds(number));
  }
  return text;
}

// Takes a page's messages; the token of the next page, empty when there is none.
Outcome<std::string> take(const std::string& page, Seen& seen) {
  Element root;
  simdjson::dom::array messages;
  if (wire::JsonReader::local().read(page).get(root) != simdjson::SUCCESS ||
      root["messages"].get(messages) != simdjson::SUCCESS) {
    return refuse(exit_refused, "the page of messages cannot be read: is this a sluice?");
  }
  for (const Element message : messages) {
    const std::string body = text_of(message, "body");
    seen.table.add({text_of(message, "state"), text_of(message, "message_id"), digits_of(message, "receive_count"),
                    time_of(message, "sent_at_milliseconds"), time_of(message, "visible_at_milliseconds"),
                    body.empty() ? "(bytes)" : one_line(body, body_columns_max)});
    seen.json.append(simdjson::minify(message)).push_back(',');
    --seen.left;
  }
  return text_of(root, "next");
}

Outcome<void> look(Client& client, const std::string& path, std::string_view state, Seen& seen) {
  std::string next;
  do {
    std::string wire_state(state);
    std::ranges::replace(wire_state, '-', '_');
    const auto page = client.page(fmt::format("{}?state={}&limit={}&region={}{}{}", path, wire_state,
                                              std::min(seen.left, page_messages_max), client.caller().region,
                                              next.empty() ? "" : "&next=", next));
    if (!page) {
      return std::unexpected(page.error());
    }
    const auto token = take(*page, seen);
    if (!token) {
      return std::unexpected(token.error());
    }
    next = *token;
  } while (!next.empty() && seen.left > 0);
  return {};
}

Outcome<void> show(Client& client, const Arguments& arguments) {
  const auto limit = number_of(arguments, "--limit", usual_limit, 1, limit_max);
  std::string state = arguments.value("--state").value_or("");
  std::ranges::replace(state, '_', '-');  // as the table and the page spell it
  const auto url = only_queue(client, arguments);
  if (!limit || !url) {
    return std::unexpected(limit ? url.error() : limit.error());
  }
  if (!state.empty() && std::ranges::find(states, state) == std::end(states)) {
    return refuse(exit_bad_usage, fmt::format("--state takes visible, in-flight or delayed, not '{}'", state));
  }
  const std::string_view name = name_of(*url);
  const std::string_view before = std::string_view(*url).substr(0, url->size() - name.size() - 1);
  const std::string path = fmt::format("/_sluice/queues/{}/{}/messages", name_of(before), name);
  Seen seen;
  seen.left = *limit;
  for (const std::string_view one : states) {
    if (seen.left > 0 && (state.empty() || state == one)) {
      if (auto looked = look(client, path, one, seen); !looked) {
        return looked;
      }
    }
  }
  wire::close_json(seen.json, ']');
  print(wants_json(arguments) ? seen.json + "\n" : seen.table.empty() ? "" : seen.table.text());
  return {};
}

}  // namespace

int peek(std::span<const std::string> arguments) { return run("peek", arguments, show); }

}  // namespace sluice::cli
