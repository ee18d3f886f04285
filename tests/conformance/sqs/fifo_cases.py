"""FIFO queues: what their attributes are, what they refuse, order and locking of groups, deduplication, attempts."""

from sqs.refusals import *
from sqs.words import *

FIFO_NAME = ("The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with "
             ".fifo suffix and be 1 to 80 in length")
STANDARD_NAME = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
NO_ID = "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"
NOT_THIS_TYPE = "The request include parameter that is not valid for this queue type."
ID_CHARACTERS = "{} can only include alphanumeric and punctuation characters. 1 to 128 in length."
EXPIRED = invalid_value("${handle}", "ReceiptHandle", "The receipt handle has expired.")
GONE = invalid_value("${handle}", "ReceiptHandle",
                     "Message does not exist or is not available for visibility timeout change.")
SEQUENCE = matches("^[0-9]{20}$")
TEN = {"MaxNumberOfMessages": 10}


def put(body, group="g", deduplication=None, q="fifo", **more):
    """A send to a FIFO queue; its deduplication id is the body where none is given."""
    return send(body, q=q, MessageGroupId=group, MessageDeduplicationId=deduplication or body, **more)


def entry(body, group="g", **more):
    return {"MessageBody": body, "MessageGroupId": group, "MessageDeduplicationId": body, **more}


def take_in_order(*bodies, q="fifo", save=None, **more):
    """Up to ten messages must be just these, in this order; their handles are kept as h0, h1 …, or as named."""
    handles = {(save or {}).get(n, f"h{n}"): f"Messages.{n}.ReceiptHandle" for n in range(len(bodies))}
    return call("ReceiveMessage", {"QueueUrl": url(q), **TEN, **more},
                {"Messages": [{"Body": body} for body in bodies] or ABSENT}, save=handles or None)


def fifo(name="fifo", **attributes):
    return create(name, **{"VisibilityTimeout": LONG, **attributes})


def handles(*numbers, q="fifo"):
    return [delete("${h%d}" % number, q=q) for number in numbers]


# ---- names and attributes
core_case("fifo_send_receive_delete", "messages of a group come in order, with numbers that rise; deleting them frees the group",
          fifo(),
          put("a", expect={"MD5OfMessageBody": md5("a"), "MessageId": UUID, "SequenceNumber": SEQUENCE},
              save={"first": "SequenceNumber", "id": "MessageId"}),
          put("b", save={"second": "SequenceNumber"}),
          receive({"Body": "a", "MessageId": "${id}", "Attributes": {
              "MessageGroupId": "g", "MessageDeduplicationId": "a", "SequenceNumber": "${first}",
              "ApproximateReceiveCount": "1"}}, q="fifo", AttributeNames=["All"], save={"h": "Messages.0.ReceiptHandle"}),
          take_in_order(), delete("${h}", q="fifo"),
          take_in_order("b"), handles(0), counts(q="fifo"))

core_case("fifo_refuses", "a message without a group, without a deduplication id, with a delay of its own",
          fifo(),
          send("x", q="fifo", MessageDeduplicationId="x", refused=missing("MessageGroupId")),
          send("x", q="fifo", MessageGroupId="g", refused=invalid(NO_ID)),
          put("x", DelaySeconds=1, refused=invalid_value(1, "DelaySeconds", NOT_THIS_TYPE)),
          counts(q="fifo"))

core_case("fifo_deduplicates", "a repeat within five minutes is answered as the first one and dropped",
          fifo(),
          put("a", deduplication="id", save={"id": "MessageId", "number": "SequenceNumber"}),
          put("a", deduplication="id", expect={
              "MessageId": "${id}", "SequenceNumber": "${number}", "MD5OfMessageBody": md5("a")}),
          take_in_order("a"), handles(0),
          put("a", deduplication="id", expect={"MessageId": "${id}", "SequenceNumber": "${number}"}), counts(q="fifo"))

