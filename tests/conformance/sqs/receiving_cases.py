"""Receiving: what comes along, visibility, waiting, handles, retention.

A call of a command-line client may take seconds on a busy machine: what must stay hidden is hidden for long."""

from sqs.refusals import *
from sqs.words import *

GONE = invalid_value("${handle}", "ReceiptHandle",
                     "Message does not exist or is not available for visibility timeout change.")
VISIBILITY = "VisibilityTimeout must be between 0 and 43200."

core_case("send_receive_delete", "a message is sent, received, deleted and gone; deleting it again is no error",
     create("q", VisibilityTimeout=LONG),
     send("hello", save={"id": "MessageId"}, expect={
         "MD5OfMessageBody": md5("hello"), "MessageId": UUID, "MD5OfMessageAttributes": ABSENT, "SequenceNumber": ABSENT}),
     take({"Body": "hello", "MessageId": "${id}", "MD5OfBody": md5("hello"), "ReceiptHandle": PRESENT,
           "Attributes": ABSENT, "MessageAttributes": ABSENT}),
     counts(in_flight=1),
     delete(), counts(), delete())

core_case("system_attributes", "the service's own attributes of a message",
     create("q", VisibilityTimeout="0"),
     send("trace", MessageSystemAttributes={
         "AWSTraceHeader": text_attribute("Root=1-00000001-000000000000000000000001")}),
     receive({"Attributes": {"SentTimestamp": matches("^[0-9]{13}$"), "ApproximateReceiveCount": "1",
                             "ApproximateFirstReceiveTimestamp": matches("^[0-9]{13}$"), "SenderId": PRESENT,
                             "AWSTraceHeader": "Root=1-00000001-000000000000000000000001"}},
             AttributeNames=["All"]),
     receive({"Attributes": {"ApproximateReceiveCount": "2", "SentTimestamp": ABSENT}},
             AttributeNames=["ApproximateReceiveCount"]))

case("receive_bounds", "every number has its range",
     create("q"),
     [receive(MaxNumberOfMessages=n, refused=invalid_value(
         n, "MaxNumberOfMessages", "Must be between 1 and 10, if provided.")) for n in (-1, 11, 1000000)],
     [receive(WaitTimeSeconds=n, refused=invalid_value(
         n, "WaitTimeSeconds", "Must be >= 0 and <= 20, if provided.")) for n in (-1, 21)],
     [receive(VisibilityTimeout=n, refused=invalid()) for n in (-1, 43201)],
     receive(MaxNumberOfMessages=10, WaitTimeSeconds=1, VisibilityTimeout=43200))

case("receive_of_no_message", "asking for none is refused",
     create("q"), receive(MaxNumberOfMessages=0, refused=invalid_value(
         0, "MaxNumberOfMessages", "Must be between 1 and 10, if provided.")), not_for=NO_ZERO)

case("receive_refuses", "an attempt id is for FIFO queues, and a system attribute must exist",
     create("q"),
     receive(ReceiveRequestAttemptId="again", refused=invalid()),
     receive(AttributeNames=["Nonsense"], refused=refusal("InvalidAttributeName")),
     receive(AttributeNames=["SqsManagedSseEnabled"], refused=refusal("InvalidAttributeName")))

case("receive_takes_as_many_as_asked", "one by default, at most ten, each to one receiver",
     create("q"),
     send_batch([f"a{n}" for n in range(10)]), send_batch([f"b{n}" for n in range(5)]),
     call("ReceiveMessage", {"QueueUrl": "${q}"}, {"Messages": length(1)}),
     call("ReceiveMessage", {"QueueUrl": "${q}", "MaxNumberOfMessages": 10}, {"Messages": length(10)}),
     call("ReceiveMessage", {"QueueUrl": "${q}", "MaxNumberOfMessages": 10}, {"Messages": length(4)}),
     receive(), counts(in_flight=15))

ATTRIBUTES = {"colour": text_attribute("red"), "colt": text_attribute("horse"), "sun.light": text_attribute("1", "Number")}


