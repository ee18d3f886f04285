"""What needs a server of its own: strict rules, low limits, a stop, a crash."""

import signal
import threading
import time

from harness.wire import Wire
from sqs.raw import *

PURGE = "Only one PurgeQueue operation on {} is allowed every 60 seconds."
RECREATE = "You must wait 60 seconds after deleting a queue before you can create another with the same name."


@case
def strict_purges(server, prefix):
    with own_server("--strict") as strict:
        wire = Wire(strict.endpoint)
        url = create(wire, "q")
        send(wire, url)
        same(wire.json("PurgeQueue", {"QueueUrl": url}).status, 200)
        reply = wire.json("PurgeQueue", {"QueueUrl": url})
        refused(reply, 403, "PurgeQueueInProgress", PURGE.format("q"))
        same(reply.headers["x-amzn-query-error"], "AWS.SimpleQueueService.PurgeQueueInProgress;Sender")
        refused(wire.query("PurgeQueue", {"QueueUrl": url}), 403, "AWS.SimpleQueueService.PurgeQueueInProgress",
                PURGE.format("q"))
        refused(wire.json("PurgeQueue", {"QueueUrl": url + "-none"}), 400, "QueueDoesNotExist", NOT_EXIST)
        same(wire.json("PurgeQueue", {"QueueUrl": create(wire, "other")}).status, 200)


@case
def strict_deletes(server, prefix):
    with own_server("--strict") as strict:
        wire = Wire(strict.endpoint)
        url = create(wire, "q")
        same(wire.json("DeleteQueue", {"QueueUrl": url}).status, 200)
        reply = wire.json("CreateQueue", {"QueueName": "q"})
        refused(reply, 400, "QueueDeletedRecently", RECREATE)
        same(reply.headers["x-amzn-query-error"], "AWS.SimpleQueueService.QueueDeletedRecently;Sender")
        refused(wire.query("CreateQueue", {"QueueName": "q"}), 400, "AWS.SimpleQueueService.QueueDeletedRecently", RECREATE)
        for operation in ("GetQueueAttributes", "DeleteQueue", "PurgeQueue"):
            refused(wire.json(operation, {"QueueUrl": url}), 400, "QueueDoesNotExist", NOT_EXIST)
        same(wire.json("ListQueues", {}).body, b"{}")


@case
def in_flight_limit(server, prefix):
    with own_server("--in-flight-max", "10") as low:
        wire = Wire(low.endpoint)
        url = create(wire, "q")
        entries = [{"Id": str(n), "MessageBody": str(n)} for n in range(10)]
        for _ in range(2):
            same(len(wire.json("SendMessageBatch", {"QueueUrl": url, "Entries": entries}).json()["Successful"]), 10)
        got = receive(wire, url, MaxNumberOfMessages=10)
        same(len(got), 10)
        reply = wire.json("ReceiveMessage", {"QueueUrl": url})
        refused(reply, 403, "OverLimit")
        same(reply.headers["x-amzn-query-error"], "OverLimit;Sender")
        refused(wire.query("ReceiveMessage", {"QueueUrl": url}), 403, "OverLimit")
        same(wire.json("DeleteMessage", {"QueueUrl": url, "ReceiptHandle": got[0]["ReceiptHandle"]}).status, 200)
        same(len(receive(wire, url, MaxNumberOfMessages=10)), 1)


@case
def in_flight_limit_of_fifo(server, prefix):
    with own_server("--in-flight-max", "10") as low:
        wire = Wire(low.endpoint)
        url = create(wire, "q.fifo", FifoQueue="true")
        entries = [{"Id": str(n), "MessageBody": str(n), "MessageGroupId": str(n)} for n in range(10)]
        for turn in range(2):
            with_ids = [dict(entry, MessageDeduplicationId=f"{turn}-{entry['Id']}") for entry in entries]
            same(len(wire.json("SendMessageBatch", {"QueueUrl": url, "Entries": with_ids}).json()["Successful"]), 10)
        got = receive(wire, url, MaxNumberOfMessages=10)
        same(len(got), 10)
        same(wire.json("ReceiveMessage", {"QueueUrl": url, "WaitTimeSeconds": 1}).body, b"{}")
        same(wire.json("DeleteMessage", {"QueueUrl": url, "ReceiptHandle": got[0]["ReceiptHandle"]}).status, 200)
        same(len(receive(wire, url, MaxNumberOfMessages=10)), 1)


