#include "io/simulated_disk.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "io/pages.h"

namespace sluice::io {
namespace {

constexpr std::uint64_t sector_bytes = 512;  // what a disk writes whole or not at all

struct Change {
  enum class Kind { write, zero, truncate } kind;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::string data;
};

struct Node {
  Pages current;
  Pages durable;
  std::vector<Change> unsynced;
};

/// Creation (from is empty), rename, removal (to is empty).
struct NameChange {
  std::string from, to;
  std::shared_ptr<Node> node;
};

using Names = std::map<std::string, std::shared_ptr<Node>>;

void carry_out(Pages& pages, const Change& change) {
  switch (change.kind) {
    case Change::Kind::write:
      return pages.write(change.offset, change.data);
    case Change::Kind::zero:
      return pages.zero(change.offset, change.bytes);
    case Change::Kind::truncate:
      return pages.truncate(change.offset);
  }
}

void carry_out(Names& names, const NameChange& change) {
  if (!change.from.empty()) {
    names.erase(change.from);
  }
  if (!change.to.empty()) {
    names[change.to] = change.node;
  }
}

/// Some sectors of the change and not others.
void carry_out_torn(Pages& pages, const Change& change, Random& random) {
  if (change.kind == Change::Kind::truncate) {
    return carry_out(pages, change);
  }
  const bool prefix = random.chance(0.5);
  const std::uint64_t end = change.offset + change.bytes;
  for (std::uint64_t at = change.offset; at < end;) {
    const std::uint64_t next = std::min(end, (at / sector_bytes + 1) * sector_bytes);
    const bool kept = random.chance(prefix ? 0.8 : 0.5);
    if (prefix && !kept) {
      return;
    }
    if (kept && change.kind == Change::Kind::zero) {
      pages.zero(at, next - at);
    } else if (kept) {
      pages.write(at, std::string_view(change.data).substr(at - change.offset, next - at));
    }
    at = next;
  }
}

void lose(Node& node, Random& random) {
  for (std::size_t left = node.unsynced.size(); left > 1; --left) {
    std::swap(node.unsynced[left - 1], node.unsynced[random.below(left)]);
  }
  for (const Change& change : node.unsynced) {
    const std::uint64_t fate = random.below(3);
    if (fate == 0) {
      carry_out(node.durable, change);
    } else if (fate == 1) {
      carry_out_torn(node.durable, change, random);
    }
  }
  node.unsynced.clear();
  node.current = node.durable;
}

class Simulated final : public SimulatedDisk {
 public:
  // What is shared with the files: the disk may end before them.
  struct Machine {
    std::mutex mutex;
    Names names, durable_names;
    std::vector<NameChange> unsynced;
    std::uint64_t capacity = ~0ULL;
    std::uint64_t life = 0;  // grows at each crash: files of an earlier life are dead
    std::uint64_t operations = 0;
    std::uint64_t stop_at = ~0ULL;
    bool locked = false;
    std::function<std::optional<std::errc>(Operation, const std::string&)> hook;

    std::uint64_t used() const {
      std::uint64_t sum = 0;
      for (const auto& [name, node] : names) {
        sum += node->current.size();
      }
      return sum;
    }
    Outcome<void> admit(Operation operation, const std::string& name, std::uint64_t born) {
      if (born != life || operations >= stop_at) {
        return refuse(std::errc::io_error, name);
      }
      operations += operation == Operation::read ? 0 : 1;
      if (const auto error = hook ? hook(operation, name) : std::nullopt) {
        return refuse(*error, name);
      }
      return {};
    }
    static std::unexpected<Fault> refuse(std::errc error, const std::string& name) {
      return std::unexpected(Fault{std::make_error_code(error), "simulated disk: " + name});
    }
  };

  class SimulatedFile final : public File {
   public:
    SimulatedFile(std::shared_ptr<Machine> machine, std::shared_ptr<Node> node, std::string name)
        : machine_(std::move(machine)), node_(std::move(node)), name_(std::move(name)), life_(machine_->life) {}

