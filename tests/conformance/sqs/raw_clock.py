"""What takes minutes, hours or days, on a server whose clock can be moved."""

from contextlib import contextmanager

from harness.wire import Wire
from sqs.raw import *

DAY = 86400


@contextmanager
def clocked():
    """A server of one's own, and how to move its time ahead."""
    with own_server("--test-clock") as own:
        wire = Wire(own.endpoint)

        def later(seconds):
            same(wire.request("POST", "/_sluice/clock", f'{{"advance_seconds": {seconds}}}').status, 200)
        yield wire, later


def put(wire, url, body, group="g", deduplication=None, **more):
    reply = wire.json("SendMessage", {"QueueUrl": url, "MessageBody": body, "MessageGroupId": group,
                                      "MessageDeduplicationId": deduplication or body, **more})
    same(reply.status, 200, repr(reply))
    return reply.json()


def bodies(messages):
    return [one["Body"] for one in messages]


@case
def deduplication_ends_after_five_minutes(server, prefix):
    with clocked() as (wire, later):
        url = create(wire, "q.fifo", FifoQueue="true")
        first = put(wire, url, "x")
        [got] = receive(wire, url)
        same(wire.json("DeleteMessage", {"QueueUrl": url, "ReceiptHandle": got["ReceiptHandle"]}).status, 200)
        later(200)
        same(put(wire, url, "x")["MessageId"], first["MessageId"])  # which does not extend the five minutes
        later(85)
        same(put(wire, url, "x")["MessageId"], first["MessageId"])
        later(20)
        again = put(wire, url, "x")
        assert again["MessageId"] != first["MessageId"] and again["SequenceNumber"] > first["SequenceNumber"], again
        same(put(wire, url, "x")["MessageId"], again["MessageId"])
        same(bodies(receive(wire, url, MaxNumberOfMessages=10)), ["x"])


@case
def attempts_end_after_five_minutes(server, prefix):
    with clocked() as (wire, later):
        url = create(wire, "q.fifo", FifoQueue="true", VisibilityTimeout="43200")
        put(wire, url, "x")
        [got] = receive(wire, url, ReceiveRequestAttemptId="try")
        later(200)
        [again] = receive(wire, url, ReceiveRequestAttemptId="try")
        same(again["ReceiptHandle"], got["ReceiptHandle"])
        later(301)
        same(receive(wire, url, ReceiveRequestAttemptId="try"), [])


@case
def a_changed_scope_is_in_force_after_a_minute(server, prefix):
    with clocked() as (wire, later):
        url = create(wire, "q.fifo", FifoQueue="true")
        first = put(wire, url, "x", "A", "same")
        wire.json("SetQueueAttributes", {"QueueUrl": url, "Attributes": {"DeduplicationScope": "messageGroup"}})
        later(55)
        same(put(wire, url, "x", "B", "same")["MessageId"], first["MessageId"])
        later(6)
        assert put(wire, url, "x", "B", "same")["MessageId"] != first["MessageId"]
        same(put(wire, url, "x", "A", "same")["MessageId"], first["MessageId"])


@case
def retention_of_days(server, prefix):
    with clocked() as (wire, later):
        url = create(wire, "q")
        send(wire, url, "old")
        later(4 * DAY - 10)
        send(wire, url, "new")
        [got] = receive(wire, url)
        same(got["Body"], "old")
        later(20)
        same(wire.json("DeleteMessage", {"QueueUrl": url, "ReceiptHandle": got["ReceiptHandle"]}).status, 200)
        same(bodies(receive(wire, url, MaxNumberOfMessages=10)), ["new"])


@case
def retention_of_dead_letters(server, prefix):
    with clocked() as (wire, later):
        for suffix, kept in (("", []), (".fifo", ["x"])):
            more = {"FifoQueue": "true"} if suffix else {}
            dead = create(wire, "dead" + suffix, MessageRetentionPeriod="3600", **more)
            policy = '{"deadLetterTargetArn":"arn:aws:sqs:%s:%s:dead%s","maxReceiveCount":1}' % (REGION, ACCOUNT, suffix)
            url = create(wire, "q" + suffix, RedrivePolicy=policy, VisibilityTimeout="1", **more)
            if suffix:
                put(wire, url, "x")
            else:
                send(wire, url)
            same(len(receive(wire, url)), 1)
            later(3000)
            same(receive(wire, url), [])
            later(700)
            same(bodies(receive(wire, dead, WaitTimeSeconds=1)), kept, suffix)


@case
def visibility_of_hours(server, prefix):
    with clocked() as (wire, later):
        url = create(wire, "q", VisibilityTimeout="43200")
        send(wire, url)
        [got] = receive(wire, url)
        change = {"QueueUrl": url, "ReceiptHandle": got["ReceiptHandle"]}
        later(6 * 3600)
        refused(wire.json("ChangeMessageVisibility", {**change, "VisibilityTimeout": 6 * 3600 + 60}), 400,
                "InvalidParameterValueException", f"Value {6 * 3600 + 60} for parameter VisibilityTimeout is invalid. Reason: "
                "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]")
        same(wire.json("ChangeMessageVisibility", {**change, "VisibilityTimeout": 6 * 3600 - 60}).status, 200)
        later(6 * 3600 - 120)
        same(receive(wire, url), [])
        later(120)
        same(receive(wire, url)[0]["Attributes"]["ApproximateReceiveCount"], "2")


@case
def delays_of_minutes(server, prefix):
    with clocked() as (wire, later):
        url = create(wire, "q", DelaySeconds="900")
        send(wire, url, "queue's")
        same(wire.json("SendMessage", {"QueueUrl": url, "MessageBody": "own", "DelaySeconds": 600}).status, 200)
        later(590)
        same(receive(wire, url), [])
        later(11)
        same(bodies(receive(wire, url, MaxNumberOfMessages=10)), ["own"])
        later(300)
        assert "queue's" in bodies(receive(wire, url, MaxNumberOfMessages=10))
