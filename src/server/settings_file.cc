#include "server/settings_file.h"

#include <algorithm>
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

const Format* format_of(const std::string& path) {
  const std::string_view file = std::string_view(path).substr(0, path.rfind('#'));  // "FILE#ENVIRONMENT"
  const auto* found = std::ranges::find_if(formats, [&](const Format& row) { return file.ends_with(row.ending); });
  return found == std::end(formats) ? nullptr : found;
}

}  // namespace

FileReading read_settings_file(const std::string& path) {
  const Format* format = format_of(path);
  return format != nullptr ? format->read(path) : read_toml(path);
}

FileReading read_foreign_file(const std::string& path) {
  const Format* format = format_of(path);
  return format != nullptr ? format->read(path)
                           : std::unexpected(path + ": neither ElasticMQ's (.conf, .hocon) nor GoAWS' (.yaml, .yml)");
}

}  // namespace sluice::server