    Outcome<void> write(std::uint64_t offset, std::span<const std::string_view> pieces) override {
      const std::lock_guard lock(machine_->mutex);
      std::string data;
      for (const std::string_view piece : pieces) {
        data.append(piece);
      }
      const std::uint64_t bytes = data.size();
      return change(Operation::write, {Change::Kind::write, offset, bytes, std::move(data)});
    }
    Outcome<void> zero_fill(std::uint64_t offset, std::uint64_t bytes) override {
      const std::lock_guard lock(machine_->mutex);
      return change(Operation::zero_fill, {Change::Kind::zero, offset, bytes, {}});
    }
    Outcome<void> truncate(std::uint64_t bytes) override {
      const std::lock_guard lock(machine_->mutex);
      return change(Operation::truncate, {Change::Kind::truncate, bytes, 0, {}});
    }
    Outcome<void> read(std::uint64_t offset, std::size_t bytes, std::string& into) override {
      const std::lock_guard lock(machine_->mutex);
      if (Outcome<void> admitted = machine_->admit(Operation::read, name_, life_); !admitted) {
        return admitted;
      }
      node_->current.read(offset, bytes, into);
      return {};
    }
    Outcome<bool> read_if_cached(std::uint64_t offset, std::size_t bytes, std::string& into) override {
      // Every third place is "not cached": both ways are walked, and the same way each time.
      if ((offset / Pages::page_bytes) % 3 == 2) {
        return false;
      }
      if (Outcome<void> got = read(offset, bytes, into); !got) {
        return std::unexpected(got.error());
      }
      return true;
    }
    Outcome<void> sync() override {
      const std::lock_guard lock(machine_->mutex);
      if (Outcome<void> admitted = machine_->admit(Operation::sync, name_, life_); !admitted) {
        return admitted;
      }
      for (const Change& unsynced : node_->unsynced) {
        carry_out(node_->durable, unsynced);
      }
      node_->unsynced.clear();
      return {};
    }
    Outcome<std::uint64_t> size() override {
      const std::lock_guard lock(machine_->mutex);
      return node_->current.size();
    }

   private:
    Outcome<void> change(Operation operation, Change change) {
      if (Outcome<void> admitted = machine_->admit(operation, name_, life_); !admitted) {
        return admitted;
      }
      const std::uint64_t end = change.offset + change.bytes;
      const std::uint64_t grows = end > node_->current.size() ? end - node_->current.size() : 0;
      if (grows > 0 && machine_->used() + grows > machine_->capacity) {
        return Machine::refuse(std::errc::no_space_on_device, name_);
      }
      carry_out(node_->current, change);
      node_->unsynced.push_back(std::move(change));
      return {};
    }

    std::shared_ptr<Machine> machine_;
    std::shared_ptr<Node> node_;
    std::string name_;
    std::uint64_t life_;
  };

  Outcome<std::unique_ptr<File>> open(const std::string& name, Mode mode) override {
    const std::lock_guard lock(machine_->mutex);
    const auto found = machine_->names.find(name);
    if (mode != Mode::create) {
      if (found == machine_->names.end()) {
        return Machine::refuse(std::errc::no_such_file_or_directory, name);
      }
      return std::make_unique<SimulatedFile>(machine_, found->second, name);
    }
    if (Outcome<void> admitted = machine_->admit(Operation::open, name, machine_->life); !admitted) {
      return std::unexpected(admitted.error());
    }
    auto node = std::make_shared<Node>();
    rename_locked({{}, name, node});
    return std::make_unique<SimulatedFile>(machine_, std::move(node), name);
  }

  Outcome<void> rename(const std::string& from, const std::string& to) override {
    const std::lock_guard lock(machine_->mutex);
    if (Outcome<void> admitted = machine_->admit(Operation::rename, from, machine_->life); !admitted) {
      return admitted;
    }
    const auto found = machine_->names.find(from);
    if (found == machine_->names.end()) {
      return Machine::refuse(std::errc::no_such_file_or_directory, from);
    }
    rename_locked({from, to, found->second});
    return {};
  }

  Outcome<void> remove(const std::string& name) override {
    const std::lock_guard lock(machine_->mutex);
    if (Outcome<void> admitted = machine_->admit(Operation::remove, name, machine_->life); !admitted) {
      return admitted;
    }
    if (!machine_->names.contains(name)) {
      return Machine::refuse(std::errc::no_such_file_or_directory, name);
    }
    rename_locked({name, {}, nullptr});
    return {};
  }

  Outcome<void> make_directory(const std::string&) override { return {}; }

  Outcome<std::vector<std::string>> list(const std::string&) override {
    const std::lock_guard lock(machine_->mutex);
    std::vector<std::string> names;
    for (const auto& [name, node] : machine_->names) {
      names.push_back(name);
    }
    return names;
  }