case("fifo_names", "the suffix and the attribute need each other; both together have 80 characters",
     call("CreateQueue", {"QueueName": "${prefix}", "Attributes": {"FifoQueue": "true"}}, refused=invalid(FIFO_NAME)),
     call("CreateQueue", {"QueueName": "${prefix}.fifo"}, refused=invalid(STANDARD_NAME)),
     call("CreateQueue", {"QueueName": "${prefix}.fifo", "Attributes": {"FifoQueue": "false"}}, refused=invalid(STANDARD_NAME)),
     call("CreateQueue", {"QueueName": ".fifo", "Attributes": {"FifoQueue": "true"}}, refused=invalid(FIFO_NAME)),
     call("CreateQueue", {"QueueName": "a.b.fifo", "Attributes": {"FifoQueue": "true"}}, refused=invalid(FIFO_NAME)),
     call("CreateQueue", {"QueueName": "x" * 76 + ".fifo", "Attributes": {"FifoQueue": "true"}}, refused=invalid(FIFO_NAME)),
     call("CreateQueue", {"QueueName": "x" * 75 + ".fifo", "Attributes": {"FifoQueue": "true"}}, {"QueueUrl": matches("x.fifo$")}),
     create("fifo"), create("fifo"), create("plain"),
     call("GetQueueUrl", {"QueueName": name_of("fifo")}, {"QueueUrl": "${fifo}"}))

case("fifo_attributes", "are shown with their defaults, set at creation or later, and compared",
     create("fifo"),
     attributes({"FifoQueue": "true", "ContentBasedDeduplication": "false", "DeduplicationScope": "queue",
                 "FifoThroughputLimit": "perQueue", "QueueArn": arn("fifo")}, q="fifo"),
     set_attributes("fifo", ContentBasedDeduplication="true", DeduplicationScope="messageGroup",
                    FifoThroughputLimit="perMessageGroupId"),
     attributes({"FifoQueue": "true", "ContentBasedDeduplication": "true", "DeduplicationScope": "messageGroup",
                 "FifoThroughputLimit": "perMessageGroupId"}, q="fifo"),
     create("fifo", ContentBasedDeduplication="true", FifoThroughputLimit="perMessageGroupId", DeduplicationScope="messageGroup",
            expect={"QueueUrl": "${fifo}"}),
     [create("fifo", **{name: value}, refused=refusal(
         "QueueNameExists", f"A queue already exists with the same name and a different value for attribute {name}"))
      for name, value in (("ContentBasedDeduplication", "false"), ("DeduplicationScope", "queue"))],
     set_attributes("fifo", FifoThroughputLimit="perQueue"), set_attributes("fifo", DeduplicationScope="queue"),
     attributes({"DeduplicationScope": "queue", "FifoThroughputLimit": "perQueue"}, q="fifo"),
     call("GetQueueAttributes", {"QueueUrl": "${fifo}", "AttributeNames": ["FifoQueue", "ContentBasedDeduplication"]},
          {"Attributes": {"FifoQueue": "true", "ContentBasedDeduplication": "true", "DeduplicationScope": ABSENT}}))

case("fifo_attributes_refuse", "another type, words that are none, a limit by group without the scope for it",
     create("fifo"),
     set_attributes("fifo", FifoQueue="false", refused=invalid_attribute(
         "FifoQueue", "Modifying queue type is not supported.")),
     set_attributes("fifo", FifoQueue="true"),
     [set_attributes("fifo", **{name: bad}, refused=invalid_attribute(name))
      for name, bad in (("ContentBasedDeduplication", "yes"), ("DeduplicationScope", "group"), ("DeduplicationScope", ""),
                        ("FifoThroughputLimit", "perGroup"))],
     set_attributes("fifo", FifoThroughputLimit="perMessageGroupId", refused=refusal("InvalidAttributeValue")),
     create("fifo_other", FifoThroughputLimit="perMessageGroupId", refused=refusal("InvalidAttributeValue")),
     set_attributes("fifo", FifoThroughputLimit="perMessageGroupId", DeduplicationScope="messageGroup"),
     set_attributes("fifo", DeduplicationScope="queue", refused=refusal("InvalidAttributeValue")),
     attributes({"DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId"}, q="fifo"))

# ---- sending
case("fifo_ids", "group and deduplication id have an alphabet and a length",
     fifo(),
     put("x", group="g!\"#~`'\\", deduplication="d" * 128),
     [put("x", **{member: bad}, refused=invalid_value(bad, name, ID_CHARACTERS.format(name)))
      for member, name in (("group", "MessageGroupId"), ("deduplication", "MessageDeduplicationId"))
      for bad in ("a b", "ä", "x" * 129)],
     counts(visible=1, q="fifo"))

case("fifo_empty_ids", "an empty group or deduplication id is none, and is told as a bad one",
     fifo(),
     send("x", q="fifo", MessageGroupId="", MessageDeduplicationId="d",
          refused=invalid_value("", "MessageGroupId", ID_CHARACTERS.format("MessageGroupId"))),
     send("x", q="fifo", MessageGroupId="g", MessageDeduplicationId="",
          refused=invalid_value("", "MessageDeduplicationId", ID_CHARACTERS.format("MessageDeduplicationId"))))

