#include "doors/aws/sqs/throttle.h"

#include <gtest/gtest.h>

namespace sluice::sqs {
namespace {

constexpr Time start = Time(Milliseconds(1'700'000'000'000));

QueueName named(std::string name, std::string region = "us-east-1") { return {region, "000000000000", name}; }

int allowed(Throttle& throttle, const QueueName& queue, std::string_view operation, Time now, int calls = 100'000) {
  int count = 0;
  for (int call = 0; call < calls; ++call) {
    count += throttle.take(queue, *find_action(operation), now).allowed ? 1 : 0;
  }
  return count;
}

CallLimit limit(std::string_view text) { return parse_call_limit(text).value(); }

TEST(ThrottleTest, a_fifo_queue_takes_300_calls_a_second_of_each_action) {
  Throttle throttle({}, true);
  const QueueName queue = named("q.fifo");
  for (const char* action : {"SendMessage", "ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility"}) {
    EXPECT_EQ(allowed(throttle, queue, action, start), 300) << action;
  }
  EXPECT_EQ(allowed(throttle, queue, "SendMessage", start + Milliseconds(500)), 150);
  EXPECT_EQ(allowed(throttle, named("other.fifo"), "SendMessage", start), 300);
}

TEST(ThrottleTest, a_batch_is_a_call_of_its_single_action) {
  Throttle throttle({}, true);
  EXPECT_EQ(allowed(throttle, named("q.fifo"), "SendMessageBatch", start, 200), 200);
  EXPECT_EQ(allowed(throttle, named("q.fifo"), "SendMessage", start), 100);
}

TEST(ThrottleTest, what_aws_leaves_unlimited_stays_so) {
  Throttle throttle({}, true);
  EXPECT_EQ(allowed(throttle, named("q"), "SendMessage", start, 1'000), 1'000);
  EXPECT_EQ(allowed(throttle, named("q.fifo"), "GetQueueAttributes", start, 1'000), 1'000);
}

TEST(ThrottleTest, high_throughput_has_its_regions_figure) {
  const struct {
    const char* region;
    int calls_per_second;
  } table[] = {{"us-east-1", 70'000}, {"us-east-2", 19'000}, {"eu-west-2", 4'500}, {"eu-north-1", 2'400}};
  for (const auto& row : table) {
    Throttle throttle({}, true);
    const QueueName queue = named("q.fifo", row.region);
    EXPECT_TRUE(throttle.take(queue, *find_action("SendMessage"), start).asks);
    throttle.learn(queue.arn(), true);
    EXPECT_EQ(allowed(throttle, queue, "SendMessage", start), row.calls_per_second) << row.region;
  }
}

TEST(ThrottleTest, settings_are_asked_for_again_after_a_while) {
  Throttle throttle({}, true);
  const QueueName queue = named("q.fifo");
  const Action& action = *find_action("SendMessage");
  EXPECT_TRUE(throttle.take(queue, action, start).asks);
  EXPECT_FALSE(throttle.take(queue, action, start).asks);
  EXPECT_FALSE(throttle.take(queue, action, start + Throttle::settings_hold - Milliseconds(1)).asks);
  throttle.learn(queue.arn(), true);
  EXPECT_TRUE(throttle.take(queue, action, start + Throttle::settings_hold).asks);
  throttle.learn(queue.arn(), false);
  EXPECT_EQ(allowed(throttle, queue, "SendMessage", start + Throttle::settings_hold), 300);
  EXPECT_FALSE(throttle.take(named("q"), action, start).asks);
}

TEST(ThrottleTest, an_operators_limits_hold_by_name_and_action_and_the_first_one_counts) {
  Throttle throttle({limit("orders:SendMessage=10"), limit("*.fifo:*=20"), limit("o*s:*=30")}, false);
  EXPECT_EQ(allowed(throttle, named("orders"), "SendMessage", start), 10);
  EXPECT_EQ(allowed(throttle, named("orders"), "GetQueueAttributes", start), 30);
  EXPECT_EQ(allowed(throttle, named("orders.fifo"), "SendMessage", start), 20);
  EXPECT_EQ(allowed(throttle, named("others"), "SendMessage", start), 30);
  EXPECT_EQ(allowed(throttle, named("mine"), "SendMessage", start, 1'000), 1'000);
}

TEST(ThrottleTest, the_lower_of_the_operators_and_aws_limit_counts) {
  Throttle throttle({limit("low.fifo:*=10"), limit("*:*=5000")}, true);
  EXPECT_EQ(allowed(throttle, named("low.fifo"), "SendMessage", start), 10);
  EXPECT_EQ(allowed(throttle, named("q.fifo"), "SendMessage", start), 300);
  EXPECT_EQ(allowed(throttle, named("q"), "SendMessage", start), 5'000);
}

TEST(ThrottleTest, names_of_queues_that_nobody_made_do_not_fill_the_memory) {
  Throttle throttle({limit("*:*=1")}, false);
  for (std::size_t i = 0; i < 3 * Throttle::queues_max; ++i) {
    EXPECT_TRUE(throttle.take(named("q" + std::to_string(i)), *find_action("SendMessage"), start).allowed);
  }
  const Time later = start + Milliseconds(500);
  EXPECT_TRUE(throttle.take(named("busy"), *find_action("SendMessage"), later).allowed);
  EXPECT_FALSE(throttle.take(named("busy"), *find_action("SendMessage"), later).allowed);
  // A second later the buckets of all others are full again, and those are what is forgotten.
  for (std::size_t i = 0; i < Throttle::queues_max / 2; ++i) {
    throttle.take(named("r" + std::to_string(i)), *find_action("SendMessage"), start + Milliseconds(1'000));
  }
  EXPECT_FALSE(throttle.take(named("busy"), *find_action("SendMessage"), start + Milliseconds(1'000)).allowed);
}

TEST(ThrottleTest, limits_are_read_from_text) {
  const CallLimit read = limit("orders-*:ReceiveMessage=25");
  EXPECT_EQ(read.queue, "orders-*");
  EXPECT_EQ(read.action, "ReceiveMessage");
  EXPECT_EQ(read.calls_per_second, 25U);
  for (const char* wrong : {"", "orders", "orders=5", "orders:SendMessage", ":SendMessage=5", "o:SendMessage=0",
                            "o:SendMessage=-1", "o:SendMessage=5x", "o:SendMessage=1000001", "*o*:SendMessage=5",
                            "o:SendMessageBatch=5", "o:Send=5", "o:=5", "o:ListQueues=5", "o:StartMessageMoveTask=5"}) {
    EXPECT_FALSE(parse_call_limit(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace sluice::sqs
