"""Message move tasks in both protocols: Query, which the clients here that speak it do not know them in, and handles."""

import base64
import json
import time

from sqs.raw import *

NO_SOURCE = "The resource that you specified for the SourceArn parameter doesn't exist."
TASK_ID = "10f57157-fc38-4da9-a113-4de7e12d05dd"


def arn_of(name):
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"


def handle_of(task, source_arn):
    return base64.b64encode(json.dumps({"taskId": task, "sourceArn": source_arn}).encode()).decode()


def dead_letters(server, prefix, count):
    """A queue named `prefix`-dead with so many messages that came from the queue `prefix`."""
    dead = create(server, prefix + "-dead")
    policy = json.dumps({"deadLetterTargetArn": arn_of(prefix + "-dead"), "maxReceiveCount": 1})
    url = create(server, prefix, RedrivePolicy=policy, VisibilityTimeout="0")
    for number in range(count):
        send(server, url, f"m{number}")
    receive(server, url, MaxNumberOfMessages=10)
    receive(server, url, MaxNumberOfMessages=10)
    for _ in range(100):
        reply = server.json("GetQueueAttributes", {"QueueUrl": dead, "AttributeNames": ["ApproximateNumberOfMessages"]})
        if reply.json()["Attributes"]["ApproximateNumberOfMessages"] == str(count):
            return url, dead
        time.sleep(0.1)
    raise AssertionError("the messages do not come to the dead-letter queue")


def until(ask, status):
    for _ in range(100):
        told = ask()
        if told["Status"] == status:
            return told
        time.sleep(0.1)
    raise AssertionError(f"{status} does not come: {told}")


@case
def move_tasks_in_query(server, prefix):
    dead_letters(server, prefix, 2)
    source = arn_of(prefix + "-dead")
    begun = time.time() * 1000
    reply = server.query("StartMessageMoveTask", {"SourceArn": source, "MaxNumberOfMessagesPerSecond": 1})
    same(reply.status, 200, repr(reply))
    handle = reply.xml("StartMessageMoveTaskResult/TaskHandle")
    listed = server.query("ListMessageMoveTasks", {"SourceArn": source})
    entry = "ListMessageMoveTasksResult/ListMessageMoveTasksResultEntry/"
    same([listed.xml(entry + name) for name in ("TaskHandle", "Status", "SourceArn", "MaxNumberOfMessagesPerSecond",
                                                "ApproximateNumberOfMessagesToMove", "DestinationArn", "FailureReason")],
         [handle, "RUNNING", source, "1", "2", None, None])
    assert begun - 1000 <= int(listed.xml(entry + "StartedTimestamp")) <= time.time() * 1000 + 1000, repr(listed)
    reply = server.query("CancelMessageMoveTask", {"TaskHandle": handle})
    same(reply.status, 200, repr(reply))
    assert int(reply.xml("CancelMessageMoveTaskResult/ApproximateNumberOfMessagesMoved")) <= 1, repr(reply)
    refused(server.query("CancelMessageMoveTask", {"TaskHandle": handle}), 400, "InvalidParameterValue")
    told = until(lambda: {"Status": server.query("ListMessageMoveTasks", {"SourceArn": source}).xml(entry + "Status")}, "CANCELLED")
    same(told["Status"], "CANCELLED")


@case
def move_task_handles_can_be_read(server, prefix):
    dead_letters(server, prefix, 1)
    source = arn_of(prefix + "-dead")
    begun = time.time() * 1000
    handle = server.json("StartMessageMoveTask", {"SourceArn": source}).json()["TaskHandle"]
    told = json.loads(base64.b64decode(handle, validate=True))
    assert UUID.match(told["taskId"]), told
    same(told["sourceArn"], source)

    def newest():
        return server.json("ListMessageMoveTasks", {"SourceArn": source}).json()["Results"][0]
    done = until(newest, "COMPLETED")
    assert isinstance(done["StartedTimestamp"], int) and abs(done["StartedTimestamp"] - begun) < 60_000, done
    same(sorted(done), ["ApproximateNumberOfMessagesMoved", "ApproximateNumberOfMessagesToMove", "SourceArn", "StartedTimestamp",
                        "Status"])
    refused(server.json("CancelMessageMoveTask", {"TaskHandle": handle}), 400, "InvalidParameterValueException",
            "Only active tasks can be cancelled.")


@case
def move_task_errors_in_both_protocols(server, prefix):
    create(server, prefix)
    source = arn_of(prefix)
    for operation, given, status, shape, code, text in (
            ("CancelMessageMoveTask", {}, 400, "MissingRequiredParameterException", "MissingParameter",
             "The request must contain the parameter TaskHandle."),
            ("CancelMessageMoveTask", {"TaskHandle": "foobared"}, 400, "InvalidParameterValueException", "InvalidParameterValue",
             "Value for parameter TaskHandle is invalid."),
            ("CancelMessageMoveTask", {"TaskHandle": handle_of(TASK_ID, source + "-none")}, 404, "ResourceNotFoundException",
             "ResourceNotFoundException", NO_SOURCE),
            ("CancelMessageMoveTask", {"TaskHandle": handle_of(TASK_ID, source)}, 404, "ResourceNotFoundException",
             "ResourceNotFoundException", "Task does not exist."),
            ("StartMessageMoveTask", {}, 400, "MissingRequiredParameterException", "MissingParameter",
             "The request must contain the parameter SourceArn."),
            ("StartMessageMoveTask", {"SourceArn": source + "-none"}, 404, "ResourceNotFoundException",
             "ResourceNotFoundException", NO_SOURCE),
            ("StartMessageMoveTask", {"SourceArn": source}, 400, "InvalidParameterValueException", "InvalidParameterValue",
             "Source queue must be configured as a Dead Letter Queue."),
            ("ListMessageMoveTasks", {}, 400, "MissingRequiredParameterException", "MissingParameter",
             "The request must contain the parameter SourceArn.")):
        in_json, in_query = server.json(operation, given), server.query(operation, given)
        refused(in_json, status, shape, text)
        refused(in_query, status, code, text)
        same(in_json.headers["x-amzn-query-error"], f"{code};Sender")
    same(server.json("ListMessageMoveTasks", {"SourceArn": source}).body, b"{}")


@case
def move_of_a_fifo_queue_to_a_standard_one(server, prefix):
    create(server, prefix)
    create(server, prefix + "-dead.fifo", FifoQueue="true")
    create(server, prefix + ".fifo", FifoQueue="true", RedrivePolicy=json.dumps(
        {"deadLetterTargetArn": arn_of(prefix + "-dead.fifo"), "maxReceiveCount": 1}))
    refused(server.json("StartMessageMoveTask", {"SourceArn": arn_of(prefix + "-dead.fifo"), "DestinationArn": arn_of(prefix)}),
            400, "InvalidParameterValueException", "The source queue and the destination queue must be of the same type.")
