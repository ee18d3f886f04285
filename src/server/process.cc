#include "server/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace sluice::server {
namespace {

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

const std::chrono::system_clock::time_point began = std::chrono::system_clock::now();

}  // namespace

admin::Numbers process_numbers() {
  admin::Numbers numbers;
  numbers.started_seconds = std::chrono::duration<double>(began.time_since_epoch()).count();
  std::uint64_t pages = 0, resident_pages = 0;
  if (std::ifstream("/proc/self/statm") >> pages >> resident_pages) {
    numbers.resident_bytes = resident_pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  }
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    numbers.cpu_seconds = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
  }
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    numbers.open_files_max = files.rlim_cur;
  }
  std::error_code error;
  const std::filesystem::directory_iterator open("/proc/self/fd", error);
  numbers.open_files = error ? 0 : static_cast<std::uint64_t>(std::distance(begin(open), end(open)));
  return numbers;
}

}  // namespace sluice::server