def selecting(names, *found):
    kept = {name: ATTRIBUTES[name] for name in found}
    expected = {name: ATTRIBUTES[name] if name in found else ABSENT for name in ATTRIBUTES} if found else ABSENT
    return receive({"MessageAttributes": expected, "MD5OfMessageAttributes": attributes_md5(kept) if kept else ABSENT},
                   MessageAttributeNames=names)


case("message_attribute_selection", "by name, by prefix, all; what is unknown or malformed is passed over",
     create("q", VisibilityTimeout="0"), send("x", MessageAttributes=ATTRIBUTES),
     [selecting([every], *ATTRIBUTES) for every in ("All", ".*", "*")],
     selecting(["colour"], "colour"), selecting(["col.*"], "colour", "colt"), selecting(["sun.*"], "sun.light"),
     selecting(["colt", "sun.light", "none", "b@d"], "colt", "sun.light"),
     selecting(["none"]), selecting(["COLOUR"]), selecting(["col"]))

case("system_attribute_selection", "the names asked for and no others; All takes all",
     create("q", VisibilityTimeout="0"), send("x"),
     receive({"Attributes": {"SenderId": PRESENT, "SentTimestamp": matches("^[0-9]{13}$"), "ApproximateReceiveCount": ABSENT}},
             AttributeNames=["SenderId", "SentTimestamp"]),
     receive({"Attributes": {"ApproximateReceiveCount": "2", "ApproximateFirstReceiveTimestamp": PRESENT,
                             "AWSTraceHeader": ABSENT, "SequenceNumber": ABSENT, "MessageGroupId": ABSENT,
                             "DeadLetterQueueSourceArn": ABSENT}}, AttributeNames=["All"]))

case("system_attribute_names_are_joined", "the old and the new list of names are one",
     create("q", VisibilityTimeout="0"), send("x"),
     receive({"Attributes": {"SenderId": PRESENT, "SentTimestamp": PRESENT, "ApproximateReceiveCount": ABSENT}},
             AttributeNames=["SenderId"], MessageSystemAttributeNames=["SentTimestamp"]),
     receive({"Attributes": {"SenderId": PRESENT, "SentTimestamp": PRESENT, "ApproximateReceiveCount": "2"}},
             MessageSystemAttributeNames=["All"]),
     not_for=("boto3-query",))

case("receives_are_counted", "count and first time stay with the message, the handle is new each time",
     create("q", VisibilityTimeout="0"), send("x", save={"id": "MessageId"}),
     receive({"MessageId": "${id}", "Attributes": {"ApproximateReceiveCount": "1"}}, AttributeNames=["All"], save={
         "h": "Messages.0.ReceiptHandle", "sent": "Messages.0.Attributes.SentTimestamp",
         "first": "Messages.0.Attributes.ApproximateFirstReceiveTimestamp"}),
     receive({"MessageId": "${id}", "ReceiptHandle": is_not("${h}"), "Attributes": {
         "ApproximateReceiveCount": "2", "SentTimestamp": "${sent}", "ApproximateFirstReceiveTimestamp": "${first}"}},
             AttributeNames=["All"]))

case("receive_with_its_own_visibility", "overrides the queue's, for this receive only",
     create("q", VisibilityTimeout="600"), send("x"),
     receive("x", VisibilityTimeout=1), receive("x", WaitTimeSeconds=20), receive(), counts(in_flight=1))

case("receive_with_no_visibility", "gives a handle, raises the count, and the message stays visible",
     create("q"), send("x"),
     receive("x", VisibilityTimeout=0), take("x", VisibilityTimeout=0), counts(visible=1),
     change_visibility(600), counts(in_flight=1), receive(), delete(), counts(), not_for=NO_ZERO)

case("receive_with_no_wait", "a wait of 0 overrides the queue's",
     create("q", ReceiveMessageWaitTimeSeconds="20"), receive(WaitTimeSeconds=0, took=(0, 15)), not_for=NO_ZERO)

# ---- waiting

