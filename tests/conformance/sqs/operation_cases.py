"""Queues as a whole: made, found, listed, purged, deleted, tagged."""

from sqs.refusals import *
from sqs.words import *

core_case("create_queue_returns_its_url", "CreateQueue answers a URL that ends in account and name",
     create("q", expect={"QueueUrl": matches("^https?://[^/]+(/.*)?/000000000000/${prefix}-q$")}))

core_case("create_queue_is_idempotent", "an equal queue is returned, another one refused",
     create("q", VisibilityTimeout="31"),
     create("q", VisibilityTimeout="31", expect={"QueueUrl": "${q}"}),
     create("q", expect={"QueueUrl": "${q}"}),
     create("q", VisibilityTimeout="32", refused=refusal(
         "QueueNameExists",
         "A queue already exists with the same name and a different value for attribute VisibilityTimeout")))

core_case("get_queue_url", "finds a queue by name, and says when there is none",
     create("q"),
     call("GetQueueUrl", {"QueueName": name_of("q")}, {"QueueUrl": "${q}"}),
     call("GetQueueUrl", {"QueueName": name_of("none")}, refused=refusal("QueueDoesNotExist")))

core_case("list_queues", "lists by prefix, in pages only when asked for",
     create("l1"), create("l2"), create("l3"), create("other"),
     call("ListQueues", {"QueueNamePrefix": name_of("l")},
          {"QueueUrls": unordered("${l1}", "${l2}", "${l3}"), "NextToken": ABSENT}),
     call("ListQueues", {"QueueNamePrefix": name_of("l"), "MaxResults": 2},
          {"QueueUrls": length(2), "NextToken": PRESENT}, save={"token": "NextToken"}),
     call("ListQueues", {"QueueNamePrefix": name_of("l"), "MaxResults": 2, "NextToken": "${token}"},
          {"QueueUrls": length(1), "NextToken": ABSENT}),
     call("ListQueues", {"QueueNamePrefix": name_of("absent")}, {"QueueUrls": ABSENT}))

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

core_case("delete_queue", "a deleted queue is gone at once, and may be made again",
     create("q"), send("lost"),
     call("DeleteQueue", {"QueueUrl": "${q}"}),
     call("GetQueueAttributes", {"QueueUrl": "${q}", "AttributeNames": ["All"]}, refused=refusal("QueueDoesNotExist")),
     create("q"), receive())

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

case("a_missing_queue_comes_first", "whatever else is wrong with the request",
     create("gone"), call("DeleteQueue", {"QueueUrl": "${gone}"}),
     [call(operation, {"QueueUrl": "${gone}", **given}, refused=refusal("QueueDoesNotExist")) for operation, given in (
         ("SetQueueAttributes", {"Attributes": {"RedrivePolicy": redrive_to("nowhere", 1)}}), ("TagQueue", {"Tags": {}}),
         ("TagQueue", {"Tags": {"aws:mine": "v"}}), ("UntagQueue", {"TagKeys": []}), ("ListDeadLetterSourceQueues", {"MaxResults": 1001}),
         ("SendMessage", {"MessageBody": "x", "DelaySeconds": 901}), ("ReceiveMessage", {"MaxNumberOfMessages": 11}))])

core_case("purge_queue", "purges what waits, what is in flight and what is delayed",
     create("q", VisibilityTimeout=LONG), send("in flight"), take("in flight"), send("waits"), send("delayed", DelaySeconds=900),
     counts(visible=1, in_flight=1, delayed=1),
     call("PurgeQueue", {"QueueUrl": "${q}"}), counts(), send("new"), receive("new"))

case("purge_makes_handles_stale", "a purge ends what was in flight, as a delete does; it may be asked for twice",
     create("q"), send("x"), take("x"), call("PurgeQueue", {"QueueUrl": "${q}"}), call("PurgeQueue", {"QueueUrl": "${q}"}),
     delete(), change_visibility(5, refused=invalid_value(
         "${handle}", "ReceiptHandle", "Message does not exist or is not available for visibility timeout change.")))

# ---- tags

core_case("queue_tags", "tags are set at creation, added, overwritten and removed",
     create("q", tags={"team": "blue", "Team": "Ünï"}),
     call("TagQueue", {"QueueUrl": "${q}", "Tags": {"team": "red", "empty": ""}}),
     call("ListQueueTags", {"QueueUrl": "${q}"}, {"Tags": {"team": "red", "Team": "Ünï", "empty": ""}}),
     call("UntagQueue", {"QueueUrl": "${q}", "TagKeys": ["team", "Team", "unknown"]}),
     call("ListQueueTags", {"QueueUrl": "${q}"}, {"Tags": {"team": ABSENT, "empty": ""}}),
     call("UntagQueue", {"QueueUrl": "${q}", "TagKeys": ["empty"]}),
     call("ListQueueTags", {"QueueUrl": "${q}"}, {"Tags": ABSENT}))

KEY_TEXT = "Tag keys must be between 1 and 128 characters in length."
case("tags_have_bounds", "50 tags, keys up to 128 and values up to 256 characters, no aws: in front",
     create("q"),
     call("TagQueue", {"QueueUrl": "${q}", "Tags": {f"k{n}": "v" for n in range(50)}}),
     call("TagQueue", {"QueueUrl": "${q}", "Tags": {"k0": "again"}}),
     call("TagQueue", {"QueueUrl": "${q}", "Tags": {"one more": "v"}},
          refused=invalid("Too many tags added for queue ${prefix}-q.")),
     call("ListQueueTags", {"QueueUrl": "${q}"}, {"Tags": length(50)}),
     call("UntagQueue", {"QueueUrl": "${q}", "TagKeys": ["k1", "k2", "k3"]}),
     call("TagQueue", {"QueueUrl": "${q}", "Tags": {"k" * 128: "v" * 256}}),
     [call("TagQueue", {"QueueUrl": "${q}", "Tags": {key: value}}, refused=invalid(text))
      for key, value, text in (("k" * 129, "v", KEY_TEXT), ("k", "v" * 257, None), ("aws:mine", "v", None), ("AWS:mine", "v", None))],
     call("UntagQueue", {"QueueUrl": "${q}", "TagKeys": []}, refused=invalid(KEY_TEXT)),
     call("ListQueueTags", {"QueueUrl": "${q}"}, {"Tags": length(48)}),
     call("TagQueue", {"QueueUrl": "${q}", "Tags": {}}, refused=missing("Tags")))
