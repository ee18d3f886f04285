#pragma once

#include <map>
#include <string>

namespace sluice::bench {

/// A command line of `--name value` pairs, each taken once.
class Flags {
 public:
  Flags(int count, char** words) : paired_(count % 2 == 1) {
    for (int i = 1; i + 1 < count; i += 2) {
      given_[words[i]] = words[i + 1];
    }
  }

  std::string take(const char* name, const std::string& otherwise) {
    const auto found = given_.extract(name);
    return found.empty() ? otherwise : found.mapped();
  }
  /// Every word stood in a pair and was taken.
  bool understood() const { return paired_ && given_.empty(); }

 private:
  bool paired_;
  std::map<std::string, std::string, std::less<>> given_;
};

}  // namespace sluice::bench
