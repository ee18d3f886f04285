#include "wire/json_document.h"

#include <algorithm>

namespace sluice::wire {
namespace {
constexpr std::size_t smallest_capacity_bytes = 4096;
}

simdjson::simdjson_result<simdjson::dom::element> JsonReader::read(std::string_view text) {
  if (parser_.capacity() < text.size() || parser_.max_depth() != json_depth_max) {
    const auto wanted = std::max(text.size(), smallest_capacity_bytes);
    if (const auto fault = parser_.allocate(wanted, json_depth_max); fault != simdjson::SUCCESS) {
      return fault;
    }
  }
  padded_.assign(text);
  padded_.append(simdjson::SIMDJSON_PADDING, '\0');
  return parser_.parse(padded_.data(), text.size(), false);
}

void JsonReader::release() {
  if (padded_.capacity() > json_buffer_bytes_kept_max) {
    padded_ = std::string();
    parser_ = simdjson::dom::parser();
  }
}

JsonReader& JsonReader::local() {
  thread_local JsonReader reader;
  return reader;
}

}  // namespace sluice::wire