case("fifo_zero_delay", "0 is no error, and means the queue's delay",
     fifo(DelaySeconds="900"), put("x", DelaySeconds=0), counts(delayed=1, q="fifo"), not_for=NO_ZERO)

case("fifo_order_of_checks", "size and alphabet come before the queue's type",
     fifo(MaximumMessageSize="1024"),
     send("x" * 1025, q="fifo", refused=invalid("One or more parameters are invalid. Reason: Message must be shorter than "
                                                "1024 bytes.")),
     send("x" * 1025, q="fifo", MessageGroupId="g", refused=invalid(
         "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.")),
     send("x", q="fifo", MessageDeduplicationId="a b", refused=invalid_value(
         "a b", "MessageDeduplicationId", ID_CHARACTERS.format("MessageDeduplicationId"))))

case("fifo_batches", "keep the order of their entries; a duplicate within one is the first one's answer again",
     fifo(),
     send_batch([entry(str(n)) for n in range(9)] + [entry("0")], q="fifo", expect={
         "Failed": ABSENT, "Successful": length(10)}, save={
             "first": "Successful.0.MessageId", "number": "Successful.0.SequenceNumber", "last": "Successful.9.MessageId",
             "again": "Successful.9.SequenceNumber"}),
     counts(visible=9, q="fifo"),
     send_batch([entry("0")], q="fifo", expect={"Successful": [{"MessageId": "${first}", "SequenceNumber": "${number}"}]}),
     call("ReceiveMessage", {"QueueUrl": "${fifo}", **TEN}, {"Messages": [
         {"Body": "0", "MessageId": "${last}"}, *[{"Body": str(n)} for n in range(1, 9)]]}))

case("fifo_batch_numbers", "rise entry by entry",
     fifo(),
     send_batch([entry(body) for body in "abc"], q="fifo", expect={"Successful": [
         {"Id": f"e{n}", "SequenceNumber": SEQUENCE, "MD5OfMessageBody": md5(body)} for n, body in enumerate("abc")]},
                save={f"n{n}": f"Successful.{n}.SequenceNumber" for n in range(3)}),
     call("ReceiveMessage", {"QueueUrl": "${fifo}", "AttributeNames": ["SequenceNumber"], **TEN}, {"Messages": [
         {"Attributes": {"SequenceNumber": "${n%d}" % n, "MessageGroupId": ABSENT}} for n in range(3)]}))

case("fifo_batches_refuse", "as a whole what lacks a group or an id, before their length; the rest entry by entry",
     fifo(),
     send_batch([entry("a"), {"MessageBody": "b", "MessageDeduplicationId": "b"}], q="fifo",
                refused=invalid("The request must contain the parameter MessageGroupId.")),
     send_batch([entry("a"), {"MessageBody": "b", "MessageGroupId": "g"}], q="fifo", refused=invalid(NO_ID)),
     send_batch([{"MessageBody": "x" * 600000, "MessageGroupId": "g"}] * 2, q="fifo", refused=invalid(NO_ID)),
     send_batch([entry("a"), {"MessageBody": "\x01", "MessageGroupId": "g"}], q="fifo", refused=invalid(NO_ID)),
     send_batch([{"Id": "same", **entry("a")}, {"Id": "same", "MessageBody": "b"}], q="fifo",
                refused=refusal("BatchEntryIdsNotDistinct", "Id same repeated.")),
     send_batch([entry("x" * 600000, MessageDeduplicationId="1"), entry("y" * 600000, MessageDeduplicationId="2")], q="fifo",
                refused=refusal("BatchRequestTooLong",
                                "Batch requests cannot be longer than 1048576 bytes. You have sent 1200000 bytes.")),
     send_batch([entry("a"), entry("b", DelaySeconds=5), entry("c", MessageGroupId="a b")], q="fifo", expect={
         "Successful": [{"Id": "e0"}], "Failed": unordered(
             failed("e1", "InvalidParameterValueException", f"Value 5 for parameter DelaySeconds is invalid. Reason: {NOT_THIS_TYPE}"),
             failed("e2", "InvalidParameterValueException"))}),
     take_in_order("a"))

