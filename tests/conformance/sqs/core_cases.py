"""The cases that every client plays: each operation of standard queues, and each kind of error.

A call of a command-line client may take seconds on a busy machine: what must stay hidden is hidden for long."""

from sqs.refusals import *
from sqs.words import *

LONG = "600"  # seconds, as a queue's attribute

# ---- queues
case("create_queue_returns_its_url", "CreateQueue answers a URL that ends in account and name",
     create("q", expect={"QueueUrl": matches("^https?://[^/]+(/.*)?/000000000000/${prefix}-q$")}))

case("create_queue_is_idempotent", "an equal queue is returned, another one refused",
     create("q", VisibilityTimeout="31"),
     create("q", VisibilityTimeout="31", expect={"QueueUrl": "${q}"}),
     create("q", expect={"QueueUrl": "${q}"}),
     create("q", VisibilityTimeout="32", refused=refusal(
         "QueueNameExists",
         "A queue already exists with the same name and a different value for attribute VisibilityTimeout")))

case("create_queue_refuses_a_bad_name", "a name outside the alphabet is refused",
     call("CreateQueue", {"QueueName": "bad name!"}, refused=invalid(
         "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")))

case("get_queue_url", "finds a queue by name, and says when there is none",
     create("q"),
     call("GetQueueUrl", {"QueueName": name_of("q")}, {"QueueUrl": "${q}"}),
     call("GetQueueUrl", {"QueueName": name_of("none")}, refused=refusal("QueueDoesNotExist")))

case("list_queues", "lists by prefix, in pages only when asked for",
     create("l1"), create("l2"), create("l3"), create("other"),
     call("ListQueues", {"QueueNamePrefix": name_of("l")},
          {"QueueUrls": unordered("${l1}", "${l2}", "${l3}"), "NextToken": ABSENT}),
     call("ListQueues", {"QueueNamePrefix": name_of("l"), "MaxResults": 2},
          {"QueueUrls": length(2), "NextToken": PRESENT}, save={"token": "NextToken"}),
     call("ListQueues", {"QueueNamePrefix": name_of("l"), "MaxResults": 2, "NextToken": "${token}"},
          {"QueueUrls": length(1), "NextToken": ABSENT}),
     call("ListQueues", {"QueueNamePrefix": name_of("absent")}, {"QueueUrls": ABSENT}))

case("queue_attributes", "defaults are there, a change is seen, a bad one refused",
     create("q", DelaySeconds="7"),
     attributes({"VisibilityTimeout": "30", "DelaySeconds": "7", "MaximumMessageSize": "1048576",
                 "MessageRetentionPeriod": "345600", "ReceiveMessageWaitTimeSeconds": "0", "QueueArn": arn("q"),
                 "CreatedTimestamp": matches("^[0-9]{10}$"), "SqsManagedSseEnabled": "true"}),
     set_attributes(VisibilityTimeout="43200", DelaySeconds="0"),
     call("GetQueueAttributes", {"QueueUrl": "${q}", "AttributeNames": ["VisibilityTimeout", "DelaySeconds"]},
          {"Attributes": {"VisibilityTimeout": "43200", "DelaySeconds": "0", "QueueArn": ABSENT}}),
     set_attributes(VisibilityTimeout="43201", refused=invalid_attribute("VisibilityTimeout")))

case("delete_queue", "a deleted queue is gone at once, and may be made again",
     create("q"), send("lost"),
     call("DeleteQueue", {"QueueUrl": "${q}"}),
     call("GetQueueAttributes", {"QueueUrl": "${q}", "AttributeNames": ["All"]}, refused=refusal("QueueDoesNotExist")),
     create("q"), receive())

case("queue_tags", "tags are set at creation, added, overwritten and removed",
     create("q", tags={"team": "blue", "Team": "Ünï"}),
     call("TagQueue", {"QueueUrl": "${q}", "Tags": {"team": "red", "empty": ""}}),
     call("ListQueueTags", {"QueueUrl": "${q}"}, {"Tags": {"team": "red", "Team": "Ünï", "empty": ""}}),
     call("UntagQueue", {"QueueUrl": "${q}", "TagKeys": ["team", "Team", "unknown"]}),
     call("ListQueueTags", {"QueueUrl": "${q}"}, {"Tags": {"team": ABSENT, "empty": ""}}),
     call("UntagQueue", {"QueueUrl": "${q}", "TagKeys": ["empty"]}),
     call("ListQueueTags", {"QueueUrl": "${q}"}, {"Tags": ABSENT}))