core_case("receive_short_poll", "an empty queue answers at once, and bad parameters are refused",
     create("q"),
     receive(took=(0, 18)),
     receive(MaxNumberOfMessages=11, refused=invalid_value(
         11, "MaxNumberOfMessages", "Must be between 1 and 10, if provided.")),
     receive(WaitTimeSeconds=21, refused=invalid_value(21, "WaitTimeSeconds", "Must be >= 0 and <= 20, if provided.")))

core_case("receive_long_poll", "a wait ends with the first message, or empty when its time is over",
     create("q", ReceiveMessageWaitTimeSeconds="8"),
     receive(took=(7.5, 30)),
     together(receive("wake", WaitTimeSeconds=20, took=(0.5, 19)), [sleep(2), send("wake")]))

core_case("visibility_timeout", "a message that is not deleted comes back when its time is over",
     create("q", VisibilityTimeout="1"),
     send("again"), receive("again"), receive("again", WaitTimeSeconds=20, VisibilityTimeout=600), receive(),
     counts(in_flight=1))

case("a_wait_ends_when_a_delay_is_over", "",
     create("q"), send("late", DelaySeconds=3), receive("late", WaitTimeSeconds=20, took=(0.5, 18)))

case("a_wait_ends_when_a_visibility_is_over", "",
     create("q", VisibilityTimeout="3"), send("back"), receive("back"), receive("back", WaitTimeSeconds=20, took=(0.5, 18)))

case("a_wait_ends_when_a_visibility_is_set_to_zero", "",
     create("q", VisibilityTimeout="600"), send("back"), take("back"),
     together(receive("back", WaitTimeSeconds=20, took=(0.5, 18)), [sleep(2), change_visibility(0)]))

case("a_wait_ends_with_a_queue_attribute", "the queue's own wait counts where the call names none",
     create("q", ReceiveMessageWaitTimeSeconds="20"),
     together(receive("x", took=(0.5, 18)), [sleep(2), send("x")]))

case("each_waiter_gets_its_own", "three waiters share three messages",
     create("q"),
     together(*[call("ReceiveMessage", {"QueueUrl": "${q}", "WaitTimeSeconds": 20}, {"Messages": length(1)}, took=(0.5, 18))
                for _ in range(3)], [sleep(2), send("1"), send("2"), send("3")]),
     counts(in_flight=3))

case("a_wait_does_not_wait_to_fill_up", "one message is enough",
     create("q"), send("one"), receive("one", WaitTimeSeconds=20, MaxNumberOfMessages=10, took=(0, 15)))

# ---- handles

core_case("change_visibility", "hides longer, shows at once, and refuses nonsense",
     create("q", VisibilityTimeout=LONG),
     send("job"), take("job", VisibilityTimeout=3), change_visibility(600), sleep(4), receive(),
     change_visibility(0), take("job"), receive(),
     change_visibility(43201, refused=invalid_value(
         43201, "VisibilityTimeout", "VisibilityTimeout must be between 0 and 43200.")),
     change_visibility(10, "garbage", refused=invalid_handle("garbage")),
     delete("garbage", refused=invalid_handle("garbage")),
     delete(), change_visibility(10, refused=invalid_value(
         "${handle}", "ReceiptHandle", "Message does not exist or is not available for visibility timeout change.")))

case("delete_after_the_visibility", "the newest handle deletes also when its time is over",
     create("q", VisibilityTimeout="1"), send("x"), take("x"), counts(visible=1, within=20), delete(), counts())

case("delete_with_an_old_handle", "is answered, but deletes nothing; the newest one does",
     create("q", VisibilityTimeout="0"), send("x"), take("x", "old"), take("x", "new"),
     delete("${old}"), counts(visible=1), delete("${new}"), counts(), delete("${new}"), delete("${old}"))

