#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "journal/store.h"
#include "node/survey.h"

namespace sluice::node {

class Core;

/// Gives back the space of what nobody refers to: segments in which nothing lives are dropped, those in which little
/// lives are rewritten sparse. Rounds run on core 0 after a snapshot has counted; one at a time. One thread.
class Reclaim {
 public:
  explicit Reclaim(Core& core) : core_(core) {}

  /// Something may have become free: looks now, or again after the round that is under way.
  void wake();
  /// A survey has come home.
  void back();

 private:
  void begin_round();
  void ask_all(std::vector<std::size_t> exact_of);
  void weigh();
  void rewrite();
  void act(std::uint64_t segment, bool drops, std::vector<std::pair<std::uint16_t, Reference>> live);
  void acted();
  void end_round();

  Core& core_;
  bool busy_ = false;
  bool again_ = false;
  std::shared_ptr<const Candidates> candidates_;
  std::vector<std::unique_ptr<Survey>> surveys_;
  std::size_t away_ = 0;    // surveys, drops and rewrites under way
  std::size_t sparse_ = 0;  // the candidate being rewritten
  bool exact_ = false;
  std::map<std::uint64_t, std::uint64_t> tried_;  // by segment: live bytes when it was last rewritten, or tried
};

}  // namespace sluice::node