# ---- send, receive, delete
case("send_receive_delete", "a message is sent, received, deleted and gone; deleting it again is no error",
     create("q", VisibilityTimeout=LONG),
     send("hello", save={"id": "MessageId"}, expect={
         "MD5OfMessageBody": md5("hello"), "MessageId": UUID, "MD5OfMessageAttributes": ABSENT, "SequenceNumber": ABSENT}),
     take({"Body": "hello", "MessageId": "${id}", "MD5OfBody": md5("hello"), "ReceiptHandle": PRESENT,
           "Attributes": ABSENT, "MessageAttributes": ABSENT}),
     counts(in_flight=1),
     delete(), counts(), delete())

case("message_attributes", "attributes travel with the message, and the asked-for ones come back",
     create("q", VisibilityTimeout="0"),
     send("with attributes", expect={"MD5OfMessageAttributes": PRESENT}, MessageAttributes={
         "colour": text_attribute("grün"), "weight": text_attribute("1.50", "Number.float"),
         "blob": binary_attribute("Ynl0ZXMAAQI=")}),
     receive({"MD5OfMessageAttributes": PRESENT, "MessageAttributes": {
         "colour": text_attribute("grün"), "weight": text_attribute("1.50", "Number.float"),
         "blob": {"DataType": "Binary", "BinaryValue": "Ynl0ZXMAAQI="}}}, MessageAttributeNames=["All"]),
     receive({"MessageAttributes": {"colour": text_attribute("grün"), "weight": ABSENT, "blob": ABSENT}},
             MessageAttributeNames=["col.*"]))

case("system_attributes", "the service's own attributes of a message",
     create("q", VisibilityTimeout="0"),
     send("trace", MessageSystemAttributes={
         "AWSTraceHeader": text_attribute("Root=1-00000001-000000000000000000000001")}),
     receive({"Attributes": {"SentTimestamp": matches("^[0-9]{13}$"), "ApproximateReceiveCount": "1",
                             "ApproximateFirstReceiveTimestamp": matches("^[0-9]{13}$"), "SenderId": PRESENT,
                             "AWSTraceHeader": "Root=1-00000001-000000000000000000000001"}},
             AttributeNames=["All"]),
     receive({"Attributes": {"ApproximateReceiveCount": "2", "SentTimestamp": ABSENT}},
             AttributeNames=["ApproximateReceiveCount"]))

case("send_refuses", "an empty, a too long and a malformed message, and a bad delay",
     create("q", MaximumMessageSize="1024"),
     send("", refused=missing("MessageBody")),
     send("x" * 1025, refused=invalid("One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.")),
     send("x" * 1024),
     send("\ufffe", refused=refusal("InvalidMessageContents")),
     send("late", DelaySeconds=901, refused=invalid_value(901, "DelaySeconds", "DelaySeconds must be >= 0 and <= 900.")),
     send("x", MessageAttributes={"AWS.mine": text_attribute("x")}, refused=invalid(
         "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These strings are reserved for internal "
         "use. Additionally, they cannot start or end with '.'.")))

case("bodies_come_back_as_sent", "text of every kind, up to one MiB",
     create("q"),
     send("line\r\nfeed\t\"quoted\" <&amp;> 日本語 🐟 \u0085 end "),
     take("line\r\nfeed\t\"quoted\" <&amp;> 日本語 🐟 \u0085 end "), delete(),
     send("é" * 524288), take("é" * 524288), delete())

case("send_to_no_queue", "a queue that is not there is told as such",
     create("gone"), call("DeleteQueue", {"QueueUrl": "${gone}"}),
     send("x", q="gone", refused=refusal("QueueDoesNotExist")),
     receive(q="gone", refused=refusal("QueueDoesNotExist")))

# ---- waiting
case("delays", "a delayed message comes when its delay is over: the queue's, or its own",
     create("q", DelaySeconds="900", VisibilityTimeout=LONG),
     send("soon", DelaySeconds=1), send("queue's"), send("late", DelaySeconds=899),
     receive("soon", WaitTimeSeconds=20, MaxNumberOfMessages=10), counts(in_flight=1, delayed=2),
     create("r", DelaySeconds="3"), send("in a while", q="r"), receive("in a while", q="r", WaitTimeSeconds=20))

case("receive_short_poll", "an empty queue answers at once, and bad parameters are refused",
     create("q"),
     receive(took=(0, 18)),
     receive(MaxNumberOfMessages=11, refused=invalid_value(
         11, "MaxNumberOfMessages", "Must be between 1 and 10, if provided.")),
     receive(WaitTimeSeconds=21, refused=invalid_value(21, "WaitTimeSeconds", "Must be >= 0 and <= 20, if provided.")))

