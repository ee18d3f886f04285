#include "server/import/yaml.h"

#include <cstddef>
#include <cstdint>

#include "server/import/import.h"

// YAML, and what GoAWS' settings are made of.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice::server;
  if (const auto tree = read_yaml({reinterpret_cast<const char*>(data), size})) {
    if (const auto file = import_goaws(*tree, "fuzz.yaml", "")) {
      to_toml(*file);
    }
  }
  return 0;
}
