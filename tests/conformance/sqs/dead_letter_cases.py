"""Dead-letter queues: the policies of both sides, what moves when, what goes along."""

from sqs.refusals import *
from sqs.words import *

core_case("dead_letter_queue", "what was received too often moves to the dead-letter queue, with its count and attributes",
     create("dead", VisibilityTimeout=LONG), create("q", RedrivePolicy=redrive_to("dead", 1), VisibilityTimeout="0"),
     attributes({"RedrivePolicy": redrive_to("dead", 1)}),
     call("ListDeadLetterSourceQueues", {"QueueUrl": "${dead}"}, {"queueUrls": ["${q}"], "NextToken": ABSENT}),
     call("ListDeadLetterSourceQueues", {"QueueUrl": "${q}"}, {"queueUrls": ABSENT}),
     send("poison", save={"id": "MessageId"}, MessageAttributes={"k": text_attribute("v")}),
     receive("poison"), receive(),
     receive({"Body": "poison", "MessageId": "${id}", "MessageAttributes": {"k": text_attribute("v")},
              "Attributes": {"ApproximateReceiveCount": "2", "DeadLetterQueueSourceArn": arn("q")}},
             q="dead", WaitTimeSeconds=10, AttributeNames=["All"], MessageAttributeNames=["All"]),
     counts(), counts(in_flight=1, q="dead"),
     set_attributes(RedrivePolicy=""),
     call("ListDeadLetterSourceQueues", {"QueueUrl": "${dead}"}, {"queueUrls": ABSENT}),
     set_attributes(RedrivePolicy=redrive_to("none", 1), refused=invalid(
         "Value " + redrive_to("none", 1) + " for parameter RedrivePolicy is invalid. "
         "Reason: Dead letter target does not exist.")))

case("redrive_policy_is_kept_in_one_form", "spaces and extra fields go, a count told as text becomes a number",
     create("dead"), create("q"),
     set_attributes(RedrivePolicy='{ "maxReceiveCount" : "7", "extra": 1, "deadLetterTargetArn":"%s" }' % arn("dead")),
     attributes({"RedrivePolicy": redrive_to("dead", 7)}),
     set_attributes(RedrivePolicy=redrive_to("q", 1000)), attributes({"RedrivePolicy": redrive_to("q", 1000)}))


def bad_redrive(policy, reason=None):
    return set_attributes(RedrivePolicy=policy, refused=invalid_value(policy, "RedrivePolicy", reason) if reason else invalid())


COUNT_REASON = "Invalid value for maxReceiveCount: {}, valid values are from 1 to 1000 both inclusive."
case("redrive_policy_refuses", "what is no policy, a count out of range, a target that is not there",
     create("dead"), create("q"),
     bad_redrive("no json", "Redrive policy is not a valid JSON map."),
     bad_redrive("[]", "Redrive policy is not a valid JSON map."),
     bad_redrive(redrive_to("dead", 0), COUNT_REASON.format(0)),
     bad_redrive(redrive_to("dead", 1001), COUNT_REASON.format(1001)),
     bad_redrive(redrive_to("none", 3), "Dead letter target does not exist."),
     bad_redrive('{"maxReceiveCount":3}'), bad_redrive('{"deadLetterTargetArn":"%s"}' % arn("dead")),
     bad_redrive('{"deadLetterTargetArn":"no arn","maxReceiveCount":3}'),
     create("other", RedrivePolicy=redrive_to("none", 3), refused=invalid_value(
         redrive_to("none", 3), "RedrivePolicy", "Dead letter target does not exist.")),
     attributes({"RedrivePolicy": ABSENT}))

case("redrive_may_be_forbidden", "the target says who may send to it; later changes leave sources alone",
     create("dead", RedriveAllowPolicy='{"redrivePermission":"denyAll"}'), create("q"),
     bad_redrive(redrive_to("dead", 1)),
     set_attributes("dead", RedriveAllowPolicy='{"redrivePermission":"byQueue","sourceQueueArns":["%s"]}' % arn("q")),
     set_attributes(RedrivePolicy=redrive_to("dead", 1)),
     create("other", RedrivePolicy=redrive_to("dead", 1), refused=invalid()),
     set_attributes("dead", RedriveAllowPolicy='{"redrivePermission":"byQueue"}', refused=invalid()),
     set_attributes("dead", RedriveAllowPolicy='{"redrivePermission":"allowAll","sourceQueueArns":["%s"]}' % arn("q"),
                    refused=invalid()),
     set_attributes("dead", RedriveAllowPolicy='{"redrivePermission":"denyAll"}'),
     attributes({"RedrivePolicy": redrive_to("dead", 1)}),
     set_attributes("dead", RedriveAllowPolicy=""), attributes({"RedriveAllowPolicy": ABSENT}, q="dead"))