case("handles_belong_to_a_queue", "one of another queue, a changed one and a made-up one are none",
     create("q"), create("other"), send("x"), take("x"),
     delete(q="other", refused=invalid_handle("${handle}")),
     change_visibility(1, q="other", refused=invalid_handle("${handle}")),
     [delete(bad, refused=invalid_handle(bad)) for bad in ("${handle}x", "x${handle}", "AAAA", "日本")],
     change_visibility(1, "${handle}x", refused=invalid_handle("${handle}x")), counts(in_flight=1))

case("change_visibility_revives", "a newest handle whose time is over hides the message anew",
     create("q", VisibilityTimeout="1"), send("x"), take("x"), counts(visible=1, within=20),
     change_visibility(600), counts(in_flight=1), receive(), delete(), counts())

case("change_visibility_by_an_old_handle", "still changes the message",
     create("q", VisibilityTimeout="0"), send("x"), take("x", "old"), set_attributes(VisibilityTimeout="600"), take("x"),
     change_visibility(0, "${old}"), counts(visible=1))

case("change_visibility_is_for_this_receive", "the next one takes the queue's value again",
     create("q", VisibilityTimeout="600"), send("x"), take("x"), change_visibility(1),
     receive("x", WaitTimeSeconds=20), sleep(2), receive(), counts(in_flight=1))

case("change_visibility_has_bounds", "of the number, and of 12 hours in all",
     create("q"), send("x"), take("x"),
     [change_visibility(n, refused=invalid_value(n, "VisibilityTimeout", VISIBILITY)) for n in (-1, 43201)],
     sleep(3), change_visibility(43200, refused=invalid_value(
         43200, "VisibilityTimeout", "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]")),
     change_visibility(43100))

case("batches_of_handles", "each entry stands alone; deleting again is no error",
     create("q"), send_batch(["a", "b"]),
     receive("a", "b", save={"h0": "Messages.0.ReceiptHandle", "h1": "Messages.1.ReceiptHandle"}),
     call("ChangeMessageVisibilityBatch", {"QueueUrl": "${q}", "Entries": [
         {"Id": "far", "ReceiptHandle": "${h0}", "VisibilityTimeout": 43201},
         {"Id": "good", "ReceiptHandle": "${h1}", "VisibilityTimeout": 600}]},
          {"Successful": [{"Id": "good"}], "Failed": [failed("far", "InvalidParameterValueException")]}),
     [call("DeleteMessageBatch", {"QueueUrl": "${q}", "Entries": [
         {"Id": "0", "ReceiptHandle": "${h0}"}, {"Id": "1", "ReceiptHandle": "${h1}"}]},
         {"Successful": unordered({"Id": "0"}, {"Id": "1"}), "Failed": ABSENT}) for _ in range(2)],
     call("ChangeMessageVisibilityBatch", {"QueueUrl": "${q}", "Entries": [
         {"Id": "gone", "ReceiptHandle": "${h0}", "VisibilityTimeout": 5}]},
          {"Successful": ABSENT, "Failed": [failed("gone", "InvalidParameterValueException")]}), counts())

# ---- retention

core_case("retention", "a message is dropped when its retention is over",
     create("q", MessageRetentionPeriod="60"), send("old"), counts(visible=1), sleep(63), receive(), counts())

case("retention_counts_in_flight", "what expires in flight is as deleted",
     create("q", MessageRetentionPeriod="60", VisibilityTimeout="600"), send("x"), take("x"), counts(in_flight=1),
     sleep(63), counts(), change_visibility(5, refused=GONE), delete())

case("retention_may_be_lowered", "a lowered retention expires what is older",
     create("q"), send("old"), sleep(62), send("new"), set_attributes(MessageRetentionPeriod="60"),
     counts(visible=1), receive("new", MaxNumberOfMessages=10))

case("retention_of_a_dead_letter", "goes on from the first send, on the way to the dead-letter queue too",
     create("dead", MessageRetentionPeriod="60"), create("q", RedrivePolicy=redrive_to("dead", 1), VisibilityTimeout="0"),
     send("x"), receive("x"), sleep(62), receive(), receive(q="dead", WaitTimeSeconds=2), counts(q="dead"))
