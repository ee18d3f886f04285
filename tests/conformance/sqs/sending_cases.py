"""Sending: characters, sizes, attributes, the order of the checks, batches."""

from sqs.refusals import *
from sqs.words import *

TRACE = text_attribute("Root=1-00000001-000000000000000000000001")
RESERVED = ("You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These strings are reserved for "
            "internal use. Additionally, they cannot start or end with '.'.")
NAME_CHARACTERS = ("Message (user) attributes name can only contain upper and lower score characters, digits, periods, "
                   "hyphens and underscores. ")
TOO_LONG = "One or more parameters are invalid. Reason: Message must be shorter than {} bytes."
DELAY = "DelaySeconds must be >= 0 and <= 900."
ID_CHARACTERS = "{} can only include alphanumeric and punctuation characters. 1 to 128 in length."


def bad_attribute(name, attribute, message=None):
    return send("x", MessageAttributes={name: attribute}, refused=invalid(message))


core_case("send_refuses", "an empty, a too long and a malformed message, and a bad delay",
     create("q", MaximumMessageSize="1024"),
     send("", refused=missing("MessageBody")),
     send("x" * 1025, refused=invalid("One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.")),
     send("x" * 1024),
     send("\ufffe", refused=refusal("InvalidMessageContents")),
     send("late", DelaySeconds=901, refused=invalid_value(901, "DelaySeconds", "DelaySeconds must be >= 0 and <= 900.")),
     send("x", MessageAttributes={"AWS.mine": text_attribute("x")}, refused=invalid(
         "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These strings are reserved for internal "
         "use. Additionally, they cannot start or end with '.'.")))

core_case("bodies_come_back_as_sent", "text of every kind, up to one MiB",
     create("q"),
     send("line\r\nfeed\t\"quoted\" <&amp;> 日本語 🐟 \u0085 end "),
     take("line\r\nfeed\t\"quoted\" <&amp;> 日本語 🐟 \u0085 end "), delete(),
     send("é" * 524288), take("é" * 524288), delete())

core_case("send_to_no_queue", "a queue that is not there is told as such",
     create("gone"), call("DeleteQueue", {"QueueUrl": "${gone}"}),
     send("x", q="gone", refused=refusal("QueueDoesNotExist")),
     receive(q="gone", refused=refusal("QueueDoesNotExist")))

case("body_characters", "what XML takes passes and comes back; the rest is refused",
     create("q", VisibilityTimeout="600"),
     [[send(f"<{text}>"), take(f"<{text}>")] for text in (
         "\t\n\r\r\n", " ", "\x7f\x85\xa0", "\ud7ff\ue000\ufffd", "\U00010000\U0010ffff", "&#13;&amp;", "a\u0301", "\u200b")],
     [send(f"<{character}>", refused=refusal("InvalidMessageContents"))
      for character in ("\x00", "\x01", "\x08", "\x0b", "\x0c", "\x1f", "\ufffe", "\uffff")])

case("message_sizes", "body, names, types and values count, in bytes; exactly the limit passes; system attributes do not count",
     create("q", MaximumMessageSize="1024"),
     send("x" * 1024, MessageSystemAttributes={"AWSTraceHeader": TRACE}),
     send("é" * 512), send("é" * 512 + "x", refused=invalid(TOO_LONG.format(1024))),
     send("x" * 1013, MessageAttributes={"name": text_attribute("v")}),
     send("x" * 1014, MessageAttributes={"name": text_attribute("v")}, refused=invalid(TOO_LONG.format(1024))),
     send("x" * 1011, MessageAttributes={"name": binary_attribute("AAH/")}),
     send("x" * 1012, MessageAttributes={"name": binary_attribute("AAH/")}, refused=invalid(TOO_LONG.format(1024))))

case("messages_of_a_mebibyte", "the default limit is 1048576 bytes",
     create("q"),
     send("x" * 1048576), take("x" * 1048576), delete(),
     send("x" * 1048577, refused=invalid(TOO_LONG.format(1048576))))

