#include "io/posix_disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>

namespace sluice::io {
namespace {

constexpr std::size_t pieces_per_write_max = 512;  // below the kernel's IOV_MAX (1024)
constexpr std::size_t zero_bytes = 1U << 20;       // written at once by zero_fill

std::unexpected<Fault> fault(const char* operation, const std::string& path, int error = errno) {
  return std::unexpected(Fault{std::error_code(error, std::generic_category()), std::string(operation) + " " + path});
}

class PosixFile final : public File {
 public:
  PosixFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  ~PosixFile() override { ::close(descriptor_); }
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;

  Outcome<void> write(std::uint64_t offset, std::span<const std::string_view> pieces) override {
    std::array<iovec, pieces_per_write_max> vectors;
    for (std::size_t next = 0; next < pieces.size();) {
      std::size_t count = 0;
      for (; count < vectors.size() && next < pieces.size(); ++next) {
        if (!pieces[next].empty()) {
          vectors[count++] = {const_cast<char*>(pieces[next].data()), pieces[next].size()};
        }
      }
      if (Outcome<void> written = write_all({vectors.data(), count}, offset); !written) {
        return written;
      }
    }
    return {};
  }

  Outcome<void> read(std::uint64_t offset, std::size_t bytes, std::string& into) override {
    const Outcome<bool> done = read_as(0, offset, bytes, into);
    return done ? Outcome<void>() : std::unexpected(done.error());
  }

  Outcome<bool> read_if_cached(std::uint64_t offset, std::size_t bytes, std::string& into) override {
    return read_as(RWF_NOWAIT, offset, bytes, into);
  }

  Outcome<void> sync() override {
    if (::fdatasync(descriptor_) != 0) {
      return fault("fdatasync", path_);
    }
    return {};
  }

  Outcome<std::uint64_t> size() override {
    struct stat status{};
    if (::fstat(descriptor_, &status) != 0) {
      return fault("fstat", path_);
    }
    return static_cast<std::uint64_t>(status.st_size);
  }

  Outcome<void> truncate(std::uint64_t bytes) override {
    if (::ftruncate(descriptor_, static_cast<off_t>(bytes)) != 0) {
      return fault("truncate", path_);
    }
    return {};
  }

  Outcome<void> zero_fill(std::uint64_t offset, std::uint64_t bytes) override {
    static const std::string zeros(zero_bytes, '\0');
    while (bytes > 0) {
      const std::string_view piece = std::string_view(zeros).substr(0, std::min<std::uint64_t>(bytes, zero_bytes));
      if (Outcome<void> written = write(offset, {&piece, 1}); !written) {
        return written;
      }
      offset += piece.size();
      bytes -= piece.size();
    }
    return {};
  }

 private:
  /// `flags` as preadv2 knows them. False only with RWF_NOWAIT, where it would have to wait.
  Outcome<bool> read_as(int flags, std::uint64_t offset, std::size_t bytes, std::string& into) {
    into.resize(bytes);
    std::size_t have = 0;
    while (have < bytes) {
      iovec vector{into.data() + have, bytes - have};
      const ssize_t got = ::preadv2(descriptor_, &vector, 1, static_cast<off_t>(offset + have), flags);
      if (got < 0 && flags == RWF_NOWAIT && (errno == EAGAIN || errno == EOPNOTSUPP || errno == ENOSYS)) {
        return false;  // it would wait, or this file system cannot tell
      }
      if (got < 0 && errno != EINTR) {
        return fault("read", path_);
      }
      if (got == 0) {
        break;
      }
      have += got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    into.resize(have);
    return true;
  }

  Outcome<void> write_all(std::span<iovec> vectors, std::uint64_t& offset) {
    while (!vectors.empty()) {
      const ssize_t put =
          ::pwritev(descriptor_, vectors.data(), static_cast<int>(vectors.size()), static_cast<off_t>(offset));
      if (put < 0 && errno != EINTR) {
        return fault("write", path_);
      }
      std::size_t done = put > 0 ? static_cast<std::size_t>(put) : 0;
      offset += done;
      while (!vectors.empty() && done >= vectors.front().iov_len) {
        done -= vectors.front().iov_len;
        vectors = vectors.subspan(1);
      }
      if (done > 0) {
        vectors.front().iov_base = static_cast<char*>(vectors.front().iov_base) + done;
        vectors.front().iov_len -= done;
      }
    }
    return {};
  }

  int descriptor_;
  std::string path_;
};

class PosixDisk final : public Disk {
 public:
  explicit PosixDisk(std::string directory) : root_(std::move(directory)) {}
  ~PosixDisk() override {
    if (lock_ >= 0) {
      ::close(lock_);
    }
  }
  PosixDisk(const PosixDisk&) = delete;
  PosixDisk& operator=(const PosixDisk&) = delete;