case("fifo_batches_of_refused_entries", "leave no id behind: the same id may be sent again",
     fifo(MaximumMessageSize="1024"),
     send_batch([entry("\x01", MessageDeduplicationId="id"), entry("x" * 1025, MessageDeduplicationId="id")], q="fifo", expect={
         "Successful": ABSENT, "Failed": length(2)}),
     send_batch([entry("x" * 1025, MessageDeduplicationId="id"), entry("good", MessageDeduplicationId="id")], q="fifo", expect={
         "Successful": [{"Id": "e1", "MD5OfMessageBody": md5("good")}], "Failed": length(1)}),
     take_in_order("good"))

# ---- order and locking
case("fifo_locks_the_group", "nothing of a group while its head is in flight; other groups go on",
     fifo(),
     [put(f"{group}{n}", group) for n in (1, 2) for group in "AB"],
     receive({"Body": "A1"}, q="fifo", save={"a1": "Messages.0.ReceiptHandle"}),
     take_in_order("B1", "B2"), take_in_order(),
     delete("${a1}", q="fifo"), take_in_order("A2"))

case("fifo_gives_a_run_of_a_group", "one receive takes several of a group, in order, then the next group",
     fifo(),
     [put(body, body[0]) for body in ("A1", "B1", "A2", "B2", "A3")],
     take_in_order("A1", "A2", "A3", "B1", "B2"), take_in_order(),
     handles(0, 1), take_in_order(), counts(in_flight=3, q="fifo"),
     put("A4", "A"), take_in_order(), handles(2), take_in_order("A4"))

case("fifo_fills_from_one_group_first", "as far as it can",
     fifo(),
     send_batch([entry(f"A{n}", "A") for n in range(8)], q="fifo"), send_batch([entry(f"B{n}", "B") for n in range(4)], q="fifo"),
     take_in_order(*[f"A{n}" for n in range(8)], "B0", "B1"),
     counts(visible=2, in_flight=10, q="fifo"), take_in_order())

case("fifo_released_groups_go_to_the_back", "of the line of groups",
     fifo(),
     [put(f"{group}1", group) for group in "ABC"], put("A2", "A"),
     receive({"Body": "A1"}, q="fifo", save={"a1": "Messages.0.ReceiptHandle"}), delete("${a1}", q="fifo"),
     receive({"Body": "B1"}, q="fifo"), receive({"Body": "C1"}, q="fifo"), receive({"Body": "A2"}, q="fifo"))

case("fifo_head_visible_again", "while a later one is in flight the head is given out alone",
     fifo(), [put(body) for body in "abc"],
     take_in_order("a", "b", VisibilityTimeout=600, MaxNumberOfMessages=2),
     change_visibility(0, "${h0}", q="fifo"), take_in_order("a"), take_in_order())

case("fifo_extending_holds_back_the_later_ones", "also those whose own time is over, while earlier ones come again",
     fifo(), [put(body) for body in "abc"],
     take_in_order("a", "b", "c", VisibilityTimeout=2), change_visibility(600, "${h1}", q="fifo"),
     counts(visible=2, in_flight=1, q="fifo", within=20), take_in_order("a"), take_in_order(),
     delete("${h1}", q="fifo"), take_in_order(), handles(0), take_in_order("c"))

case("fifo_starts_again_with_the_earliest", "when its visibility is over",
     fifo(), [put(body) for body in "ab"],
     take_in_order("a", "b", VisibilityTimeout=2),
     call("ReceiveMessage", {"QueueUrl": "${fifo}", "WaitTimeSeconds": 20, "AttributeNames": ["ApproximateReceiveCount"],
                             "MaxNumberOfMessages": 1},
          {"Messages": [{"Body": "a", "Attributes": {"ApproximateReceiveCount": "2"}}]}, took=(0.5, 18)),
     take_in_order())

case("fifo_with_no_visibility", "messages come in order again and again",
     fifo(), [put(body) for body in "abc"],
     [take_in_order("a", "b", "c", VisibilityTimeout=0) for _ in range(2)], counts(visible=3, q="fifo"), not_for=NO_ZERO)

case("fifo_waits_for_a_group", "a long poll ends when the group is free again",
     fifo(), put("a"), put("b"),
     receive({"Body": "a"}, q="fifo", save={"h": "Messages.0.ReceiptHandle"}),
     together(receive({"Body": "b"}, q="fifo", WaitTimeSeconds=20, took=(0.5, 18)), [sleep(2), delete("${h}", q="fifo")]))

