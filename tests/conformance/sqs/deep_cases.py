"""Cases for the clients that are quick: the finer claims about standard queues that an SDK can see."""

from sqs import deep_receive_cases, deep_send_cases  # noqa: F401: importing them fills the table
from sqs.refusals import *
from sqs.words import *
from sqs.words import case as any_case

NAME_TEXT = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"


def case(*arguments, **options):
    any_case(*arguments, deep=True, **options)


# ---- names and URLs
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

# ---- attributes
RANGES = {"VisibilityTimeout": (0, 43200), "DelaySeconds": (0, 900), "MaximumMessageSize": (1024, 1048576),
          "MessageRetentionPeriod": (60, 1209600), "ReceiveMessageWaitTimeSeconds": (0, 20)}
for name, (low, high) in RANGES.items():
    case(f"attribute_range_{name}", "its bounds pass; what is beyond or no integer is refused, and changes nothing",
         create("q", **{name: str(low)}), attributes({name: str(low)}, names=[name]),
         set_attributes(**{name: str(high)}),
         [set_attributes(**{name: bad}, refused=invalid_attribute(name))
          for bad in (str(low - 1), str(high + 1), "abc", "1.5", "1e2", "99999999999999999999")],
         attributes({name: str(high)}, names=[name]),
         create("other", **{name: str(high + 1)}, refused=invalid_attribute(name)),
         call("GetQueueUrl", {"QueueName": name_of("other")}, refused=refusal("QueueDoesNotExist")))

case("attributes_unknown_or_read_only", "are refused by their name, at creation too; one bad one changes nothing",
     create("q"),
     [[set_attributes(**{name: "1"}, refused=unknown_attribute(name)),
       create("other", **{name: "1"}, refused=unknown_attribute(name))]
      for name in ("Nonsense", "QueueArn", "CreatedTimestamp", "ApproximateNumberOfMessages", "visibilitytimeout")],
     set_attributes(VisibilityTimeout="99", Nonsense="1", refused=unknown_attribute("Nonsense")),
     attributes({"VisibilityTimeout": "30"}),
     call("GetQueueAttributes", {"QueueUrl": "${q}", "AttributeNames": ["Nonsense"]},
          refused=unknown_attribute("Nonsense")))

ONLY_FIFO = "You can specify the {} only when FifoQueue is set to true."
case("attributes_of_other_queue_types", "a standard queue has no attribute of a FIFO queue",
     create("q"),
     set_attributes(FifoQueue="false", refused=unknown_attribute("FifoQueue")),
     create("other", FifoQueue="false", refused=unknown_attribute("FifoQueue")),
     set_attributes(ContentBasedDeduplication="true", refused=unknown_attribute("ContentBasedDeduplication")),
     set_attributes(DeduplicationScope="queue",
                    refused=refusal("InvalidAttributeName", ONLY_FIFO.format("DeduplicationScope"))),
     set_attributes(FifoThroughputLimit="perQueue",
                    refused=refusal("InvalidAttributeName", ONLY_FIFO.format("FifoThroughputLimit"))))

case("attributes_asked_for", "no names: none; All: what applies; the counters are read-only text",
     create("q"),
     call("GetQueueAttributes", {"QueueUrl": "${q}"}, {"Attributes": ABSENT}),
     attributes({"Policy": ABSENT, "RedrivePolicy": ABSENT, "KmsMasterKeyId": ABSENT, "FifoQueue": ABSENT,
                 "KmsDataKeyReusePeriodSeconds": ABSENT, "ApproximateNumberOfMessages": "0",
                 "LastModifiedTimestamp": matches("^[0-9]{10}$")}))

case("attributes_move_the_modified_time", "a change moves LastModifiedTimestamp, and CreatedTimestamp stays",
     create("q"),
     call("GetQueueAttributes", {"QueueUrl": "${q}", "AttributeNames": ["All"]}, {}, save={
         "created": "Attributes.CreatedTimestamp", "modified": "Attributes.LastModifiedTimestamp"}),
     sleep(2.1), set_attributes(VisibilityTimeout="5"),
     attributes({"CreatedTimestamp": "${created}", "LastModifiedTimestamp": is_not("${modified}")}))

case("attributes_of_encryption", "a key is kept and turns the managed encryption off; both at once are refused",
     create("q", KmsMasterKeyId="alias/mine"),
     attributes({"KmsMasterKeyId": "alias/mine", "SqsManagedSseEnabled": "false"}),
     set_attributes(KmsDataKeyReusePeriodSeconds="60"), attributes({"KmsDataKeyReusePeriodSeconds": "60"}),
     set_attributes(KmsDataKeyReusePeriodSeconds="300"), attributes({"KmsDataKeyReusePeriodSeconds": ABSENT}),
     set_attributes(KmsDataKeyReusePeriodSeconds="59", refused=invalid_attribute("KmsDataKeyReusePeriodSeconds")),
     send("stored as usual"), receive("stored as usual"),
     set_attributes(KmsMasterKeyId=""),
     attributes({"KmsMasterKeyId": ABSENT, "SqsManagedSseEnabled": "false"}),
     set_attributes(SqsManagedSseEnabled="true"), attributes({"SqsManagedSseEnabled": "true"}),
     set_attributes(SqsManagedSseEnabled="yes", refused=invalid_attribute("SqsManagedSseEnabled")),
     set_attributes(KmsMasterKeyId="alias/mine", SqsManagedSseEnabled="true", refused=refusal(
         "InvalidAttributeName", "You can use one type of server-side encryption (SSE) at one time. "
         "You can either enable KMS SSE or SQS SSE.")))

