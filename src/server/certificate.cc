#include "server/certificate.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "server/text_file.h"

namespace sluice::server {
namespace {

using Error = std::unexpected<std::string>;

// Never there half, never readable by others.
std::expected<void, std::string> write(const std::string& path, const std::string& text) {
  const std::string fresh = path + ".new";
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
  const bool written =
      file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
  if (file >= 0) {
    ::close(file);
  }
  if (!written || ::rename(fresh.c_str(), path.c_str()) != 0) {
    return Error(fmt::format("{}: {}", path, std::strerror(errno)));
  }
  return {};
}

struct Paths {
  std::string certificate;
  std::string key;
};

std::expected<Paths, std::string> self_signed_paths(const std::string& data) {
  namespace fs = std::filesystem;
  const fs::path directory = fs::path(data) / "tls";
  const Paths paths{directory / "certificate.pem", directory / "key.pem"};
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) {
    return Error(fmt::format("{}: {}", directory.string(), error.message()));
  }
  if (fs::exists(paths.certificate, error) && fs::exists(paths.key, error)) {
    return paths;
  }
  const auto made = io::make_self_signed();
  if (!made) {
    return Error(made.error().what);
  }
  if (auto done = write(paths.key, made->key); !done) {
    return Error(done.error());
  }
  if (auto done = write(paths.certificate, made->certificate); !done) {
    return Error(done.error());
  }
  return paths;
}

}  // namespace

std::expected<std::unique_ptr<io::TlsContext>, std::string> tls_of(const Config& config) {
  Paths paths{config.tls_certificate, config.tls_key};
  if (paths.certificate.empty() != paths.key.empty()) {
    return Error("tls_certificate and tls_key go together: give both");
  }
  if (config.tls_self_signed) {
    if (!paths.key.empty()) {
      return Error("tls_self_signed makes its own certificate: give it or tls_certificate, not both");
    }
    auto own = self_signed_paths(config.data);
    if (!own) {
      return Error(own.error());
    }
    paths = *own;
  }
  if (paths.key.empty()) {
    return nullptr;
  }
  const auto certificate = read_text_file(paths.certificate);
  const auto key = read_text_file(paths.key);
  if (!certificate || !key) {
    return Error(!certificate ? certificate.error() : key.error());
  }
  auto context = io::TlsContext::make(*certificate, *key);
  if (!context) {
    return Error(context.error().what);
  }
  return std::move(*context);
}

}  // namespace sluice::server
