#include "server/settings_file.h"

#include <string_view>

namespace sluice::server {
namespace {

struct Format {
  std::string_view ending;  ///< of the file's name
  FileReading (*read)(const std::string& path);
};
// What stands first counts; the last row is for all others.
constexpr Format formats[] = {
    {"", read_toml},
};

}  // namespace

FileReading read_settings_file(const std::string& path) {
  for (const Format& format : formats) {
    if (path.ends_with(format.ending)) {
      return format.read(path);
    }
  }
  return read_toml(path);
}

}  // namespace sluice::server