# ---- creating, listing, deleting
case("create_compares_with_what_is_set_now", "a queue is equal to its present attributes, not its first; tags do not count",
     create("q", VisibilityTimeout="31", tags={"a": "b"}), set_attributes(VisibilityTimeout="41"),
     create("q", VisibilityTimeout="41", tags={"c": "d"}, expect={"QueueUrl": "${q}"}),
     call("ListQueueTags", {"QueueUrl": "${q}"}, {"Tags": {"a": "b", "c": ABSENT}}),
     create("q", VisibilityTimeout="31", refused=refusal(
         "QueueNameExists",
         "A queue already exists with the same name and a different value for attribute VisibilityTimeout")))

case("lists_refuse", "a page of no or of too many, and a token that is none",
     call("ListQueues", {"QueueNamePrefix": "${prefix}", "MaxResults": 1001}, refused=invalid()),
     call("ListQueues", {"QueueNamePrefix": "${prefix}", "MaxResults": 0}, refused=invalid()),
     call("ListQueues", {"QueueNamePrefix": "${prefix}", "MaxResults": 1, "NextToken": "no token"}, refused=invalid()))

case("lists_are_stable", "pages follow one order, see a prefix by case, and end without a token",
     create("p1"), create("p2"), create("P3"),
     call("ListQueues", {"QueueNamePrefix": name_of("p"), "MaxResults": 1}, {"QueueUrls": ["${p1}"]}, save={"t": "NextToken"}),
     call("ListQueues", {"QueueNamePrefix": name_of("p"), "MaxResults": 1, "NextToken": "${t}"},
          {"QueueUrls": ["${p2}"], "NextToken": ABSENT}),
     call("ListQueues", {"QueueNamePrefix": name_of("p"), "MaxResults": 2}, {"QueueUrls": length(2), "NextToken": ABSENT}),
     call("DeleteQueue", {"QueueUrl": "${p1}"}),
     call("ListQueues", {"QueueNamePrefix": name_of("p")}, {"QueueUrls": ["${p2}"]}))

case("delete_is_not_idempotent", "a second delete finds no queue; a queue made again is another one",
     create("q", VisibilityTimeout="77", tags={"old": "tag"}), send("old"), take("old"),
     call("DeleteQueue", {"QueueUrl": "${q}"}),
     call("DeleteQueue", {"QueueUrl": "${q}"}, refused=refusal("QueueDoesNotExist")),
     create("q"), attributes({"VisibilityTimeout": "30"}), call("ListQueueTags", {"QueueUrl": "${q}"}, {"Tags": ABSENT}),
     counts(), delete(refused=invalid_handle("${handle}")))

case("calls_on_a_missing_queue", "every operation says that there is no such queue",
     create("gone"), call("DeleteQueue", {"QueueUrl": "${gone}"}),
     [call(operation, {"QueueUrl": "${gone}", **given}, refused=refusal("QueueDoesNotExist")) for operation, given in (
         ("GetQueueAttributes", {"AttributeNames": ["All"]}), ("SetQueueAttributes", {"Attributes": {"DelaySeconds": "1"}}),
         ("SendMessage", {"MessageBody": "x"}), ("SendMessageBatch", {"Entries": [{"Id": "a", "MessageBody": "x"}]}),
         ("ReceiveMessage", {}), ("DeleteMessage", {"ReceiptHandle": "x"}),
         ("DeleteMessageBatch", {"Entries": [{"Id": "a", "ReceiptHandle": "x"}]}),
         ("ChangeMessageVisibility", {"ReceiptHandle": "x", "VisibilityTimeout": 1}),
         ("ChangeMessageVisibilityBatch", {"Entries": [{"Id": "a", "ReceiptHandle": "x", "VisibilityTimeout": 1}]}),
         ("PurgeQueue", {}), ("TagQueue", {"Tags": {"a": "b"}}), ("UntagQueue", {"TagKeys": ["a"]}), ("ListQueueTags", {}),
         ("ListDeadLetterSourceQueues", {}), ("DeleteQueue", {}))])

case("purge_makes_handles_stale", "a purge ends what was in flight, as a delete does; it may be asked for twice",
     create("q"), send("x"), take("x"), call("PurgeQueue", {"QueueUrl": "${q}"}), call("PurgeQueue", {"QueueUrl": "${q}"}),
     delete(), change_visibility(5, refused=invalid_value(
         "${handle}", "ReceiptHandle", "Message does not exist or is not available for visibility timeout change.")))

# ---- tags
case("tags_have_bounds", "50 tags, keys up to 128 and values up to 256 characters, no aws: in front",
     create("q"),
     call("TagQueue", {"QueueUrl": "${q}", "Tags": {f"k{n}": "v" for n in range(50)}}),
     call("TagQueue", {"QueueUrl": "${q}", "Tags": {"k0": "again"}}),
     call("TagQueue", {"QueueUrl": "${q}", "Tags": {"one more": "v"}},
          refused=invalid("Too many tags added for queue ${prefix}-q.")),
     call("ListQueueTags", {"QueueUrl": "${q}"}, {"Tags": length(50)}),
     call("UntagQueue", {"QueueUrl": "${q}", "TagKeys": ["k1", "k2", "k3"]}),
     call("TagQueue", {"QueueUrl": "${q}", "Tags": {"k" * 128: "v" * 256}}),
     [call("TagQueue", {"QueueUrl": "${q}", "Tags": {key: value}}, refused=invalid())
      for key, value in (("k" * 129, "v"), ("k", "v" * 257), ("aws:mine", "v"))],
     call("ListQueueTags", {"QueueUrl": "${q}"}, {"Tags": length(48)}),
     call("TagQueue", {"QueueUrl": "${q}", "Tags": {}}, refused=missing("Tags")))

# ---- dead-letter queues
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
