"""Policies of queues: AddPermission, RemovePermission, and what a policy must be."""

import json

from sqs.refusals import *
from sqs.words import *

FRIEND, OTHER = "111122223333", "444455556666"


def add(label="one", accounts=(FRIEND,), actions=("SendMessage",), q="q", refused=None):
    return call("AddPermission", {"QueueUrl": url(q), "Label": label, "AWSAccountIds": list(accounts),
                                  "Actions": list(actions)}, refused=refused)


def remove(label, q="q", refused=None):
    return call("RemovePermission", {"QueueUrl": url(q), "Label": label}, refused=refused)


def one_or_list(items):
    return items[0] if len(items) == 1 else list(items)


def statement(label="one", accounts=(FRIEND,), actions=("SendMessage",)):
    return {"Sid": label, "Effect": "Allow", "Principal": {"AWS": one_or_list([f"arn:aws:iam::{a}:root" for a in accounts])},
            "Action": one_or_list([f"SQS:{a}" for a in actions]), "Resource": arn("q")}


def policy(*statements):
    return attributes({"Policy": json.dumps(
        {"Version": "2008-10-17", "Id": arn("q") + "/SQSDefaultPolicy", "Statement": statements}, separators=(",", ":"))})


def no_policy():
    return attributes({"Policy": ABSENT})


core_case("permissions", "each is a statement of the queue's policy, written as AWS does; with the last one the policy goes",
     create("q"), add(), policy(statement()),
     add("two", (FRIEND, OTHER), ("SendMessage", "ReceiveMessage")),
     policy(statement(), statement("two", (FRIEND, OTHER), ("SendMessage", "ReceiveMessage"))),
     remove("one"), policy(statement("two", (FRIEND, OTHER), ("SendMessage", "ReceiveMessage"))),
     remove("two"), no_policy(),
     remove("two", refused=invalid_value("two", "Label", "can't find label.")))

case("permissions_for_everything", "an action may be * or any that may be shared",
     create("q"), add("all", actions=("*",)),
     add("most", actions=("ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "GetQueueUrl",
                          "ListDeadLetterSourceQueues", "PurgeQueue", "ReceiveMessage")),
     policy(statement("all", actions=("*",)),
            statement("most", actions=("ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "GetQueueUrl",
                                       "ListDeadLetterSourceQueues", "PurgeQueue", "ReceiveMessage"))))


def bad_action(name, reason):
    return add("two", actions=(name,), refused=invalid_value(f"SQS:{name}", "ActionName", reason))


UNKNOWN_ACTION = "Please refer to the appropriate WSDL for a list of valid actions. "
case("permissions_refused", "a label twice, unknown actions and those of the owner alone, no accounts, too many actions",
     create("q"), add(), add(actions=("ReceiveMessage",), refused=invalid_value("one", "Label", "Already exists.")),
     [bad_action(name, "Only the queue owner is allowed to invoke this action.")
      for name in ("AddPermission", "CreateQueue", "DeleteQueue", "ListQueues", "ListQueueTags", "RemovePermission",
                   "SetQueueAttributes", "TagQueue", "UntagQueue", "StartMessageMoveTask", "ListMessageMoveTasks",
                   "CancelMessageMoveTask")],
     [bad_action(name, UNKNOWN_ACTION) for name in ("SendMessageBatch", "Nonsense", "sendmessage", "Send*")],
     [add("two", accounts=[account], refused=invalid_value(f"[{account}]", "PrincipalId", "Unable to verify."))
      for account in ("12345", "arn:aws:iam::111122223333:root", "1234567890123")],
     add("two", actions=["SendMessage"] * 8, refused=refusal("OverLimit", "8 Actions were found, maximum allowed is 7.")),
     add("bad label", refused=invalid()), add("a" * 81, refused=invalid()),
     add("a" * 80), remove("a" * 80),
     policy(statement()))

case("permissions_without_a_queue", "a missing queue comes before everything else",
     create("q"), call("DeleteQueue", {"QueueUrl": url("q")}),
     add("bad label", refused=refusal("QueueDoesNotExist")), remove("x", refused=refusal("QueueDoesNotExist")))

case("permissions_are_twenty_at_most", "the statement after that is refused",
     create("q"), [add(f"label-{n}") for n in range(20)],
     add("more", refused=refusal("OverLimit", "21 Statements were found, maximum allowed is 20.")))

case("permissions_at_the_same_time", "none is lost",
     create("q"), together(*[[add(f"lane-{n}")] for n in range(6)]), [remove(f"lane-{n}") for n in range(6)], no_policy())

OWN = {"Version": "2012-10-17", "Statement": {"Sid": "mine", "Effect": "Deny", "Principal": "*", "Action": "sqs:DeleteQueue",
                                              "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}}
case("permissions_beside_a_policy", "what stood in the policy stays",
     create("q"), set_attributes(Policy=json.dumps(OWN)), attributes({"Policy": json.dumps(OWN)}),
     add(), attributes({"Policy": json.dumps({"Version": "2012-10-17", "Statement": [OWN["Statement"], statement()]},
                                             separators=(",", ":"))}),
     remove("mine"), attributes({"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement()]},
                                                      separators=(",", ":"))}),
     set_attributes(Policy=""), no_policy())


def of(**changed):
    """A good policy with one statement changed; None leaves an element out."""
    whole = dict(Effect="Allow", Principal="*", Action="SQS:SendMessage", Resource="*", **{})
    whole.update(changed)
    return json.dumps({"Version": "2012-10-17", "Statement": [{k: v for k, v in whole.items() if v is not None}]})


case("policies_refused", "what is no policy document",
     create("q"), set_attributes(Policy=of()),
     [set_attributes(Policy=bad, refused=invalid_attribute("Policy")) for bad in (
         "no json", "[]", "{}", '{"Statement":[]}', '{"Statement":5}', '{"Version":"2020-01-01","Statement":[]}',
         of(Effect="Maybe"), of(Effect=None), of(Principal=None), of(Principal="ann"), of(Principal={"AWS": "ann"}),
         of(Action=None), of(Action="SendMessage"), of(Resource=None), of(Resource="queue"), of(Extra="x"),
         of(Condition={"StringEqual": {"aws:username": "x"}}), of(Condition={"IpAddress": {"aws:SourceIp": "300.1.1.1"}}),
         of(NotAction="SQS:SendMessage"))],
     attributes({"Policy": of()}),
     create("other", Policy="{}", refused=invalid_attribute("Policy")))

case("policies_too_large", "statements, principals, actions of one statement, bytes",
     create("q"),
     set_attributes(Policy=of(Action=["SQS:SendMessage"] * 10), refused=refusal(
         "OverLimit", "10 actions were found in a statement from the submitted policy, max allowed is 7")),
     set_attributes(Policy=of(Principal={"AWS": [FRIEND] * 51}), refused=refusal(
         "OverLimit", "51 principals were found in the submitted policy, max allowed is 50")),
     set_attributes(Policy=json.dumps({"Statement": json.loads(of())["Statement"] * 21}), refused=refusal(
         "OverLimit", "21 statements were found in the submitted policy, max allowed is 20")),
     set_attributes(Policy=of(Sid="x" * 8192), refused=refusal("OverLimit", "Submitted policy is over max allowed size.")),
     no_policy())