case("redrive_counts_exactly", "given out as often as the policy says, then never again; the others pass it",
     create("dead"), create("q", RedrivePolicy=redrive_to("dead", 2), VisibilityTimeout="0"),
     send("poison", save={"id": "MessageId"}), receive("poison", save={}), receive("poison"),
     send("healthy"), receive("healthy", MaxNumberOfMessages=10),
     receive({"Body": "poison", "MessageId": "${id}", "Attributes": {"ApproximateReceiveCount": "3"}}, q="dead",
             WaitTimeSeconds=10, AttributeNames=["All"]),
     counts(visible=1), counts(in_flight=1, q="dead"))

case("redrive_keeps_the_message", "sent time, first receive, trace and group go along",
     create("dead", VisibilityTimeout="0"), create("q", RedrivePolicy=redrive_to("dead", 1), VisibilityTimeout="0"),
     send("kept", MessageGroupId="tenant", MessageSystemAttributes={"AWSTraceHeader": text_attribute(
         "Root=1-00000001-000000000000000000000001")}),
     receive("kept", AttributeNames=["All"], save={
         "sent": "Messages.0.Attributes.SentTimestamp", "first": "Messages.0.Attributes.ApproximateFirstReceiveTimestamp"}),
     sleep(1), receive(),
     receive({"Attributes": {"SentTimestamp": "${sent}", "ApproximateFirstReceiveTimestamp": "${first}",
                             "MessageGroupId": "tenant", "DeadLetterQueueSourceArn": arn("q"),
                             "AWSTraceHeader": "Root=1-00000001-000000000000000000000001"}},
             q="dead", WaitTimeSeconds=10, AttributeNames=["All"]),
     not_for=("boto3-query",))

case("redrive_wakes_a_long_poll", "who waits at the target gets it at once",
     create("dead"), create("q", RedrivePolicy=redrive_to("dead", 1), VisibilityTimeout="0"), send("x"), receive("x"),
     together(receive("x", q="dead", WaitTimeSeconds=20, took=(0.5, 19)), [sleep(2), receive()]))

case("redrive_of_many", "ten at a time move like one",
     create("dead"), create("q", RedrivePolicy=redrive_to("dead", 1), VisibilityTimeout="0"),
     send_batch([f"m{n}" for n in range(10)]), receive(*[f"m{n}" for n in range(10)]), receive(MaxNumberOfMessages=10),
     counts(visible=10, q="dead", within=10), receive(*[f"m{n}" for n in range(10)], q="dead"))

case("redrive_to_a_lost_queue", "a message stays where it is when its target is gone",
     create("dead"), create("q", RedrivePolicy=redrive_to("dead", 1), VisibilityTimeout="0"),
     call("DeleteQueue", {"QueueUrl": "${dead}"}), send("x"), receive("x"),
     call("ReceiveMessage", {"QueueUrl": "${q}", "WaitTimeSeconds": 1}, {"Messages": [{"Body": "x"}]}, within=10),
     counts(visible=1))

case("source_queues_are_listed_in_pages", "as ListQueues does",
     create("dead"), [create(q, RedrivePolicy=redrive_to("dead", 1)) for q in ("s1", "s2", "s3")],
     call("ListDeadLetterSourceQueues", {"QueueUrl": "${dead}"}, {"queueUrls": unordered("${s1}", "${s2}", "${s3}")}),
     call("ListDeadLetterSourceQueues", {"QueueUrl": "${dead}", "MaxResults": 2}, {"queueUrls": length(2)},
          save={"t": "NextToken"}),
     call("ListDeadLetterSourceQueues", {"QueueUrl": "${dead}", "MaxResults": 2, "NextToken": "${t}"},
          {"queueUrls": length(1), "NextToken": ABSENT}),
     call("DeleteQueue", {"QueueUrl": "${s2}"}),
     call("ListDeadLetterSourceQueues", {"QueueUrl": "${dead}"}, {"queueUrls": unordered("${s1}", "${s3}")}))
