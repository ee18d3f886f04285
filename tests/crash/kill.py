"""kill -9 at random moments under concurrent sends, receives and deletes; see model.py for what is checked and why.

A round: clients work, the server is killed, is started on the same data, messages held at the kill are deleted with the
handles from before, and every queue is drained against the ledger. The queue `old` is drained only every tenth round, so
that what it holds lives through many crashes. `redrive` sends what was received three times to `redrive-dead`. Some
starts are killed before they are ready, and some rounds end politely, with exit code 0, instead.
"""

import json
import random
import tempfile
import threading
import time

import client
from client import Client, Gone
from model import Ledger, attributes_of, body_of

rounds_default = 100
workers = 6
work_seconds = (0.05, 0.6)
lease_seconds = 1
drain_lease_seconds = 600
lost_after_seconds = 6      # longer than any lease and delay of the workers
old_drained_every = 10
redrive_after_receives = 3
queues_of = {"plain-0": ["plain-0"], "plain-1": ["plain-1"], "redrive": ["redrive", "redrive-dead"], "old": ["old"]}


class Fleet:
    """The clients of one round: each on its own connection until the server is gone."""

    def __init__(self, server, ledger, urls, seed):
        self.server, self.ledger, self.urls = server, ledger, urls
        self.faults = []
        self.threads = [threading.Thread(target=self._work, args=(f"{seed}.{i}",)) for i in range(workers)]
        for thread in self.threads:
            thread.start()

    def join(self):
        for thread in self.threads:
            thread.join()

    def _work(self, seed):
        dice, connection = random.Random(seed), Client(self.server)
        try:
            for number in range(1_000_000):
                group = dice.choice(list(queues_of))
                if dice.random() < 0.45:
                    self._send(connection, dice, group, f"{seed}.{number}")
                else:
                    self._receive(connection, dice, group)
        except Gone:
            pass
        except Exception as fault:  # noqa: BLE001 - a thread's fault is the test's
            self.faults.append(f"{type(fault).__name__}: {fault}")
        connection.close()

    def _send(self, connection, dice, group, prefix):
        queue = queues_of[group][0]
        tokens = [f"{prefix}.{i}" for i in range(dice.choice((1, 1, 1, 2, 10)))]
        delay = 1 if dice.random() < 0.1 else 0
        for token in tokens:
            self.ledger.sending(token, group, queue, delay)
        began = time.monotonic()
        try:
            ids = send(connection, self.urls[queue], tokens, delay)
        except Gone:
            for token in tokens:
                self.ledger.send_unknown(token)
            raise
        for token, message_id in ids.items():
            self.ledger.sent(token, message_id, began)

    def _receive(self, connection, dice, group):
        queue = dice.choice(queues_of[group])
        taken = receive(connection, self.ledger, group, queue, self.urls[queue], lease_seconds,
                        1 if group == "old" else dice.choice((1, 3, 10)))
        deletes = [m for m in taken if dice.random() < (0.1 if group == "old" else 0.5)]
        delete(connection, self.ledger, self.urls[queue], deletes, batch=dice.random() < 0.5)
        for message in taken:
            if message not in deletes and dice.random() < 0.2:
                self.ledger.returning(message)
                connection.call("ChangeMessageVisibility", QueueUrl=self.urls[queue], ReceiptHandle=message.handle,
                                VisibilityTimeout=0)


def entry(token, delay):
    members = {"MessageBody": body_of(token), "MessageAttributes": attributes_of(token)}
    return members | ({"DelaySeconds": delay} if delay else {})


def send(connection, url, tokens, delay):
    """token -> message id"""
    if len(tokens) == 1:
        return {tokens[0]: connection.ok("SendMessage", QueueUrl=url, **entry(tokens[0], delay))["MessageId"]}
    reply = connection.ok("SendMessageBatch", QueueUrl=url,
                          Entries=[{"Id": str(i), **entry(token, delay)} for i, token in enumerate(tokens)])
    if reply.get("Failed"):
        raise AssertionError(f"a batch was refused in part: {reply['Failed'][:2]}")
    return {tokens[int(r["Id"])]: r["MessageId"] for r in reply["Successful"]}


