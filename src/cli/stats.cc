#include "cli/stats.h"

#include "cli/session.h"
#include "cli/table.h"
#include "wire/json.h"
#include "wire/json_document.h"

namespace sluice::cli {
namespace {

constexpr std::string_view status_page = "/_sluice/status";

// Each member of the page's object; what is an object or a list itself as the JSON it is.
Outcome<void> show_server(Client& client, const Arguments& arguments) {
  const auto page = client.page(status_page);
  if (!page) {
    return std::unexpected(page.error());
  }
  if (wants_json(arguments)) {
    print(*page);
    return {};
  }
  simdjson::dom::object members;
  if (wire::JsonReader::local().read(*page).get(members) != simdjson::SUCCESS) {
    return refuse(exit_refused, fmt::format("{} is no page of numbers: is this a sluice?", status_page));
  }
  Table table({"NUMBER", "VALUE"});
  for (const auto [name, value] : members) {
    std::string_view text;
    table.add({std::string(name), value.get(text) == simdjson::SUCCESS ? std::string(text) : simdjson::minify(value)});
  }
  print(table.text());
  return {};
}

Outcome<void> show_queues(Client& client, const Arguments& arguments) {
  std::string json = "[";
  for (const std::string& queue : arguments.rest()) {
    const auto url = client.queue_url(queue);
    const auto attributes = url ? attributes_of(client, *url) : std::unexpected(url.error());
    if (!attributes) {
      return std::unexpected(attributes.error());
    }
    Table table({"ATTRIBUTE", "VALUE"});
    json += '{';
    for (const auto& [name, value] : *attributes) {
      table.add({name, value});
      wire::append_json_string(json, name);
      json += ':';
      wire::append_json_string(json, value);
      json += ',';
    }
    wire::close_json(json, '}');
    json += ',';
    print(wants_json(arguments) ? "" : table.text());
  }
  wire::close_json(json, ']');
  print(wants_json(arguments) ? json + "\n" : "");
  return {};
}

Outcome<void> show(Client& client, const Arguments& arguments) {
  return arguments.rest().empty() ? show_server(client, arguments) : show_queues(client, arguments);
}

}  // namespace

int stats(std::span<const std::string> arguments) { return run("stats", arguments, show); }

}  // namespace sluice::cli
