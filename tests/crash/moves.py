"""kill -9 while a message move task runs: afterwards the task goes on by itself, and each message is in one queue, once.

A round: messages go to a dead-letter queue, a task moves them (to another queue, or back; with and without a rate), the
server is killed meanwhile, some of its starts too, and is started again. The task that was answered must be known then; it
runs to its end or is cancelled. All queues are drained: every message must come exactly once, from where it can be.
"""

import json
import random
import tempfile
import time

import client
from client import Client, Gone

rounds_default = 20
messages_per_round = 60
kill_after_seconds = (0.0, 0.15)
task_ends_within_seconds = 30


class Trial:
    def __init__(self, start, seed):
        self.start_server, self.dice = start, random.Random(seed)
        self.kills, self.tasks_seen, self.moved, self.stayed = 0, 0, 0, 0

    def run(self, rounds):
        self.server = self.start_server().wait_ready()
        try:
            self._make_queues()
            for number in range(rounds):
                self._round(number)
        finally:
            self.server.kill()

    def _make_queues(self):
        connection = Client(self.server)
        self.urls = {name: connection.create_queue(name, VisibilityTimeout=600) for name in ("dead", "there")}
        self.arns = {name: connection.ok("GetQueueAttributes", QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
                     for name, url in self.urls.items()}
        policy = json.dumps({"deadLetterTargetArn": self.arns["dead"], "maxReceiveCount": 1})
        self.urls["q"] = connection.create_queue("q", VisibilityTimeout=0, RedrivePolicy=policy)
        connection.close()

    def _round(self, number):
        tokens = {f"{number}.{i}" for i in range(messages_per_round)}
        connection = Client(self.server)
        self._send_to_dead(connection, sorted(tokens))
        handle = self._start_task(connection)
        connection.close()
        while True:
            self.kills += 1
            self.server.kill()
            self.server = self.start_server()
            if self.dice.random() < 0.7:
                break
            time.sleep(self.dice.uniform(0, 0.1))  # killed again while it starts, or a little later
        self.server.wait_ready()
        connection = Client(self.server)
        if handle:
            self._await_end(connection, handle)
        self._census(connection, tokens, number)
        connection.close()

    def _send_to_dead(self, connection, tokens):
        """Through the queue `q`, so that they can go back there."""
        for at in range(0, len(tokens), 10):
            connection.ok("SendMessageBatch", QueueUrl=self.urls["q"], Entries=[
                {"Id": str(i), "MessageBody": token} for i, token in enumerate(tokens[at:at + 10])])
        deadline = time.monotonic() + task_ends_within_seconds
        while self._visible(connection, "dead") < len(tokens):
            connection.ok("ReceiveMessage", QueueUrl=self.urls["q"], MaxNumberOfMessages=10)
            if time.monotonic() > deadline:
                raise AssertionError("the messages do not come to the dead-letter queue")
        connection.ok("SetQueueAttributes", QueueUrl=self.urls["q"], Attributes={"VisibilityTimeout": "600"})

    def _visible(self, connection, queue):
        return int(connection.ok("GetQueueAttributes", QueueUrl=self.urls[queue], AttributeNames=["All"])["Attributes"]
                   ["ApproximateNumberOfMessages"])

    def _start_task(self, connection):
        """Its handle; None when the kill came before the answer."""
        asked = {"SourceArn": self.arns["dead"]}
        if self.dice.random() < 0.6:
            asked["DestinationArn"] = self.arns["there"]
        if self.dice.random() < 0.5:
            asked["MaxNumberOfMessagesPerSecond"] = self.dice.choice((30, 100, 500))
        handle = connection.ok("StartMessageMoveTask", **asked)["TaskHandle"]
        time.sleep(self.dice.uniform(*kill_after_seconds))
        return handle

    def _await_end(self, connection, handle):
        deadline = time.monotonic() + task_ends_within_seconds
        cancels = self.dice.random() < 0.3
        while True:
            tasks = connection.ok("ListMessageMoveTasks", SourceArn=self.arns["dead"]).get("Results", [])
            if not tasks:
                raise AssertionError("a task that was answered is not known after the kill")
            task = tasks[0]
            if task["Status"] == "FAILED":
                raise AssertionError(f"the task fails: {task}")
            if task["Status"] in ("COMPLETED", "CANCELLED"):
                break
            if task["Status"] == "RUNNING" and cancels:
                self.tasks_seen += 1
                cancels = False
                connection.call("CancelMessageMoveTask", TaskHandle=task["TaskHandle"])
            if time.monotonic() > deadline:
                raise AssertionError(f"the task does not end: {task}")
            time.sleep(0.02)
        if task["Status"] == "COMPLETED" and task["ApproximateNumberOfMessagesMoved"] != messages_per_round:
            raise AssertionError(f"a task that completed has not moved them all: {task}")

    def _census(self, connection, tokens, number):
        found = {}
        for queue, url in self.urls.items():
            for message in client.drain(connection, url):
                if message["Body"] in found:
                    raise AssertionError(f"round {number}: {message['Body']} is in {queue} and in {found[message['Body']]}")
                found[message["Body"]] = queue
                count = message["Attributes"]["ApproximateReceiveCount"]
                if (queue == "dead") == (count == "1"):
                    raise AssertionError(f"round {number}: {message['Body']} in {queue} was received {count} times")
                connection.ok("DeleteMessage", QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        if set(found) != tokens:
            raise AssertionError(f"round {number}: {len(tokens - set(found))} messages are lost, "
                                 f"{len(set(found) - tokens)} came back after their deletion")
        self.moved += sum(queue != "dead" for queue in found.values())
        self.stayed += sum(queue == "dead" for queue in found.values())
        connection.ok("SetQueueAttributes", QueueUrl=self.urls["q"], Attributes={"VisibilityTimeout": "0"})


def test(options):
    seed = options.seed if options.seed is not None else random.randrange(1 << 32)
    more = ["--durability", options.durability] if options.durability else []
    with tempfile.TemporaryDirectory(prefix="sluice-moves-") as directory:
        trial = Trial(lambda: client.Server(f"{directory}/data", more), seed)
        try:
            trial.run(options.rounds or rounds_default)
        except (AssertionError, Gone) as error:
            raise AssertionError(f"seed {seed}: {error}") from error
        print(f"  {trial.kills} times kill -9 under move tasks, seed {seed}: {trial.moved} messages moved, {trial.stayed} stayed, "
              f"{trial.tasks_seen} tasks cancelled after a restart; each message once")
