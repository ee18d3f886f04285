// GET /_sluice/queues/{account}/{name}/messages: what lies in a queue, without receiving it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/digest.h"
#include "doors/admin/admin.h"
#include "machines/queue/commands.h"
#include "machines/queue/message.h"
#include "wire/json.h"

namespace sluice::admin {
namespace {

constexpr std::uint32_t limit_usual = 10;
constexpr std::uint32_t limit_max = 100;  // messages in a page; in bytes it is bounded by the machine

struct StateName {
  std::string_view name;
  queue::PeekState state;
};
constexpr StateName states[] = {{"visible", queue::PeekState::visible},
                                {"in_flight", queue::PeekState::in_flight},
                                {"delayed", queue::PeekState::delayed}};

template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

// The token between two pages: opaque to clients.
std::string token_of(const queue::PeekPlace& place) {
  return fmt::format("{}.{}.{}.{}", place.part, place.block, place.number, to_milliseconds(place.due));
}

std::optional<queue::PeekPlace> place_of(std::string_view token) {
  std::array<std::uint64_t, 4> numbers{};
  for (std::uint64_t& number : numbers) {
    const std::size_t dot = std::min(token.find('.'), token.size());
    const auto read = number_of<std::uint64_t>(token.substr(0, dot));
    if (!read) {
      return std::nullopt;
    }
    number = *read;
    token.remove_prefix(std::min(dot + 1, token.size()));
  }
  if (!token.empty() || numbers[3] > static_cast<std::uint64_t>(to_milliseconds(never))) {
    return std::nullopt;
  }
  return queue::PeekPlace{numbers[0], numbers[1], numbers[2], from_milliseconds(static_cast<std::int64_t>(numbers[3]))};
}

/// The command that the parameters ask for, or what is wrong with them.
std::expected<std::unique_ptr<queue::Peek>, std::string> command_of(const Asked& asked) {
  auto command = std::make_unique<queue::Peek>();
  command->count_max = limit_usual;
  if (const std::string* state = asked.parameter("state")) {
    const auto found = std::ranges::find(states, std::string_view(*state), &StateName::name);
    if (found == std::end(states)) {
      return std::unexpected("state is visible, in_flight or delayed.");
    }
    command->state = found->state;
  }
  if (const std::string* limit = asked.parameter("limit")) {
    command->count_max = number_of<std::uint32_t>(*limit).value_or(0);
    if (command->count_max < 1 || command->count_max > limit_max) {
      return std::unexpected(fmt::format("limit is a whole number from 1 to {}.", limit_max));
    }
  }
  if (const std::string* next = asked.parameter("next"); next != nullptr && !next->empty()) {
    command->after = place_of(*next);
    if (!command->after) {
      return std::unexpected("next is what an earlier page gave.");
    }
  }
  return command;
}

void append_text(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) {
    return;
  }
  wire::append_json_string(out, name);
  out.push_back(':');
  wire::append_json_string(out, value);
  out.push_back(',');
}

void append_time(std::string& out, std::string_view name, Time time) {
  if (time != Time{}) {
    fmt::format_to(std::back_inserter(out), "\"{}\":{},", name, to_milliseconds(time));
  }
}

// Bytes that are no text come in base64, under another name.
void append_bytes(std::string& out, std::string_view name, std::string_view value, bool binary) {
  if (binary || !wire::is_utf8(value)) {
    append_text(out, std::string(name) + "_base64", base64_encode(value));
  } else {
    append_text(out, name, value);
  }
}

void append_headers(std::string& out, const std::vector<queue::Header>& headers) {
  out.append("\"attributes\":{");
  for (const queue::Header& header : headers) {
    wire::append_json_string(out, header.name);
    out.append(":{");
    append_text(out, "type", header.type);
    append_bytes(out, "value", header.value, header.type.starts_with("Binary"));
    wire::close_json(out, '}');
    out.push_back(',');
  }
  wire::close_json(out, '}');
  out.push_back(',');
}

void append_envelope(std::string& out, const queue::Message& message, bool with_body) {
  append_text(out, "message_id", message.id);
  if (with_body) {
    append_bytes(out, "body", message.body, false);
  }
  fmt::format_to(std::back_inserter(out), "\"body_bytes\":{},", message.body.size());
  append_headers(out, message.headers);
  append_text(out, "sender", message.sender);
  append_text(out, "trace", message.trace);
  append_text(out, "group", message.group);
  append_text(out, "deduplication_id", message.deduplication_id);
  append_text(out, "dead_letter_source", message.dead_letter_source);
}

void append_message(std::string& out, const queue::PeekedMessage& message, const std::optional<std::string>& envelope,
                    std::string_view state, bool with_body) {
  fmt::format_to(std::back_inserter(out), "{{\"state\":\"{}\",\"number\":{},\"receive_count\":{},", state,
                 message.number, message.receive_count);
  append_time(out, "sent_at_milliseconds", message.sent);
  append_time(out, "first_received_at_milliseconds", message.receive_count > 0 ? message.first_received : Time{});
  append_time(out, "visible_at_milliseconds", message.visible_at);
  const auto decoded = envelope ? queue::decode(*envelope) : std::nullopt;
  if (decoded) {
    append_envelope(out, *decoded, with_body);
  } else {
    out.append("\"unreadable\":true,");  // its place in the log cannot be read; it is kept
  }
  wire::close_json(out, '}');
}

}  // namespace

Task<wire::HttpResponse> Admin::messages(Asked asked) {
  const auto name = queue_in(asked);
  if (!name) {
    co_return no_queue_page();
  }
  auto command = command_of(asked);
  if (!command) {
    co_return error_page(400, command.error());
  }
  const auto state = std::ranges::find(states, (*command)->state, &StateName::state)->name;
  const std::string* body = asked.parameter("body");
  const bool with_body = body == nullptr || *body != "false";
  node::Question question;  // named: g++ 12 frees a braced one twice when it waits
  question.name = name->arn();
  question.command = std::move(*command);
  auto answer = co_await node::ask(gate_, std::move(question), &asked.visit.call.ticket);
  if (!answer) {
    co_return refusal_page(answer.error());
  }
  const auto& page = static_cast<const queue::Peeked&>(**answer);
  std::string out = "{\"messages\":[";
  for (std::size_t at = 0; at < page.messages.size(); ++at) {
    append_message(out, page.messages[at], page.bytes[at], state, with_body);
    out.push_back(',');
  }
  wire::close_json(out, ']');
  if (page.next) {
    fmt::format_to(std::back_inserter(out), ",\"next\":\"{}\"", token_of(*page.next));
  }
  co_return json_page(out + "}\n");
}

}  // namespace sluice::admin
