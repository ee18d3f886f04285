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


LACKS = "Redrive policy does not contain mandatory attribute: {}."
COUNT_REASON = "Invalid value for maxReceiveCount: {}, valid values are from 1 to 1000 both inclusive."
case("redrive_policy_refuses", "what is no policy, a count out of range, a target that is not there",
     create("dead"), create("q"),
     bad_redrive("no json", "Redrive policy is not a valid JSON map."),
     bad_redrive("[]", "Redrive policy is not a valid JSON map."),
     bad_redrive(redrive_to("dead", 0), COUNT_REASON.format(0)),
     bad_redrive(redrive_to("dead", 1001), COUNT_REASON.format(1001)),
     bad_redrive(redrive_to("none", 3), "Dead letter target does not exist."),
     bad_redrive(redrive_to("none", 3).replace(",", ' , "x": 1, '), "Dead letter target does not exist."),
     bad_redrive('{"maxReceiveCount":3}', LACKS.format("deadLetterTargetArn")),
     bad_redrive('{"deadLetterTargetArn":"%s"}' % arn("dead"), LACKS.format("maxReceiveCount")),
     bad_redrive("{}", LACKS.format("maxReceiveCount")),
     bad_redrive('{"deadLetterTargetArn":"no arn","maxReceiveCount":3}', "Invalid value for deadLetterTargetArn."),
     bad_redrive(redrive_to("dead", 3).replace(":sqs:", ":sns:"), "Only SQS queues are valid resources for deadLetterTargetArn."),
     bad_redrive(redrive_to("dead", 3).replace(ACCOUNT, "1" * 12), "Dead-letter target owner should be same as the source."),
     create("other", RedrivePolicy=redrive_to("none", 3), refused=invalid_value(
         redrive_to("none", 3), "RedrivePolicy", "Dead letter target does not exist.")),
     attributes({"RedrivePolicy": ABSENT}))

def bad_allow(policy, reason):
    return set_attributes("dead", RedriveAllowPolicy=policy, refused=invalid_value(
        policy, "RedriveAllowPolicy", "Amazon SQS can't create the redrive allow policy" + reason))