case("order_of_checks", "queue, body, size, characters, attributes, delay, group",
     create("q", MaximumMessageSize="1024"),
     call("SendMessage", {"QueueUrl": "${q}-not", "MessageBody": ""}, refused=refusal("QueueDoesNotExist")),
     send("", DelaySeconds=901, refused=missing("MessageBody")),
     send("\x01" * 1025, refused=invalid(TOO_LONG.format(1024))),
     send("\x01", MessageAttributes={"AWS.x": text_attribute("v")}, refused=refusal("InvalidMessageContents")),
     send("x", MessageAttributes={"AWS.x": text_attribute("v")}, DelaySeconds=901, refused=invalid(RESERVED)),
     send("x", DelaySeconds=901, MessageDeduplicationId="d",
          refused=invalid_value(901, "DelaySeconds", DELAY)),
     send("x", DelaySeconds=-1, refused=invalid_value(-1, "DelaySeconds", DELAY)), counts())

# ---- message attributes

core_case("message_attributes", "attributes travel with the message, and the asked-for ones come back",
     create("q", VisibilityTimeout="0"),
     send("with attributes", expect={"MD5OfMessageAttributes": PRESENT}, MessageAttributes={
         "colour": text_attribute("grün"), "weight": text_attribute("1.50", "Number.float"),
         "blob": binary_attribute("Ynl0ZXMAAQI=")}),
     receive({"MD5OfMessageAttributes": PRESENT, "MessageAttributes": {
         "colour": text_attribute("grün"), "weight": text_attribute("1.50", "Number.float"),
         "blob": {"DataType": "Binary", "BinaryValue": "Ynl0ZXMAAQI="}}}, MessageAttributeNames=["All"]),
     receive({"MessageAttributes": {"colour": text_attribute("grün"), "weight": ABSENT, "blob": ABSENT}},
             MessageAttributeNames=["col.*"]))

case("attribute_digests", "known vectors, and the digest of the selected attributes on receive",
     create("q", VisibilityTimeout="0"),
     send("a", MessageAttributes={"colour": text_attribute("green")},
          expect={"MD5OfMessageAttributes": "b1a0d8ab288d3ff672f5495d1ed5046c", "MD5OfMessageSystemAttributes": ABSENT}),
     call("PurgeQueue", {"QueueUrl": "${q}"}),
     send("b", MessageAttributes={"weight": text_attribute("1.5", "Number.float"), "blob": binary_attribute("AAH/")},
          MessageSystemAttributes={"AWSTraceHeader": TRACE},
          expect={"MD5OfMessageAttributes": "db7d50b1c4e1dcd564320122b5c6a4f9",
                  "MD5OfMessageSystemAttributes": "f890345893b08748eef5848339c0790d"}),
     receive({"MD5OfMessageAttributes": "db7d50b1c4e1dcd564320122b5c6a4f9",
              "MessageAttributes": {"blob": {"BinaryValue": "AAH/", "DataType": "Binary"}}}, MessageAttributeNames=["All"]),
     receive({"MD5OfMessageAttributes": attributes_md5({"weight": text_attribute("1.5", "Number.float")})},
             MessageAttributeNames=["weight", "none"]),
     receive({"MD5OfMessageAttributes": ABSENT, "MessageAttributes": ABSENT}, MessageAttributeNames=["none"]))

case("attribute_names", "what they may look like",
     create("q"),
     send("ok", MessageAttributes={name: text_attribute("v") for name in ("a_b-c.d", "naïve", "n" * 256, "AWSome", "9")}),
     [bad_attribute(name, text_attribute("v"), RESERVED)
      for name in ("AWS.x", "aws.x", "Amazon.x", "AMAZON.x", ".x", "x.", "x..y")],
     [bad_attribute(name, text_attribute("v"), NAME_CHARACTERS) for name in ("a b", "a/b", "a$", "日?")],
     bad_attribute("n" * 257, text_attribute("v"), "Message (user) attribute names must be shorter than 256 Bytes"))

case("attribute_count", "ten and no more",
     create("q"),
     send("x", MessageAttributes={f"a{n}": text_attribute("v") for n in range(10)}),
     send("x", MessageAttributes={f"a{n}": text_attribute("v") for n in range(11)},
          refused=invalid("Number of message attributes [11] exceeds the allowed maximum [10].")))

TYPES = "The type of message (user) attribute 'a' is invalid. You must use only the following supported type prefixes: " \
        "Binary, Number, String."
case("attribute_types", "String, Number and Binary, with a label of their own",
     create("q"),
     send("ok", MessageAttributes={"a": text_attribute("v", "String.json"), "b": text_attribute("7", "Number.int"),
                                   "c": binary_attribute("AAH/", "Binary.png"), "d": text_attribute("v", "String.a.b")}),
     [bad_attribute("a", text_attribute("v", kind), TYPES) for kind in ("Text", "string", "Strings", "Float")],
     bad_attribute("a", text_attribute("v", "String." + "x" * 250)))

