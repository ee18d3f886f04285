"""Names, URLs and ARNs of queues."""

from sqs.refusals import *
from sqs.words import *

NAME_TEXT = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"

core_case("create_queue_refuses_a_bad_name", "a name outside the alphabet is refused",
     call("CreateQueue", {"QueueName": "bad name!"}, refused=invalid(
         "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")))

case("names_have_a_length", "80 characters pass, 81 do not, none neither; a slash, a point or an accent is not taken",
     call("CreateQueue", {"QueueName": "${prefix}-" + "x" * 40}, {"QueueUrl": matches("x$")}),
     [call("CreateQueue", {"QueueName": name}, refused=invalid(NAME_TEXT))
      for name in ("x" * 81, "a/b", "a.b", "naïve", "a b")])

case("names_are_case_sensitive", "two names that differ in case are two queues",
     create("q"), create("Q"), send("small"), receive(q="Q"), receive("small"))

case("queue_urls_of_every_form", "host and scheme of a queue's URL do not matter; its last two parts name the queue",
     create("q", VisibilityTimeout="0"), send("found"),
     [call("ReceiveMessage", {"QueueUrl": url}, {"Messages": [{"Body": "found"}]}) for url in (
         "${q}", "${q}/", "https://elsewhere.invalid:1/000000000000/${prefix}-q",
         f"https://sqs.{REGION}.amazonaws.invalid/000000000000/${{prefix}}-q",
         f"http://localhost/queue/{REGION}/000000000000/${{prefix}}-q", "http://localhost/queue/${prefix}-q",
         "http://localhost/${prefix}-q", "${prefix}-q", arn("q"))])

case("queue_urls_of_no_queue", "another account's, and what is no URL, is no queue",
     create("q"),
     [call("ReceiveMessage", {"QueueUrl": url}, refused=refusal("QueueDoesNotExist")) for url in (
         "http://localhost/111111111111/${prefix}-q", "http://localhost/", "no such queue", "${q}-not")])
