#include "server/settings_file.h"

#include <string_view>

#include "server/import/import.h"

namespace sluice::server {
namespace {

struct Format {
  std::string_view ending;  ///< of the file's name
  FileReading (*read)(const std::string& path);
};
constexpr Format formats[] = {
    {".conf", read_elasticmq},
    {".hocon", read_elasticmq},
    {".yaml", read_goaws},
    {".yml", read_goaws},
};

}  // namespace

FileReading read_settings_file(const std::string& path) {
  const std::string_view file = std::string_view(path).substr(0, path.rfind('#'));  // "FILE#ENVIRONMENT"
  for (const Format& format : formats) {
    if (file.ends_with(format.ending)) {
      return format.read(path);
    }
  }
  return read_toml(path);
}

}  // namespace sluice::server
