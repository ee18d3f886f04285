// The HTTP/1 reader: whatever comes, in whatever pieces, gives the same requests or the same fault as at once.
#include <cstdint>
#include <string>

#include "base/check.h"
#include "wire/gzip.h"
#include "wire/http1_reader.h"

namespace {

using namespace sluice;

constexpr wire::HttpLimits limits{
    .target_bytes_max = 512, .head_bytes_max = 2'048, .headers_max = 16, .body_bytes_max = 8'192};

// What the reader made of the input, as one text.
std::string story(std::string_view input, std::size_t piece_bytes) {
  std::string told;
  wire::HttpReader reader(limits);
  std::string buffer;
  wire::HttpRequest request;
  while (!input.empty()) {
    buffer.append(input.substr(0, piece_bytes));
    input.remove_prefix(std::min(piece_bytes, input.size()));
    for (;;) {
      std::size_t size = buffer.size();
      const auto progress = reader.advance(buffer.data(), size);
      check(size <= buffer.size(), "a reader never makes bytes");
      buffer.resize(size);
      if (progress == wire::HttpReader::Progress::failed) {
        return told + "failed " + std::to_string(static_cast<int>(reader.fault()));
      }
      if (progress == wire::HttpReader::Progress::more) {
        break;
      }
      check(reader.used() <= size, "a request ends within its bytes");
      reader.give(buffer.data(), request);
      check(request.body.size() <= limits.body_bytes_max, "a body keeps its bound");
      told.append(request.method).append(" ").append(request.path).append("?").append(request.query).append("\n");
      for (const wire::HttpHeader& header : request.headers) {
        told.append(header.name).append(":").append(header.value).append("\n");
      }
      told.append(request.body).append(reader.keeps_alive() ? "|" : "!");
      std::string inflated;
      wire::gunzip(request.body, limits.body_bytes_max, inflated);
      check(inflated.size() <= limits.body_bytes_max, "an inflated body keeps its bound");
      buffer.erase(0, reader.used());
      reader.reset();
    }
  }
  return told + "more";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  const std::string whole = story(input, input.size() + 1);
  sluice::check(story(input, 1) == whole, "byte by byte is the same as at once");
  sluice::check(story(input, 7) == whole, "in pieces is the same as at once");
  return 0;
}