case("attribute_values", "not empty, of the field and the alphabet of their type",
     create("q"),
     bad_attribute("a", text_attribute(""), "Message (user) attribute 'a' must contain a non-empty value of type 'String'."),
     bad_attribute("a", text_attribute("\ufffe")),
     bad_attribute("a", {"DataType": "String", "BinaryValue": {"$bytes": "AAH/"}},
                   "The message (user) attribute 'a' with type 'String' must use field 'String'."),
     bad_attribute("a", {"DataType": "Binary", "StringValue": "x"},
                   "The message (user) attribute 'a' with type 'Binary' must use field 'Binary'."),
     send("x", MessageAttributes={"a": {"DataType": "String", "StringListValues": ["x"]}},
          refused=refusal("UnsupportedOperation")))

NUMBER = "Can't cast the value of message (user) attribute 'a' to a number."
case("attribute_numbers", "decimal text of up to 38 digits, given back as it came",
     create("q", VisibilityTimeout="600"),
     [[send(f"n{text}", MessageAttributes={"a": text_attribute(text, "Number")}),
       receive({"MessageAttributes": {"a": {"StringValue": text}}}, MessageAttributeNames=["a"])]
      for text in ("0", "-1.50", "+7", "1e126", "-1E-120", "9" * 38, "007")],
     [bad_attribute("a", text_attribute(text, "Number"), NUMBER)
      for text in ("seven", "1e127", "9" * 39, "1,5", "0x10", "1 2", "NaN", "--1", "1e")])

case("system_attributes_for_sending", "only the trace header",
     create("q"),
     send("x", MessageSystemAttributes={"SenderId": text_attribute("me")}, refused=invalid()),
     send("x", MessageSystemAttributes={"AWSTraceHeader": binary_attribute("AAH/")}, refused=invalid()))

case("group_and_deduplication_ids", "a standard queue takes a group and shows it, and refuses a deduplication id",
     create("q"),
     send("x", MessageGroupId="tenant!\"#~"),
     receive({"Attributes": {"MessageGroupId": "tenant!\"#~"}}, AttributeNames=["All"]),
     [send("x", MessageGroupId=bad, refused=invalid_value(bad, "MessageGroupId", ID_CHARACTERS.format("MessageGroupId")))
      for bad in ("a b", "ä", "x" * 129)],
     send("x", MessageDeduplicationId="d", refused=invalid_value(
         "d", "MessageDeduplicationId", "The request include parameter that is not valid for this queue type.")))

# ---- delays

core_case("delays", "a delayed message comes when its delay is over: the queue's, or its own",
     create("q", DelaySeconds="900", VisibilityTimeout=LONG),
     send("soon", DelaySeconds=1), send("queue's"), send("late", DelaySeconds=899),
     receive("soon", WaitTimeSeconds=20, MaxNumberOfMessages=10), counts(in_flight=1, delayed=2),
     create("r", DelaySeconds="3"), send("in a while", q="r"), receive("in a while", q="r", WaitTimeSeconds=20))

case("explicit_zero_delay", "a delay of 0 in the message overrides the queue's",
     create("q", DelaySeconds="900"), send("now", DelaySeconds=0), receive("now"), not_for=NO_ZERO)

case("queue_delay_is_not_retroactive", "what waits keeps the delay it was sent with",
     create("q", DelaySeconds="900"), send("old"), set_attributes(DelaySeconds="0"), send("new"),
     receive("new", MaxNumberOfMessages=10), counts(in_flight=1, delayed=1))

# ---- batches

