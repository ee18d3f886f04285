#include "io/memory_disk.h"

#include <map>
#include <mutex>
#include <shared_mutex>

#include "io/pages.h"

namespace sluice::io {
namespace {

/// Told as free: memory is bounded by dropping dead segments, not by a number here.
constexpr std::uint64_t free_bytes_told = 1ULL << 40;

struct MemoryNode {
  std::shared_mutex mutex;
  Pages pages;
};

class MemoryFile final : public File {
 public:
  explicit MemoryFile(std::shared_ptr<MemoryNode> node) : node_(std::move(node)) {}

  Outcome<void> write(std::uint64_t offset, std::span<const std::string_view> pieces) override {
    const std::unique_lock lock(node_->mutex);
    for (const std::string_view piece : pieces) {
      node_->pages.write(offset, piece);
      offset += piece.size();
    }
    return {};
  }
  Outcome<void> read(std::uint64_t offset, std::size_t bytes, std::string& into) override {
    const std::shared_lock lock(node_->mutex);
    node_->pages.read(offset, bytes, into);
    return {};
  }
  Outcome<bool> read_if_cached(std::uint64_t offset, std::size_t bytes, std::string& into) override {
    const std::shared_lock lock(node_->mutex);
    node_->pages.read(offset, bytes, into);
    return true;
  }
  Outcome<void> sync() override { return {}; }
  Outcome<std::uint64_t> size() override {
    const std::shared_lock lock(node_->mutex);
    return node_->pages.size();
  }
  Outcome<void> truncate(std::uint64_t bytes) override {
    const std::unique_lock lock(node_->mutex);
    node_->pages.truncate(bytes);
    return {};
  }
  Outcome<void> zero_fill(std::uint64_t offset, std::uint64_t bytes) override {
    const std::unique_lock lock(node_->mutex);
    node_->pages.zero(offset, bytes);
    return {};
  }

 private:
  std::shared_ptr<MemoryNode> node_;
};

class MemoryDisk final : public Disk {
 public:
  Outcome<std::unique_ptr<File>> open(const std::string& name, Mode mode) override {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<MemoryNode>& node = files_[name];
    if (mode == Mode::create) {
      node = std::make_shared<MemoryNode>();
    } else if (!node) {
      files_.erase(name);
      return missing(name);
    }
    return std::make_unique<MemoryFile>(node);
  }
  Outcome<void> rename(const std::string& from, const std::string& to) override {
    const std::lock_guard lock(mutex_);
    const auto found = files_.find(from);
    if (found == files_.end()) {
      return missing(from);
    }
    std::shared_ptr<MemoryNode> node = std::move(found->second);
    files_.erase(found);
    files_[to] = std::move(node);
    return {};
  }
  Outcome<void> remove(const std::string& name) override {
    const std::lock_guard lock(mutex_);
    if (files_.erase(name) == 0) {
      return missing(name);
    }
    return {};
  }
  Outcome<void> make_directory(const std::string&) override { return {}; }
  Outcome<std::vector<std::string>> list(const std::string&) override {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [name, node] : files_) {
      names.push_back(name);
    }
    return names;
  }
  Outcome<void> sync_directory(const std::string&) override { return {}; }
  Outcome<std::uint64_t> free_bytes() override { return free_bytes_told; }
  Outcome<void> lock() override { return {}; }

 private:
  static std::unexpected<Fault> missing(const std::string& name) {
    return std::unexpected(Fault{std::make_error_code(std::errc::no_such_file_or_directory), "open " + name});
  }

  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<MemoryNode>> files_;
};

}  // namespace

std::unique_ptr<Disk> make_memory_disk() { return std::make_unique<MemoryDisk>(); }

}  // namespace sluice::io
