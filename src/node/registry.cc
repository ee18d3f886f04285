#include "node/registry.h"

#include <algorithm>

#include "base/check.h"

namespace sluice::node {

Host& Registry::add(std::unique_ptr<Host> host) {
  Host& added = *host;
  const bool new_id = by_id_.emplace(added.id.value, std::move(host)).second;
  const bool new_name = by_name_.emplace(Key{added.name, Placement::hash(added.name)}, &added).second;
  check(new_id && new_name, "a machine has its id and its name to itself");
  in_order_.emplace(added.name, &added);
  return added;
}

std::unique_ptr<Host> Registry::remove(Host& host) {
  in_order_.erase(host.name);
  by_name_.erase(Key{host.name, Placement::hash(host.name)});
  auto node = by_id_.extract(host.id.value);
  check(!node.empty(), "what is removed is there");
  return std::move(node.mapped());
}

std::vector<std::string> Registry::list(const Listing& listing) const {
  std::vector<std::string> names;
  auto at =
      listing.after < listing.prefix ? in_order_.lower_bound(listing.prefix) : in_order_.upper_bound(listing.after);
  for (; at != in_order_.end() && names.size() < listing.count_max && at->first.starts_with(listing.prefix); ++at) {
    const Host& host = *at->second;
    const bool refers = listing.refers_to.empty() || (host.machine && host.machine->refers_to(listing.refers_to));
    const bool listed = !host.machine || host.machine->listed();
    if (host.kind == listing.kind && refers && listed) {
      names.push_back(host.name);
    }
  }
  return names;
}

}  // namespace sluice::node