case("redrive_may_be_forbidden", "the target says who may send to it; later changes leave sources alone",
     create("dead", RedriveAllowPolicy='{"redrivePermission":"denyAll"}'), create("q"),
     bad_redrive(redrive_to("dead", 1)),
     set_attributes("dead", RedriveAllowPolicy='{"redrivePermission":"byQueue","sourceQueueArns":["%s"]}' % arn("q")),
     set_attributes(RedrivePolicy=redrive_to("dead", 1)),
     create("other", RedrivePolicy=redrive_to("dead", 1), refused=invalid()),
     bad_allow('{"redrivePermission":"byQueue"}', ". When you specify the byQueue permission type, you must also specify one or "
               "more sourceQueueArns values."),
     bad_allow('{"redrivePermission":"allowAll","sourceQueueArns":["%s"]}' % arn("q"), ". To specify one or more source queue ARNs, "
               "you must set redrivePermission to byQueue."),
     bad_allow('{"redrivePermission":"some"}', ", as it’s in an unsupported format."),
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

case("redrive_allow_policy_is_kept_in_one_form", "and refuses what is none",
     create("dead"),
     set_attributes("dead", RedriveAllowPolicy='{ "redrivePermission" : "byQueue", "sourceQueueArns" : ["%s"], "x": 1 }' % arn("q")),
     attributes({"RedriveAllowPolicy": '{"redrivePermission":"byQueue","sourceQueueArns":["%s"]}' % arn("q")}, q="dead"),
     set_attributes("dead", RedriveAllowPolicy='{"redrivePermission":"allowAll"}'),
     attributes({"RedriveAllowPolicy": '{"redrivePermission":"allowAll"}'}, q="dead"),
     [set_attributes("dead", RedriveAllowPolicy=bad, refused=invalid()) for bad in (
         "no json", "[]", "{}", '{"redrivePermission":"some"}', '{"redrivePermission":"byQueue","sourceQueueArns":[]}',
         '{"redrivePermission":"byQueue","sourceQueueArns":["no arn"]}', '{"redrivePermission":"byQueue","sourceQueueArns":[1]}',
         '{"redrivePermission":"denyAll","sourceQueueArns":"text"}',
         '{"redrivePermission":"denyAll","sourceQueueArns":["%s"]}' % arn("q"))],
     attributes({"RedriveAllowPolicy": '{"redrivePermission":"allowAll"}'}, q="dead"))


def allowing(*queues):
    return '{"redrivePermission":"byQueue","sourceQueueArns":[%s]}' % ",".join(f'"{arn(q)}"' for q in queues)


case("redrive_allow_policy_names_ten", "queues at most",
     create("dead", RedriveAllowPolicy=allowing(*[f"s{n}" for n in range(10)])),
     create("s9", RedrivePolicy=redrive_to("dead", 1)), create("s10", RedrivePolicy=redrive_to("dead", 1), refused=invalid()),
     set_attributes("dead", RedriveAllowPolicy=allowing(*[f"s{n}" for n in range(11)]), refused=invalid()))

case("redrive_in_circles", "is accepted: a queue may name itself, or two each other; the message goes round",
     create("q", VisibilityTimeout="0"), set_attributes(RedrivePolicy=redrive_to("q", 1)),
     send("round"), receive("round"),
     receive({"Body": "round", "Attributes": {"ApproximateReceiveCount": "2", "DeadLetterQueueSourceArn": arn("q")}},
             WaitTimeSeconds=10, AttributeNames=["All"]), counts(visible=1),
     create("one", VisibilityTimeout="0"), create("two", VisibilityTimeout="0", RedrivePolicy=redrive_to("one", 1)),
     set_attributes("one", RedrivePolicy=redrive_to("two", 1)), send("ball", q="one"), receive("ball", q="one"), receive(q="one"),
     receive("ball", q="two", WaitTimeSeconds=10), receive(q="two"),
     receive({"Body": "ball", "Attributes": {"ApproximateReceiveCount": "3", "DeadLetterQueueSourceArn": arn("two")}}, q="one",
             WaitTimeSeconds=10, AttributeNames=["All"]))

# ---- FIFO
TYPE = "Dead-letter queue must be same type of queue as the source.."  # two points, as on AWS


def job(body, group="g", q="fifo", **more):
    return send(body, q=q, MessageGroupId=group, MessageDeduplicationId=body, **more)


case("redrive_needs_the_same_type", "of queue on both sides",
     create("dead"), create("fifo_dead"), create("q"), create("fifo"),
     set_attributes(RedrivePolicy=redrive_to("fifo_dead", 1), refused=invalid_value(
         redrive_to("fifo_dead", 1), "RedrivePolicy", TYPE)),
     set_attributes("fifo", RedrivePolicy=redrive_to("dead", 1), refused=invalid_value(
         redrive_to("dead", 1), "RedrivePolicy", TYPE)),
     create("fifo_other", RedrivePolicy=redrive_to("dead", 1), refused=invalid()),
     set_attributes("fifo", RedrivePolicy=redrive_to("fifo_dead", 1)),
     call("ListDeadLetterSourceQueues", {"QueueUrl": "${fifo_dead}"}, {"queueUrls": ["${fifo}"]}))

core_case("redrive_of_fifo", "keeps the group and the message, which gets a new number; the group goes on with the next",
          create("fifo_dead", VisibilityTimeout=LONG),
          create("fifo", RedrivePolicy=redrive_to("fifo_dead", 1), VisibilityTimeout=LONG),
          job("before", q="fifo_dead", save={"there": "SequenceNumber"}), job("poison", save={"id": "MessageId"}), job("next"),
          receive("poison", q="fifo", VisibilityTimeout=1), sleep(2),
          receive("next", q="fifo", WaitTimeSeconds=10), counts(in_flight=1, q="fifo"),
          receive("before", q="fifo_dead", save={"h": "Messages.0.ReceiptHandle"}), delete("${h}", q="fifo_dead"),
          receive({"Body": "poison", "MessageId": "${id}", "Attributes": {
              "ApproximateReceiveCount": "2", "DeadLetterQueueSourceArn": arn("fifo"), "MessageGroupId": "g",
              "MessageDeduplicationId": "poison", "SequenceNumber": is_not("${there}")}},
              q="fifo_dead", WaitTimeSeconds=10, AttributeNames=["All"]))

case("redrive_of_fifo_is_not_deduplicated", "against the ids of the target: a message never vanishes on the way",
     create("fifo_dead", VisibilityTimeout=LONG), create("fifo", RedrivePolicy=redrive_to("fifo_dead", 1), VisibilityTimeout=LONG),
     job("same", q="fifo_dead"), job("same"), receive("same", q="fifo", VisibilityTimeout=1), sleep(2),
     receive(q="fifo"), counts(visible=2, q="fifo_dead", within=10), counts(q="fifo"),
     call("ReceiveMessage", {"QueueUrl": "${fifo_dead}", "MaxNumberOfMessages": 10}, {"Messages": length(2)}))

case("redrive_of_fifo_keeps_the_order", "of a group, also when many move at once",
     create("fifo_dead"), create("fifo", RedrivePolicy=redrive_to("fifo_dead", 1), VisibilityTimeout=LONG),
     [job(f"{group}{n}", group) for n in range(4) for group in "AB"],
     call("ReceiveMessage", {"QueueUrl": "${fifo}", "MaxNumberOfMessages": 10, "VisibilityTimeout": 1}, {"Messages": length(8)}),
     sleep(2), call("ReceiveMessage", {"QueueUrl": "${fifo}", "MaxNumberOfMessages": 10}, {"Messages": ABSENT}, within=10),
     counts(visible=8, q="fifo_dead", within=10), counts(q="fifo"),
     call("ReceiveMessage", {"QueueUrl": "${fifo_dead}", "MaxNumberOfMessages": 10},
          {"Messages": [{"Body": f"{group}{n}"} for group in "AB" for n in range(4)]}))

case("redrive_of_fifo_restarts_the_retention", "which a standard queue's message does not get",
     create("fifo_dead", MessageRetentionPeriod="60"), create("fifo", RedrivePolicy=redrive_to("fifo_dead", 1)),
     job("x"), receive({"Body": "x"}, q="fifo", VisibilityTimeout=1, AttributeNames=["All"],
                       save={"sent": "Messages.0.Attributes.SentTimestamp"}),
     sleep(30), receive(q="fifo"), counts(visible=1, q="fifo_dead", within=10), sleep(35),
     receive({"Attributes": {"SentTimestamp": "${sent}"}}, q="fifo_dead", VisibilityTimeout=1, AttributeNames=["All"]),
     sleep(28), counts(q="fifo_dead"))
