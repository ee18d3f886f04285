#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "node/host.h"
#include "node/node.h"
#include "node/placement.h"

namespace sluice::node {

/// The machines of one core, by name, by id and in the order of their names. Owns them. One thread.
class Registry {
 public:
  /// Null when there is none. `hash` is Placement::hash(name), asked for once per request.
  Host* find(std::string_view name, std::uint64_t hash) const {
    const auto found = by_name_.find(Key{name, hash});
    return found == by_name_.end() ? nullptr : found->second;
  }
  Host* find(machines::MachineId id) const {
    const auto found = by_id_.find(id.value);
    return found == by_id_.end() ? nullptr : found->second.get();
  }

  Host& add(std::unique_ptr<Host> host);
  /// No name or id leads to it any more; the caller lets it end when nobody on the stack uses it.
  std::unique_ptr<Host> remove(Host& host);

  /// Names greater than `listing.after`, in order.
  std::vector<std::string> list(const Listing& listing) const;
  /// All ids of one cell's or one journal's machines: of those for which `wanted` says so, in order.
  template <class Wanted>
  std::vector<machines::MachineId> ids(Wanted wanted) const {
    std::vector<machines::MachineId> found;
    for (const auto& [value, host] : by_id_) {
      if (wanted(*host)) {
        found.push_back(host->id);
      }
    }
    std::sort(found.begin(), found.end());
    return found;
  }
  std::size_t size() const { return by_id_.size(); }

 private:
  struct Key {
    std::string_view name;
    std::uint64_t hash;
    bool operator==(const Key& other) const { return name == other.name; }
  };
  struct Hash {
    std::size_t operator()(const Key& key) const { return key.hash; }
  };

  std::unordered_map<std::uint64_t, std::unique_ptr<Host>> by_id_;
  std::unordered_map<Key, Host*, Hash> by_name_;  // views into the hosts' names
  std::map<std::string_view, Host*> in_order_;
};

}  // namespace sluice::node
