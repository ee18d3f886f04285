#include <fmt/format.h>

#include <algorithm>

#include "server/config.h"
#include "server/import/import.h"
#include "wire/json.h"

namespace sluice::server {
namespace {

// A basic string of TOML: what JSON escapes is read there as well.
std::string quoted(std::string_view text) {
  std::string out;
  wire::append_json_string(out, text);
  return out;
}

std::string list(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    out.append(out.empty() ? "" : ", ").append(quoted(text.substr(0, comma)));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return "[" + out + "]";
}

std::string value_of(const FileSetting& given) {
  const auto rows = settings();
  const auto row = std::ranges::find(rows, std::string_view(given.name), &Setting::name);
  const bool is_list = row != rows.end() && std::holds_alternative<std::vector<std::string> Config::*>(row->field);
  const bool is_text = row == rows.end() || std::holds_alternative<std::string Config::*>(row->field);
  return is_list ? list(given.value) : is_text ? quoted(given.value) : given.value;
}

std::string table(const std::map<std::string, std::string>& map) {
  std::string out;
  for (const auto& [name, value] : map) {
    out.append(out.empty() ? "" : ", ").append(quoted(name)).append(" = ").append(quoted(value));
  }
  return "{ " + out + " }";
}

void append_queue(std::string& out, const QueueDeclaration& queue) {
  out += fmt::format("\n[[queue]]\nname = {}\n", quoted(queue.name));
  for (const auto& [key, value] : {std::pair("account", queue.account), std::pair("region", queue.region),
                                   std::pair("dead_letter_queue", queue.dead_letter_queue)}) {
    out += value.empty() ? "" : fmt::format("{} = {}\n", key, quoted(value));
  }
  out += queue.receives_max == 0 ? "" : fmt::format("receives_max = {}\n", queue.receives_max);
  out += queue.attributes.empty() ? "" : fmt::format("attributes = {}\n", table(queue.attributes));
  out += queue.tags.empty() ? "" : fmt::format("tags = {}\n", table(queue.tags));
}

}  // namespace

std::string to_toml(const SettingsFile& file) {
  std::string out;
  for (const std::string& note : file.notes) {
    std::string line = note;
    std::ranges::replace_if(line, [](char c) { return c >= 0 && c < ' '; }, ' ');
    out += fmt::format("# {}\n", line);
  }
  for (const FileSetting& given : file.settings) {
    out += fmt::format("{} = {}\n", given.name, value_of(given));
  }
  for (const QueueDeclaration& queue : file.queues) {
    append_queue(out, queue);
  }
  return out;
}

}  // namespace sluice::server