def receive(connection, ledger, group, queue, url, lease, most, wait=0):
    began = time.monotonic()
    ledger.receiving(group)
    try:
        reply = connection.ok("ReceiveMessage", QueueUrl=url, MaxNumberOfMessages=most, VisibilityTimeout=lease,
                              WaitTimeSeconds=wait, AttributeNames=["All"], MessageAttributeNames=["All"])
        checked = [ledger.received(queue, began, lease, raw) for raw in reply.get("Messages", [])]
        return [message for message in checked if message]
    except Gone:
        ledger.receive_unknown(group)
        raise
    finally:
        ledger.receiving(group, -1)


def delete(connection, ledger, url, messages, batch=True, held=False):
    """Deletes; what was asked and not answered when the connection broke stays uncertain."""
    ledger.deleting(messages)
    pieces = [messages[i:i + 10] for i in range(0, len(messages), 10)] if batch else [[m] for m in messages]
    for done, piece in enumerate(pieces):
        began = time.monotonic()
        try:
            if batch:
                reply = connection.ok("DeleteMessageBatch", QueueUrl=url, Entries=[
                    {"Id": str(i), "ReceiptHandle": m.handle} for i, m in enumerate(piece)])
                good = [piece[int(r["Id"])] for r in reply.get("Successful", [])]
                if len(good) != len(piece):
                    raise AssertionError(f"a delete was refused: {reply.get('Failed')}")
            else:
                connection.ok("DeleteMessage", QueueUrl=url, ReceiptHandle=piece[0].handle)
                good = piece
        except Gone:
            ledger.delete_unknown(sum(len(p) for p in pieces[done:]))
            raise
        for message in good:
            ledger.deleted(message, began, held)


def drain(server, ledger, urls, group):
    """Receives and deletes all of a group, until what must be there was seen."""
    connection, queues = Client(server), queues_of[group]
    last = time.monotonic()
    while True:
        found = 0
        for queue in queues:
            taken = receive(connection, ledger, group, queue, urls[queue], drain_lease_seconds, 10)
            delete(connection, ledger, urls[queue], taken)
            found += len(taken)
        if found:
            last = time.monotonic()
        elif not ledger.expected({group}):
            break
        elif time.monotonic() - last > lost_after_seconds:
            break
        else:
            time.sleep(0.02)
    for message in ledger.expected({group}):
        ledger.breach(f"{message.token} in {message.queue} is lost (sent in life {message.life})", message)
    ledger.drained(group)
    connection.close()