case("receive_long_poll", "a wait ends with the first message, or empty when its time is over",
     create("q", ReceiveMessageWaitTimeSeconds="8"),
     receive(took=(7.5, 30)),
     together(receive("wake", WaitTimeSeconds=20, took=(0.5, 19)), [sleep(2), send("wake")]))

case("visibility_timeout", "a message that is not deleted comes back when its time is over",
     create("q", VisibilityTimeout="1"),
     send("again"), receive("again"), receive("again", WaitTimeSeconds=20, VisibilityTimeout=600), receive(),
     counts(in_flight=1))

case("change_visibility", "hides longer, shows at once, and refuses nonsense",
     create("q", VisibilityTimeout=LONG),
     send("job"), take("job", VisibilityTimeout=3), change_visibility(600), sleep(4), receive(),
     change_visibility(0), take("job"), receive(),
     change_visibility(43201, refused=invalid_value(
         43201, "VisibilityTimeout", "VisibilityTimeout must be between 0 and 43200.")),
     change_visibility(10, "garbage", refused=invalid_handle("garbage")),
     delete("garbage", refused=invalid_handle("garbage")),
     delete(), change_visibility(10, refused=invalid_value(
         "${handle}", "ReceiptHandle", "Message does not exist or is not available for visibility timeout change.")))

case("purge_queue", "purges what waits, what is in flight and what is delayed",
     create("q", VisibilityTimeout=LONG), send("in flight"), take("in flight"), send("waits"), send("delayed", DelaySeconds=900),
     counts(visible=1, in_flight=1, delayed=1),
     call("PurgeQueue", {"QueueUrl": "${q}"}), counts(), send("new"), receive("new"))

case("retention", "a message is dropped when its retention is over",
     create("q", MessageRetentionPeriod="60"), send("old"), counts(visible=1), sleep(63), receive(), counts())

# ---- batches
case("batches", "send, hide and delete ten at a time; one bad entry fails alone",
     create("q", MaximumMessageSize="1024", VisibilityTimeout=LONG),
     send_batch(["a", "b", "x" * 1025, {"MessageBody": "late", "DelaySeconds": 900}], expect={
         "Successful": unordered({"Id": "e0", "MD5OfMessageBody": md5("a"), "MessageId": UUID}, {"Id": "e1"}, {"Id": "e3"}),
         "Failed": [failed("e2", "InvalidParameterValueException",
                           "One or more parameters cannot be validated. Reason: Message must be shorter than 1024 bytes.")]}),
     receive("a", "b", save={"h0": "Messages.0.ReceiptHandle", "h1": "Messages.1.ReceiptHandle"}),
     call("ChangeMessageVisibilityBatch", {"QueueUrl": "${q}", "Entries": [
         {"Id": "v0", "ReceiptHandle": "${h0}", "VisibilityTimeout": 1},
         {"Id": "bad", "ReceiptHandle": "garbage", "VisibilityTimeout": 1}]},
          {"Successful": [{"Id": "v0"}], "Failed": [failed("bad", "ReceiptHandleIsInvalid")]}),
     counts(visible=1, in_flight=1, delayed=1, within=20),
     call("DeleteMessageBatch", {"QueueUrl": "${q}", "Entries": [
         {"Id": "d0", "ReceiptHandle": "${h0}"}, {"Id": "d1", "ReceiptHandle": "${h1}"},
         {"Id": "bad", "ReceiptHandle": "garbage"}]},
          {"Successful": unordered({"Id": "d0"}, {"Id": "d1"}), "Failed": [failed("bad", "ReceiptHandleIsInvalid")]}),
     counts(delayed=1))

case("batch_refusals", "errors of a whole batch",
     create("q"),
     send_batch([str(n) for n in range(11)], refused=refusal(
         "TooManyEntriesInBatchRequest", "Maximum number of entries per request are 10. You have sent 11.")),
     send_batch([{"Id": "same", "MessageBody": "1"}, {"Id": "same", "MessageBody": "2"}],
                refused=refusal("BatchEntryIdsNotDistinct", "Id same repeated.")),
     send_batch([{"Id": "no spaces", "MessageBody": "1"}], refused=refusal("InvalidBatchEntryId")),
     send_batch(["x" * 600000, "y" * 448577], refused=refusal(
         "BatchRequestTooLong", "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.")),
     counts())

# ---- dead letters
case("dead_letter_queue", "what was received too often moves to the dead-letter queue, with its count and attributes",
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