  Outcome<void> sync_directory(const std::string&) override {
    const std::lock_guard lock(machine_->mutex);
    if (Outcome<void> admitted = machine_->admit(Operation::sync_directory, "", machine_->life); !admitted) {
      return admitted;
    }
    machine_->durable_names = machine_->names;
    machine_->unsynced.clear();
    return {};
  }

  Outcome<std::uint64_t> free_bytes() override {
    const std::lock_guard lock(machine_->mutex);
    const std::uint64_t used = machine_->used();
    return used > machine_->capacity ? 0 : machine_->capacity - used;
  }

  Outcome<void> lock() override {
    const std::lock_guard guard(machine_->mutex);
    if (Outcome<void> admitted = machine_->admit(Operation::lock, "lock", machine_->life); !admitted) {
      return admitted;
    }
    if (std::exchange(machine_->locked, true)) {
      return Machine::refuse(std::errc::operation_would_block, "another process uses this directory: lock");
    }
    return {};
  }

  void crash(Random& random) override {
    const std::lock_guard lock(machine_->mutex);
    // A node can have several names while a rename is not durable: each is treated once, in an order that is the same
    // for the same seed.
    std::vector<std::shared_ptr<Node>> nodes;
    const auto add = [&nodes](const std::shared_ptr<Node>& node) {
      if (node && std::ranges::find(nodes, node) == nodes.end()) {
        nodes.push_back(node);
      }
    };
    for (const auto& [name, node] : machine_->durable_names) {
      add(node);
    }
    for (const NameChange& change : machine_->unsynced) {
      add(change.node);
      if (random.chance(0.5)) {
        carry_out(machine_->durable_names, change);
      }
    }
    for (const std::shared_ptr<Node>& node : nodes) {
      lose(*node, random);
    }
    machine_->names = machine_->durable_names;
    restart();
  }

  void kill() override {
    const std::lock_guard lock(machine_->mutex);
    restart();
  }

  void set_capacity(std::uint64_t bytes) override {
    const std::lock_guard lock(machine_->mutex);
    machine_->capacity = bytes;
  }
  std::uint64_t used_bytes() const override {
    const std::lock_guard lock(machine_->mutex);
    return machine_->used();
  }
  void stop_after(std::uint64_t operations) override {
    const std::lock_guard lock(machine_->mutex);
    machine_->stop_at = machine_->operations + operations;
  }
  std::uint64_t operations() const override {
    const std::lock_guard lock(machine_->mutex);
    return machine_->operations;
  }
  void on_operation(std::function<std::optional<std::errc>(Operation, const std::string&)> hook) override {
    const std::lock_guard lock(machine_->mutex);
    machine_->hook = std::move(hook);
  }

  std::string contents(const std::string& name) override {
    const std::lock_guard lock(machine_->mutex);
    std::string bytes;
    if (const auto found = machine_->names.find(name); found != machine_->names.end()) {
      found->second->current.read(0, found->second->current.size(), bytes);
    }
    return bytes;
  }

  void put(const std::string& name, std::string_view bytes) override {
    const std::lock_guard lock(machine_->mutex);
    auto node = std::make_shared<Node>();
    node->current.write(0, bytes);
    node->durable = node->current;
    machine_->names[name] = node;
    machine_->durable_names[name] = std::move(node);
  }

  std::unique_ptr<SimulatedDisk> clone() override {
    const std::lock_guard lock(machine_->mutex);
    auto copy = std::make_unique<Simulated>();
    for (const auto& [name, node] : machine_->durable_names) {
      auto same = std::make_shared<Node>();
      same->current = node->durable;
      same->durable = node->durable;
      copy->machine_->names[name] = same;
      copy->machine_->durable_names[name] = same;
    }
    return copy;
  }

 private:
  void rename_locked(NameChange change) {
    carry_out(machine_->names, change);
    machine_->unsynced.push_back(std::move(change));
  }

  void restart() {
    machine_->life += 1;
    machine_->stop_at = ~0ULL;
    machine_->locked = false;
    machine_->hook = nullptr;
  }

  std::shared_ptr<Machine> machine_ = std::make_shared<Machine>();
};

}  // namespace

std::unique_ptr<SimulatedDisk> SimulatedDisk::make() { return std::make_unique<Simulated>(); }

}  // namespace sluice::io