  Outcome<std::unique_ptr<File>> open(const std::string& name, Mode mode) override {
    constexpr std::array<int, 3> flags = {O_RDONLY, O_RDWR, O_RDWR | O_CREAT | O_TRUNC};
    const int descriptor = ::open(path(name).c_str(), flags[static_cast<std::size_t>(mode)] | O_CLOEXEC, 0640);
    if (descriptor < 0) {
      return fault("open", path(name));
    }
    return std::make_unique<PosixFile>(descriptor, path(name));
  }

  Outcome<void> rename(const std::string& from, const std::string& to) override {
    if (::rename(path(from).c_str(), path(to).c_str()) != 0) {
      return fault("rename", path(from));
    }
    return {};
  }

  Outcome<void> remove(const std::string& name) override {
    if (::unlink(path(name).c_str()) != 0) {
      return fault("remove", path(name));
    }
    return {};
  }

  Outcome<void> make_directory(const std::string& name) override {
    std::error_code code;
    std::filesystem::create_directories(path(name), code);
    if (code) {
      return fault("make directory", path(name), code.value());
    }
    return {};
  }

  Outcome<std::vector<std::string>> list(const std::string& directory) override {
    const std::unique_ptr<DIR, int (*)(DIR*)> open_directory(::opendir(path(directory).c_str()), ::closedir);
    if (!open_directory) {
      return fault("list", path(directory));
    }
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(open_directory.get())) {
      if (const std::string name = entry->d_name; name != "." && name != "..") {
        names.push_back(name);
      }
    }
    std::ranges::sort(names);
    return names;
  }

  Outcome<void> sync_directory(const std::string& directory) override {
    const int descriptor = ::open(path(directory).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) {
      return fault("open", path(directory));
    }
    const int result = ::fsync(descriptor);
    const int error = errno;
    ::close(descriptor);
    if (result != 0) {
      return fault("fsync", path(directory), error);
    }
    return {};
  }

  Outcome<std::uint64_t> free_bytes() override {
    struct statvfs status{};
    if (::statvfs(root_.c_str(), &status) != 0) {
      return fault("statvfs", root_);
    }
    return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
  }

  Outcome<void> lock() override {
    lock_ = ::open(path("lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (lock_ < 0) {
      return fault("open", path("lock"));
    }
    if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
      const int error = errno;
      ::close(lock_);
      lock_ = -1;
      return fault(error == EWOULDBLOCK ? "another process uses this directory: lock" : "lock", path("lock"), error);
    }
    return {};
  }

 private:
  std::string path(const std::string& name) const { return name.empty() ? root_ : root_ + "/" + name; }

  std::string root_;
  int lock_ = -1;
};

}  // namespace

Outcome<std::unique_ptr<Disk>> open_posix_disk(const std::string& directory) {
  auto disk = std::make_unique<PosixDisk>(directory);
  if (Outcome<void> made = disk->make_directory(""); !made) {
    return std::unexpected(made.error());
  }
  return disk;
}

}  // namespace sluice::io