def make_queues(connection):
    urls = {name: connection.create_queue(name, VisibilityTimeout=lease_seconds)
            for name in ("plain-0", "plain-1", "redrive-dead", "old")}
    arn = connection.ok("GetQueueAttributes", QueueUrl=urls["redrive-dead"],
                        AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": redrive_after_receives})
    urls["redrive"] = connection.create_queue("redrive", VisibilityTimeout=lease_seconds, RedrivePolicy=policy)
    return urls


class Trial:
    """All rounds on one data directory. `start` starts a server on it, not waiting for its being ready."""

    def __init__(self, start, seed, progress=False):
        self.start_server, self.seed, self.dice = start, seed, random.Random(seed)
        self.progress = progress
        self.ledger, self.faults, self.kills, self.early_kills, self.polite = Ledger(), [], 0, 0, 0
        self.checked = 0

    def run(self, rounds):
        self.server = self.start_server().wait_ready()
        try:
            connection = Client(self.server)
            urls = make_queues(connection)
            connection.close()
            number = 0
            while self.kills < rounds and not self.ledger.violations and not self.faults:
                self._round(urls, number)
                number += 1
            self._last_check(self.server, urls)
        finally:
            self.server.kill()

    def _round(self, urls, number):
        server = self.server
        fleet = Fleet(server, self.ledger, urls, f"{self.seed}-{number}")
        time.sleep(self.dice.uniform(*work_seconds))
        killed_at = time.monotonic()
        if self.dice.random() < 0.05:
            self.polite += 1
            if (code := server.stop()) != 0:
                self.faults.append(f"SIGTERM ended with {code}")
        else:
            self.kills += 1
            server.kill()
        fleet.join()
        self.faults += fleet.faults
        self.ledger.restarted()
        server = self.server = self._start_again()
        groups = [g for g in queues_of if g != "old" or number % old_drained_every == old_drained_every - 1]
        self.checked += len(self.ledger.expected(set(groups)))
        self._delete_held(server, urls, killed_at, groups)
        self._drain(server, urls, groups)
        if self.progress:
            print(f"  round {number}: {len(self.ledger.messages)} messages so far, {len(self.ledger.live)} live",
                  flush=True)

    def _start_again(self):
        while self.dice.random() < 0.1:  # killed while it recovers
            self.early_kills += 1
            server = self.start_server()
            time.sleep(self.dice.uniform(0, 0.05))
            server.kill()
        return self.start_server().wait_ready()

    def _delete_held(self, server, urls, killed_at, groups):
        held = self.ledger.held_at(killed_at, set(groups))
        connection = Client(server)
        for queue in {m.queue for m in held}:
            delete(connection, self.ledger, urls[queue],
                   [m for m in held if m.queue == queue and self.dice.random() < 0.5], held=True)
        connection.close()

    def _drain(self, server, urls, groups):
        def guarded(group):
            try:
                drain(server, self.ledger, urls, group)
            except Exception as fault:  # noqa: BLE001
                self.faults.append(f"draining {group}: {type(fault).__name__}: {fault}")
        threads = [threading.Thread(target=guarded, args=(group,)) for group in groups]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _last_check(self, server, urls):
        """Nothing may be left anywhere once all is drained and the workers' leases are over."""
        if self.ledger.violations or self.faults:
            return
        time.sleep(2 * lease_seconds)
        self._drain(server, urls, list(queues_of))
        connection = Client(server)
        for queue, url in urls.items():
            counts = connection.ok("GetQueueAttributes", QueueUrl=url, AttributeNames=["All"])["Attributes"]
            left = {k: v for k, v in counts.items() if k.startswith("ApproximateNumber") and v != "0"}
            if left:
                self.ledger.breach(f"{queue} is drained but counts {left}")
        connection.close()

    def verdict(self):
        """None when all held, else the first breaches."""
        found = self.ledger.violations + self.faults
        return None if not found else f"{len(found)} breaches: " + "; ".join(found[:5])

    def summary(self):
        counts = ", ".join(f"{count} {what}" for what, count in self.ledger.counts.items())
        return (f"{self.kills} rounds of kill -9 ({self.early_kills} more before ready, {self.polite} polite stops), "
                f"seed {self.seed}: {counts}; {self.checked} messages had to be there after a restart; "
                f"{len(self.ledger.violations)} breaches")


def test(options):
    rounds = options.rounds or rounds_default
    seed = options.seed if options.seed is not None else random.randrange(1 << 32)
    more = ["--durability", options.durability] if options.durability else []
    with tempfile.TemporaryDirectory(prefix="sluice-crash-") as directory:
        data = f"{directory}/data"
        dice = random.Random(seed)

        def start():  # a small log goes on in a new segment many times
            return client.Server(data, more + dice.choice(([], ["--segment-bytes", str(8 << 20)])))
        trial = Trial(start, seed, options.verbose)
        trial.run(rounds)
        print("  " + trial.summary())
        if trial.verdict():
            raise AssertionError(f"seed {seed}: {trial.verdict()}")
