"""Fair queues: message groups on a standard queue, quiet tenants beside a noisy one."""

from sqs.refusals import *
from sqs.words import *


def tenant(name, count=1):
    return [send_batch([{"MessageBody": name, "MessageGroupId": name}] * min(10, count - done)) for done in range(0, count, 10)]


def receive_ten():
    return call("ReceiveMessage", {"QueueUrl": url("q"), "MaxNumberOfMessages": 10}, {"Messages": length(10)})


case("fair_to_quiet_tenants", "a tenant with much in flight and a backlog does not hold up the others",
     create("q", VisibilityTimeout=LONG), tenant("noisy", 60), receive_ten(), receive_ten(), tenant("quiet"), send("single"),
     receive("quiet", "single", MaxNumberOfMessages=2), receive("noisy"), counts(visible=39, in_flight=23))

case("fair_is_parallel", "groups of a standard queue lock nothing and keep no order of their own",
     create("q", VisibilityTimeout=LONG), tenant("a", 3), receive("a"), receive("a"), receive("a"), receive())

case("fair_shows_the_group", "a message's group comes with it, on a standard queue as well",
     create("q"), send("x", MessageGroupId="tenant-1"),
     receive({"Body": "x", "Attributes": {"MessageGroupId": "tenant-1"}}, AttributeNames=["All"]), not_for=("boto3-query",))