case("fifo_queue_delay", "holds every message, and is changed for those that wait too",
     fifo(DelaySeconds="900"), put("a"), counts(delayed=1, q="fifo"), take_in_order(),
     set_attributes("fifo", DelaySeconds="0"), take_in_order("a"))

case("fifo_many_groups", "do not hide one another: a long backlog of a locked group, then a free one",
     fifo(), [send_batch([entry(f"A{n}{m}", "A") for m in range(10)], q="fifo") for n in range(30)], put("B", "B"),
     receive({"Body": "A00"}, q="fifo"), take_in_order("B"), take_in_order(), counts(visible=299, in_flight=2, q="fifo"))

case("fifo_each_receiver_its_groups", "at the same time, no message twice",
     fifo(), send_batch([entry(f"{group}{n}", group) for group in "ABCDE" for n in (0, 1)], q="fifo"),
     together(*[call("ReceiveMessage", {"QueueUrl": "${fifo}", "MaxNumberOfMessages": 2, "WaitTimeSeconds": 5},
                     {"Messages": length(2)}) for _ in range(5)]),
     take_in_order(), counts(in_flight=10, q="fifo"))

case("fifo_counts", "only what is in flight is not visible; the rest of a locked group is available",
     fifo(), send_batch([entry(body) for body in "abcd"], q="fifo"),
     receive({"Body": "a"}, q="fifo", VisibilityTimeout=600), counts(visible=3, in_flight=1, q="fifo", within=0))

# ---- deduplication
case("fifo_deduplicates_by_content", "by the body's SHA-256; an explicit id wins",
     fifo(ContentBasedDeduplication="true"),
     send("body", q="fifo", MessageGroupId="g", save={"id": "MessageId"}),
     send("body", q="fifo", MessageGroupId="g", expect={"MessageId": "${id}"}),
     send("body", q="fifo", MessageGroupId="g", MessageDeduplicationId="explicit"),
     call("ReceiveMessage", {"QueueUrl": "${fifo}", "AttributeNames": ["All"], **TEN}, {"Messages": [
         {"MessageId": "${id}", "MessageAttributes": ABSENT, "Attributes": {"MessageDeduplicationId": sha256("body")}},
         {"Body": "body", "Attributes": {"MessageDeduplicationId": "explicit"}}]}))

case("fifo_duplicates_of_another_body", "are answered with the digests of the first one; attributes do not count, an id may equal the hash",
     fifo(ContentBasedDeduplication="true"),
     send("body", q="fifo", MessageGroupId="g", MessageAttributes={"colour": text_attribute("green")}, save={"id": "MessageId"}),
     send("other", q="fifo", MessageGroupId="g", MessageDeduplicationId=sha256("body"), expect={
         "MessageId": "${id}", "MD5OfMessageBody": md5("body"), "MD5OfMessageAttributes": "b1a0d8ab288d3ff672f5495d1ed5046c"}),
     send("body", q="fifo", MessageGroupId="g", expect={"MessageId": "${id}"}),
     send_batch([entry("third", MessageDeduplicationId=sha256("body"))], q="fifo", expect={"Successful": [
         {"MessageId": "${id}", "MD5OfMessageBody": md5("body")}]}), counts(visible=1, q="fifo"), not_for=CHECKS_DIGESTS)

case("fifo_deduplicates_across_groups", "in the scope of the queue",
     fifo(), put("a", "A", "same", save={"id": "MessageId"}), put("a", "B", "same", expect={"MessageId": "${id}"}),
     take_in_order("a"), take_in_order())

case("fifo_deduplicates_within_groups", "in the scope of the group",
     fifo(DeduplicationScope="messageGroup"),
     put("a", "A", "same", save={"id": "MessageId"}), put("b", "B", "same", expect={"MessageId": is_not("${id}")}),
     put("a", "A", "same", expect={"MessageId": "${id}"}), counts(visible=2, q="fifo"))

case("fifo_keeps_the_old_scope_for_a_while", "a change of the scope is in force a minute later",
     fifo(), put("a", "A", "same"), set_attributes("fifo", DeduplicationScope="messageGroup"),
     attributes({"DeduplicationScope": "messageGroup"}, q="fifo"),
     put("a", "B", "same"), counts(visible=1, q="fifo"),
     sleep(62), put("a", "B", "same"), counts(visible=2, q="fifo"), put("a", "A", "same"), counts(visible=2, q="fifo"))

