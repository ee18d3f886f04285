#include "wire/http1.h"

namespace sluice::wire {
namespace {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

struct Phrase {
  std::uint16_t status;
  std::string_view words;
};

constexpr Phrase phrases[] = {
    {100, "Continue"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {411, "Length Required"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
};

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) {
    return false;
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) {
      return false;
    }
  }
  return true;
}

const HttpHeader* HttpRequest::find(std::string_view name) const {
  for (const HttpHeader& header : headers) {
    if (equal_ignoring_case(header.name, name)) {
      return &header;
    }
  }
  return nullptr;
}

std::string_view HttpRequest::header(std::string_view name) const {
  const HttpHeader* found = find(name);
  return found != nullptr ? found->value : std::string_view();
}

void HttpResponse::add_header(std::string_view name, std::string_view value) {
  header_lines.append(name).append(": ");
  for (const char c : value) {
    if (c != '\r' && c != '\n' && c != '\0') {
      header_lines.push_back(c);
    }
  }
  header_lines.append("\r\n");
}

std::string_view HttpResponse::header(std::string_view name) const {
  std::string_view rest = header_lines;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(line.size() + 2);
    const std::size_t colon = line.find(": ");
    if (equal_ignoring_case(line.substr(0, colon), name)) {
      return line.substr(colon + 2);
    }
  }
  return {};
}

std::string_view reason_phrase(std::uint16_t status) {
  for (const Phrase& phrase : phrases) {
    if (phrase.status == status) {
      return phrase.words;
    }
  }
  return status < 400 ? "OK" : status < 500 ? "Client Error" : "Server Error";
}

}  // namespace sluice::wire