@case
def a_stop_ends_waits_with_nothing(server, prefix):
    with own_server() as stopping:
        wire, told = Wire(stopping.endpoint), []
        url = create(wire, "q")
        waiting = threading.Thread(target=lambda: told.append(
            wire.json("ReceiveMessage", {"QueueUrl": url, "WaitTimeSeconds": 20})))
        waiting.start()
        time.sleep(2)
        began = time.monotonic()
        stopping.process.send_signal(signal.SIGTERM)
        waiting.join()
        same((told[0].status, told[0].body), (200, b"{}"))
        assert time.monotonic() - began < 10, "the wait went on"
        same(stopping.process.wait(30), 0)


@case
def handles_outlive_the_server(server, prefix):
    with own_server() as mortal:
        wire = Wire(mortal.endpoint)
        url = create(wire, "q")
        for body in ("deleted", "hidden", "waits"):
            send(wire, url, body)
        got = {one["Body"]: one for one in receive(wire, url, MaxNumberOfMessages=2, VisibilityTimeout=600)}
        mortal.crash()
        wire = Wire(mortal.endpoint)
        first, second = sorted(got)
        same(wire.json("DeleteMessage", {"QueueUrl": url, "ReceiptHandle": got[first]["ReceiptHandle"]}).status, 200)
        same(wire.json("ChangeMessageVisibility", {"QueueUrl": url, "ReceiptHandle": got[second]["ReceiptHandle"],
                                                   "VisibilityTimeout": 0}).status, 200)
        after = {one["Body"]: one["MessageId"] for one in receive(wire, url, MaxNumberOfMessages=10)}
        assert first not in after and after[second] == got[second]["MessageId"], (first, after)
        same(len(after), 2)


@case
def deduplication_outlives_the_server(server, prefix):
    with own_server() as mortal:
        wire = Wire(mortal.endpoint)
        url = create(wire, "q.fifo", FifoQueue="true")
        given = {"QueueUrl": url, "MessageBody": "x", "MessageGroupId": "g", "MessageDeduplicationId": "d"}
        first = wire.json("SendMessage", given).json()
        [got] = receive(wire, url, ReceiveRequestAttemptId="try")
        mortal.crash()
        wire = Wire(mortal.endpoint)
        again = wire.json("SendMessage", given).json()
        same((again["MessageId"], again["SequenceNumber"]), (first["MessageId"], first["SequenceNumber"]))
        [repeated] = receive(wire, url, ReceiveRequestAttemptId="try")
        same(repeated["ReceiptHandle"], got["ReceiptHandle"])
        same(wire.json("DeleteMessage", {"QueueUrl": url, "ReceiptHandle": got["ReceiptHandle"]}).status, 200)
        same(wire.json("SendMessage", given).json()["MessageId"], first["MessageId"])
        same(receive(wire, url), [])


@case
def queue_urls_behind_a_proxy(server, prefix):
    with own_server("--trusted-proxies", "127.0.0.1") as behind:
        reply = Wire(behind.endpoint).json("CreateQueue", {"QueueName": "q"}, headers={
            "X-Forwarded-Host": "queues.my.domain", "X-Forwarded-Proto": "https", "X-Forwarded-Port": "8443"})
        same(reply.json()["QueueUrl"], f"https://queues.my.domain:8443/{ACCOUNT}/q")
    reply = server.json("CreateQueue", {"QueueName": prefix}, headers={"X-Forwarded-Host": "queues.my.domain"})
    same(reply.json()["QueueUrl"], f"http://{server.authority()}/{ACCOUNT}/{prefix}")


@case
def queue_urls_of_a_public_url(server, prefix):
    with own_server("--public-url", "https://sqs.my.domain") as public:
        wire = Wire(public.endpoint)
        url = create(wire, "q")
        same(url, f"https://sqs.my.domain/{ACCOUNT}/q")
        send(wire, url)
        same(len(receive(wire, url)), 1)


@case
def more_than_a_thousand_queues(server, prefix):
    with own_server("--durability", "memory") as large:
        wire = Wire(large.endpoint)
        for number in range(1005):
            create(wire, f"q{number:04}")
        told = wire.json("ListQueues", {}).json()
        same((len(told["QueueUrls"]), "NextToken" in told), (1000, False))
        told = wire.json("ListQueues", {"MaxResults": 1000}).json()
        rest = wire.json("ListQueues", {"MaxResults": 1000, "NextToken": told["NextToken"]}).json()
        same((len(told["QueueUrls"]), len(rest["QueueUrls"]), "NextToken" in rest), (1000, 5, False))
        reply = wire.request("GET", "/metrics")
        assert reply.status == 200 and b"\nsluice_queues_left_out 1\n" in reply.body, reply
        assert large.running(), "it ended"