case("fifo_purge_forgets_ids", "what was purged may be sent again",
     fifo(), put("a"), put("b"), receive({"Body": "a"}, q="fifo"), call("PurgeQueue", {"QueueUrl": "${fifo}"}),
     counts(q="fifo"), put("a"), put("b"), take_in_order("a", "b"))

# ---- handles
case("fifo_delete_when_expired", "a handle whose time is over is refused",
     fifo(), put("a"), receive({"Body": "a"}, q="fifo", VisibilityTimeout=1, save={"handle": "Messages.0.ReceiptHandle"}),
     counts(visible=1, q="fifo", within=20), delete(q="fifo", refused=EXPIRED),
     change_visibility(60, q="fifo", refused=GONE), counts(visible=1, q="fifo"))

case("fifo_delete_with_an_old_handle", "is refused once the message was received again",
     fifo(), put("a"), receive({"Body": "a"}, q="fifo", save={"handle": "Messages.0.ReceiptHandle"}),
     change_visibility(0, q="fifo"), receive({"Body": "a"}, q="fifo", save={"new": "Messages.0.ReceiptHandle"}),
     delete(q="fifo", refused=EXPIRED), change_visibility(60, q="fifo", refused=GONE),
     delete("${new}", q="fifo"), counts(q="fifo"))

case("fifo_delete_when_extended", "an extended handle deletes; the same once more is no error",
     fifo(), put("a"), receive({"Body": "a"}, q="fifo", VisibilityTimeout=1, save={"handle": "Messages.0.ReceiptHandle"}),
     change_visibility(600, q="fifo"), sleep(2), delete(q="fifo"), delete(q="fifo"), counts(q="fifo"),
     change_visibility(600, q="fifo", refused=GONE),
     delete("junk", q="fifo", refused=invalid_handle("junk")))

case("fifo_batches_of_handles", "each entry stands alone",
     fifo(), put("a"), put("b"), take_in_order("a", "b", VisibilityTimeout=600),
     change_visibility(0, "${h1}", q="fifo"),
     call("DeleteMessageBatch", {"QueueUrl": "${fifo}", "Entries": [
         {"Id": "0", "ReceiptHandle": "${h0}"}, {"Id": "1", "ReceiptHandle": "${h1}"}]},
          {"Successful": [{"Id": "0"}], "Failed": [failed("1", "InvalidParameterValueException")]}),
     take_in_order("b"))

# ---- attempts
case("fifo_attempts", "a repeat of a receive gets the same messages and handles, while nothing of it was touched",
     fifo(), [put(body) for body in "abc"],
     take_in_order("a", "b", "c", ReceiveRequestAttemptId="try"),
     call("ReceiveMessage", {"QueueUrl": "${fifo}", "ReceiveRequestAttemptId": "try", **TEN}, {"Messages": [
         {"Body": body, "ReceiptHandle": "${h%d}" % n} for n, body in enumerate("abc")]}),
     take_in_order(ReceiveRequestAttemptId="another"), take_in_order(),
     handles(0), take_in_order(ReceiveRequestAttemptId="try"), counts(in_flight=2, q="fifo"))

case("fifo_attempts_restart_the_visibility", "of all their messages",
     fifo(), put("a"), take_in_order("a", ReceiveRequestAttemptId="try", VisibilityTimeout=4), sleep(2.5),
     take_in_order("a", ReceiveRequestAttemptId="try", VisibilityTimeout=600), sleep(3), counts(in_flight=1, q="fifo"),
     handles(0), counts(q="fifo"))

case("fifo_attempts_end", "when the messages are visible again it is a new receive",
     fifo(), put("a"), take_in_order("a", ReceiveRequestAttemptId="try", save={0: "old"}), change_visibility(0, "${old}", q="fifo"),
     call("ReceiveMessage", {"QueueUrl": "${fifo}", "ReceiveRequestAttemptId": "try", "AttributeNames": ["All"]},
          {"Messages": [{"ReceiptHandle": is_not("${old}"), "Attributes": {"ApproximateReceiveCount": "2"}}]}))

case("fifo_attempt_ids", "have the alphabet of the other ids",
     fifo(),
     [receive(q="fifo", ReceiveRequestAttemptId=bad, refused=invalid_value(
         bad, "ReceiveRequestAttemptId", ID_CHARACTERS.format("ReceiveRequestAttemptId"))) for bad in ("a b", "x" * 129)],
     receive(q="fifo", ReceiveRequestAttemptId="!\"#~" + "x" * 124))
