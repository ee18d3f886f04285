#include "server/journal_words.h"

#include <cstdio>
#include <filesystem>
#include <iostream>

#include "io/posix_disk.h"
#include "journal/tool.h"

namespace sluice::server {
namespace {

constexpr int cannot_read = 1;
constexpr int bad_usage = 2;

struct Tool {
  std::string_view name;
  int (*run)(io::Disk& disk);
};
constexpr Tool tools[] = {
    {"inspect", [](io::Disk& disk) { return journal::inspect(disk, std::cout); }},
    {"verify", [](io::Disk& disk) { return journal::verify(disk, std::cout); }},
    {"dump", [](io::Disk& disk) { return journal::dump(disk, std::cout, false); }},
    {"dump --contents", [](io::Disk& disk) { return journal::dump(disk, std::cout, true); }},
};

}  // namespace

int journal_word(std::span<const std::string> arguments) {
  const bool contents = arguments.size() == 3 && arguments[2] == "--contents";
  const std::string name = arguments.empty() ? "" : arguments[0] + (contents ? " --contents" : "");
  for (const Tool& tool : tools) {
    if (tool.name != name || arguments.size() != (contents ? 3U : 2U)) {
      continue;
    }
    std::error_code error;
    if (!std::filesystem::is_directory(arguments[1], error)) {  // which open_posix_disk would make
      std::fprintf(stderr, "sluice: %s is not a directory\n", arguments[1].c_str());
      return cannot_read;
    }
    auto disk = io::open_posix_disk(arguments[1]);
    if (!disk) {
      std::fprintf(stderr, "sluice: %s\n", io::words_of(disk.error()).c_str());
      return cannot_read;
    }
    return tool.run(**disk);
  }
  std::fprintf(stderr, "usage: sluice journal inspect|verify|dump DIRECTORY [--contents]\n");
  return bad_usage;
}

}  // namespace sluice::server
