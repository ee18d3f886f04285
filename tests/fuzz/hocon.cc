#include "server/import/hocon.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "server/import/import.h"

// HOCON, and what ElasticMQ's settings are made of.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice::server;
  const auto environment = [](const std::string& name) {
    return name.starts_with('E') ? std::optional(name) : std::nullopt;
  };
  if (const auto tree = read_hocon({reinterpret_cast<const char*>(data), size}, environment)) {
    if (const auto file = import_elasticmq(*tree, "fuzz.conf")) {
      to_toml(*file);
    }
  }
  return 0;
}
