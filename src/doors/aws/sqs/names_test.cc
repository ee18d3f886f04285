#include "doors/aws/sqs/names.h"

#include <gtest/gtest.h>

namespace sluice::sqs {

constexpr std::string_view home = "eu-west-1";
constexpr std::string_view own = "000000000000";

TEST(QueueNameTest, every_form_of_a_queue_url_is_understood) {
  struct Row {
    std::string_view url, region, account;
  };
  // spec: Queue URLs, the table of forms
  constexpr Row rows[] = {
      {"https://sqs.us-east-2.amazonaws.com/123456789012/jobs", "us-east-2", "123456789012"},
      {"https://us-west-2.queue.amazonaws.com/123456789012/jobs", "us-west-2", "123456789012"},
      {"https://queue.amazonaws.com/123456789012/jobs", "us-east-1", "123456789012"},
      {"http://localhost:4566/queue/ap-south-1/123456789012/jobs", "ap-south-1", "123456789012"},
      {"http://127.0.0.1:4566/123456789012/jobs", home, "123456789012"},
      {"http://127.0.0.1:4566/123456789012/jobs/", home, "123456789012"},
      {"http://127.0.0.1:4566/123456789012/jobs#top", home, "123456789012"},
      {"http://box:9324/queue/jobs", home, own},
      {"http://box/jobs", home, own},
      {"http://queue.localhost.localstack.cloud:4566/123456789012/jobs", "us-east-1", "123456789012"},
      {"http://us-gov-west-1.queue.box.local:4566/123456789012/jobs", "us-gov-west-1", "123456789012"},
      {"http://sqs.my.domain/123456789012/jobs", home, "123456789012"},
      {"http://queue.my.domain/123456789012/jobs", home, "123456789012"},
      {"jobs", home, own},
      {"arn:aws:sqs:us-east-2:123456789012:jobs", "us-east-2", "123456789012"},
  };
  for (const Row& row : rows) {
    const std::optional<QueueName> queue = parse_queue_url(row.url, home, own);
    ASSERT_TRUE(queue) << row.url;
    EXPECT_EQ(queue->region, row.region) << row.url;
    EXPECT_EQ(queue->account, row.account) << row.url;
    EXPECT_EQ(queue->name, "jobs") << row.url;
  }
}

TEST(QueueNameTest, what_names_no_queue_is_told) {
  for (const std::string_view url : {"", "http://localhost:4566", "http://localhost/", "http://x/a b", "arn:aws:sqs:x",
                                     "arn:aws:sns:us-east-1:123456789012:jobs", "http://x/what/ever/jobs"}) {
    EXPECT_FALSE(parse_queue_url(url, home, own)) << url;
  }
}

TEST(QueueNameTest, names_have_their_letters_and_length) {
  EXPECT_TRUE(valid_queue_name("a"));
  EXPECT_TRUE(valid_queue_name(std::string(80, 'q')));
  EXPECT_TRUE(valid_queue_name("jobs.fifo"));
  EXPECT_TRUE(valid_queue_name(std::string(75, 'q') + ".fifo"));
  for (const std::string& bad : {std::string(), std::string(81, 'q'), std::string(".fifo"), std::string("a.b"),
                                 std::string("a/b"), std::string(76, 'q') + ".fifo"}) {
    EXPECT_FALSE(valid_queue_name(bad)) << bad;
  }
}

TEST(QueueNameTest, an_arn_goes_both_ways_in_every_partition) {
  for (const std::string_view region :
       {"us-east-1", "cn-north-1", "us-gov-west-1", "us-isob-east-1", "eusc-de-east-1"}) {
    const QueueName queue{std::string(region), "123456789012", "jobs"};
    EXPECT_EQ(parse_arn(queue.arn()), queue);
  }
  EXPECT_EQ((QueueName{"cn-north-1", "123456789012", "jobs"}.arn()), "arn:aws-cn:sqs:cn-north-1:123456789012:jobs");
}

TEST(QueueNameTest, urls_are_given_in_the_form_that_was_chosen_and_read_in_all) {
  const QueueName queue{"eu-west-1", "123456789012", "orders"};
  const struct {
    const char* endpoint;
    UrlForm form;
    const char* url;
  } table[] = {
      {"http://localhost:4566", UrlForm::plain, "http://localhost:4566/123456789012/orders"},
      {"http://localhost:4566", UrlForm::path, "http://localhost:4566/queue/eu-west-1/123456789012/orders"},
      {"http://aws.test:4566", UrlForm::standard, "http://sqs.eu-west-1.aws.test:4566/123456789012/orders"},
      {"https://sqs.eu-west-1.aws.test", UrlForm::standard, "https://sqs.eu-west-1.aws.test/123456789012/orders"},
      {"http://aws.test", UrlForm::domain, "http://eu-west-1.queue.aws.test/123456789012/orders"},
      {"http://127.0.0.1:4566", UrlForm::standard, "http://127.0.0.1:4566/123456789012/orders"},
      {"http://[::1]:4566", UrlForm::domain, "http://[::1]:4566/123456789012/orders"},
  };
  for (const auto& row : table) {
    EXPECT_EQ(queue_url(row.endpoint, queue, row.form), row.url);
    const auto read = parse_queue_url(row.url, home, own);
    ASSERT_TRUE(read) << row.url;
    EXPECT_EQ(*read, queue) << row.url;
  }
  EXPECT_EQ(queue_url("", queue, UrlForm::standard), "/123456789012/orders");  // asked for by the server itself
  const QueueName first{"us-east-1", "123456789012", "orders"};
  EXPECT_EQ(queue_url("http://aws.test", first, UrlForm::domain), "http://queue.aws.test/123456789012/orders");
}

}  // namespace sluice::sqs
