"""Attributes of queues: defaults, ranges, what is refused, encryption."""

from sqs.refusals import *
from sqs.words import *

core_case("queue_attributes", "defaults are there, a change is seen, a bad one refused",
     create("q", DelaySeconds="7"),
     attributes({"VisibilityTimeout": "30", "DelaySeconds": "7", "MaximumMessageSize": "1048576",
                 "MessageRetentionPeriod": "345600", "ReceiveMessageWaitTimeSeconds": "0", "QueueArn": arn("q"),
                 "CreatedTimestamp": matches("^[0-9]{10}$"), "SqsManagedSseEnabled": "true"}),
     set_attributes(VisibilityTimeout="43200", DelaySeconds="0"),
     call("GetQueueAttributes", {"QueueUrl": "${q}", "AttributeNames": ["VisibilityTimeout", "DelaySeconds"]},
          {"Attributes": {"VisibilityTimeout": "43200", "DelaySeconds": "0", "QueueArn": ABSENT}}),
     set_attributes(VisibilityTimeout="43201", refused=invalid_attribute("VisibilityTimeout")))

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
         "You can either enable KMS SSE or SQS SSE.")),
     set_attributes(KmsMasterKeyId="alias/mine", SqsManagedSseEnabled="True", refused=refusal("InvalidAttributeName")))

case("attributes_of_encryption_taken_away", "no key where there was none changes nothing, at creation neither",
     create("q", KmsMasterKeyId=""), attributes({"KmsMasterKeyId": ABSENT, "SqsManagedSseEnabled": "true"}),
     create("q", KmsMasterKeyId=""), set_attributes(KmsMasterKeyId=""), attributes({"SqsManagedSseEnabled": "true"}))

case("attributes_of_truth_in_any_case", "true and false are taken in any case and shown in lower case",
     create("fifo", FifoQueue="True", ContentBasedDeduplication="TRUE"),
     attributes({"FifoQueue": "true", "ContentBasedDeduplication": "true"}, q="fifo"))