core_case("batches", "send, hide and delete ten at a time; one bad entry fails alone",
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

core_case("batch_refusals", "errors of a whole batch",
     create("q"),
     send_batch([str(n) for n in range(11)], refused=refusal(
         "TooManyEntriesInBatchRequest", "Maximum number of entries per request are 10. You have sent 11.")),
     send_batch([{"Id": "same", "MessageBody": "1"}, {"Id": "same", "MessageBody": "2"}],
                refused=refusal("BatchEntryIdsNotDistinct", "Id same repeated.")),
     send_batch([{"Id": "no spaces", "MessageBody": "1"}], refused=refusal("InvalidBatchEntryId")),
     send_batch(["x" * 600000, "y" * 448577], refused=refusal(
         "BatchRequestTooLong", "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.")),
     counts())

TOO_MANY = refusal("TooManyEntriesInBatchRequest", "Maximum number of entries per request are 10. You have sent 11.")
BATCHES = {"SendMessageBatch": {"MessageBody": "x"}, "DeleteMessageBatch": {"ReceiptHandle": "x"},
           "ChangeMessageVisibilityBatch": {"ReceiptHandle": "x", "VisibilityTimeout": 1}}
for operation, entry in BATCHES.items():
    def batch(ids, refused):
        return call(operation, {"QueueUrl": "${q}", "Entries": [{"Id": one, **entry} for one in ids]}, refused=refused)
    case(f"whole_batch_errors_of_{operation}", "empty, too many, bad ids and repeated ids, in this order",
         create("q"),
         batch([], refusal("EmptyBatchRequest", f"There should be at least one {operation}RequestEntry in the request.")),
         batch(["bad id"] * 11, TOO_MANY),
         [batch(["same", "same", bad], refusal("InvalidBatchEntryId")) for bad in ("bad id", "x" * 81, "ä", "a.b", "")],
         batch(["a", "same", "same"], refusal("BatchEntryIdsNotDistinct", "Id same repeated.")))

case("batch_sizes", "a batch may hold 1 MiB in all, whatever the queue's limit is",
     create("q", MaximumMessageSize="1024"),
     send_batch(["x" * 524288, "y" * 524288], expect={"Successful": ABSENT, "Failed": length(2)}),
     send_batch(["x" * 524288, {"MessageBody": "y" * 524280, "MessageAttributes": {"n": text_attribute("vv")}}],
                refused=refusal("BatchRequestTooLong",
                                "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.")),
     send_batch([{"Id": "same", "MessageBody": "x" * 600000}, {"Id": "same", "MessageBody": "x" * 600000}],
                refused=refusal("BatchEntryIdsNotDistinct", "Id same repeated.")),
     set_attributes(MaximumMessageSize="1048576"),
     send_batch(["x" * 524288, "y" * 524288], expect={"Successful": length(2), "Failed": ABSENT}))

case("batch_entries_fail_alone", "each with its own code; the others are sent",
     create("q", MaximumMessageSize="2048"),
     send_batch(["good", "", "\x01", {"MessageBody": "x", "DelaySeconds": 901},
                 {"MessageBody": "x", "MessageAttributes": {"AWS.x": text_attribute("v")}}, "x" * 2049], expect={
         "Successful": [{"Id": "e0", "MessageId": UUID, "MD5OfMessageBody": md5("good")}],
         "Failed": unordered(
             failed("e1", "MissingRequiredParameterException"), failed("e2", "InvalidMessageContents"),
             failed("e3", "InvalidParameterValueException"), failed("e4", "InvalidParameterValueException"),
             failed("e5", "InvalidParameterValueException", "One or more parameters cannot be validated. Reason: "
                    "Message must be shorter than 2048 bytes."))}),
     counts(visible=1))

case("batch_entries_have_attributes", "each its own, with its digest",
     create("q"),
     send_batch([{"MessageBody": "a", "MessageAttributes": {"colour": text_attribute("green")}}, "b",
                 {"MessageBody": "c", "MessageSystemAttributes": {"AWSTraceHeader": TRACE}}], expect={
         "Failed": ABSENT, "Successful": unordered(
             {"Id": "e0", "MD5OfMessageAttributes": "b1a0d8ab288d3ff672f5495d1ed5046c"},
             {"Id": "e1", "MD5OfMessageAttributes": ABSENT, "MD5OfMessageSystemAttributes": ABSENT},
             {"Id": "e2", "MD5OfMessageSystemAttributes": "f890345893b08748eef5848339c0790d"})}),
     receive({"Body": "a", "MessageAttributes": {"colour": text_attribute("green")}},
             {"Body": "b", "MessageAttributes": ABSENT, "Attributes": {"AWSTraceHeader": ABSENT}},
             {"Body": "c", "Attributes": {"AWSTraceHeader": TRACE["StringValue"]}},
             AttributeNames=["All"], MessageAttributeNames=["All"]))

case("batches_keep_their_order", "roughly by send time: ten of one batch come in the order of their entries",
     create("q"), send_batch([f"m{n}" for n in range(10)]),
     call("ReceiveMessage", {"QueueUrl": "${q}", "MaxNumberOfMessages": 10},
          {"Messages": [{"Body": f"m{n}"} for n in range(10)]}))
