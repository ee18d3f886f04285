#include "doors/census/census.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <deque>
#include <functional>

#include "base/random.h"

namespace sluice::census {
namespace {

constexpr std::size_t queues_there = 2'000;

// Knows names and answers each question with an empty measurement: at once, or when told to.
class Gate : public node::Gate {
 public:
  explicit Gate(bool at_once) : at_once_(at_once) {
    for (std::size_t i = 0; i < queues_there; ++i) {
      names_.push_back(fmt::format("arn:aws:sqs:eu-west-1:000000000000:queue-{:05}", i));
    }
  }

  node::Ticket ask(node::Question, std::move_only_function<void(node::Answer)> answered) override {
    later([answered = std::move(answered)]() mutable { answered(std::make_unique<queue::Measurement>()); });
    return 1;
  }
  void cancel(node::Ticket) override {}
  void list(node::Listing listing, std::move_only_function<void(Result<std::vector<std::string>>)> answered) override {
    std::vector<std::string> found;
    for (const std::string& name : names_) {
      if (name > listing.after && found.size() < listing.count_max) {
        found.push_back(name);
      }
    }
    later([answered = std::move(answered), found = std::move(found)]() mutable { answered(std::move(found)); });
  }
  node::Condition condition() const override { return node::Condition::well; }
  Time now() const override { return {}; }
  Random& random() override { return random_; }
  std::string_view secret() const override { return {}; }

  void answer_all() {
    while (!waiting_.empty()) {
      auto next = std::move(waiting_.front());
      waiting_.pop_front();
      next();
    }
  }

 private:
  void later(std::move_only_function<void()> answer) {
    if (at_once_) {
      answer();
    } else {
      waiting_.push_back(std::move(answer));
    }
  }

  bool at_once_;
  Random random_{1};
  std::vector<std::string> names_;
  std::deque<std::move_only_function<void()>> waiting_;
};

// One whole life of a census, whichever way it ends: by its bound behind a page of names, within one, or by its last
// name.
TEST(CensusTest, it_gives_out_all_that_it_counted) {
  for (const bool at_once : {true, false}) {
    for (const std::size_t queues_max : {std::size_t{10}, std::size_t{1'000}, std::size_t{1'500}, queues_there + 1}) {
      Gate gate(at_once);
      std::optional<Census> taken;
      start(take(gate, queues_max), [&](Census census) { taken = std::move(census); });
      gate.answer_all();
      ASSERT_TRUE(taken);
      ASSERT_EQ(taken->queues.size(), std::min(queues_max, queues_there));
      EXPECT_EQ(taken->queues.front().arn, "arn:aws:sqs:eu-west-1:000000000000:queue-00000");
      EXPECT_TRUE(taken->queues.back().measured);
      EXPECT_EQ(taken->more, queues_max < queues_there);
    }
  }
}

}  // namespace
}  // namespace sluice::census
