"""kill -9 over ordered queues. Producers repeat every send that was not answered, after the restart, with the same ids.

What holds, and is checked at every receive against a ledger of groups (each belongs to one producer, which sends its
messages one after another):

1. *Once.* A token has one sequence number and one message id, however often its send was repeated. What a delete was
   acknowledged for never comes again: an ordered queue refuses every handle that is not the newest.
2. *In order.* Nothing of a group comes before an earlier message of it that was acknowledged and that nobody asked to
   delete, unless the same reply holds that one first.
3. *Locked.* While a message is hidden (by this process' clock, trusted to 90 %), nothing of its group that was sent
   later comes: also after a restart, for a receive is durable before it is answered.
4. *Nothing lost.* At the end everything acknowledged and not deleted is received.
"""

import random
import tempfile
import threading
import time

import client
from client import Client, Gone

rounds_default = 40
producers, consumers = 4, 4
groups_per_producer = 3
work_seconds = (0.1, 0.6)
lease_seconds = (1, 30)
lease_trust = 0.9
lost_after_seconds = 35
queue = "orders.fifo"


class Message:
    __slots__ = ("token", "group", "place", "sent", "sequence", "delete_asked", "deleted", "hidden_until", "message_id")

    def __init__(self, token, group, place):
        self.token, self.group, self.place = token, group, place
        self.sent = self.delete_asked = self.deleted = False
        self.sequence = self.message_id = None
        self.hidden_until = 0.0


class Ledger:
    """Shared by all threads; each method is one short critical section."""

    def __init__(self):
        self.lock = threading.Lock()
        self.messages, self.groups, self.violations = {}, {}, []
        self.counts = dict.fromkeys(("sends", "repeated sends", "receives", "deletes"), 0)

    def breach(self, text):
        self.violations.append(text)

    def sending(self, token, group):
        with self.lock:
            members = self.groups.setdefault(group, [])
            self.messages[token] = Message(token, group, len(members))
            members.append(self.messages[token])

    def sent(self, token, reply, repeated):
        with self.lock:
            message = self.messages[token]
            message.sent = True
            self._identify(message, reply["MessageId"], reply["SequenceNumber"])
            self.counts["repeated sends" if repeated else "sends"] += 1

    def _identify(self, message, message_id, sequence):
        if message.sequence not in (None, sequence) or message.message_id not in (None, message_id):
            self.breach(f"{message.token} doubled: {message.message_id} {message.sequence}, {message_id} {sequence}")
        message.sequence, message.message_id = sequence, message_id

    def received(self, began, lease, raws):
        """Checks one reply; gives (message, handle) for each of it."""
        taken = []
        with self.lock:
            now = time.monotonic()
            here = set()
            for raw in raws:
                message = self.messages.get(raw["Body"])
                if message is None:
                    self.breach(f"a message nobody sent: {raw['Body'][:60]!r}")
                    continue
                self._identify(message, raw["MessageId"], raw["Attributes"]["SequenceNumber"])
                if raw["Attributes"]["MessageGroupId"] != message.group:
                    self.breach(f"{message.token} came in group {raw['Attributes']['MessageGroupId']}")
                if message.deleted and message.deleted <= began:
                    self.breach(f"{message.token} came back after its delete was acknowledged")
                self._check_order(message, here, began, now)
                here.add(message.token)
                taken.append((message, raw["ReceiptHandle"]))
            for message, _ in taken:
                message.hidden_until = began + lease * lease_trust
                message.sent = True
            self.counts["receives"] += len(taken)
        return taken

    def _check_order(self, message, here, began, now):
        for earlier in self.groups[message.group][:message.place]:
            there = earlier.sent and not earlier.delete_asked and earlier.token not in here
            if there and earlier.sequence and earlier.sequence < message.sequence:
                self.breach(f"{message.token} came before {earlier.token} of its group")
            if there and now < earlier.hidden_until:
                self.breach(f"{message.token} came while {earlier.token} of its group was hidden")
        if now < message.hidden_until and not message.delete_asked:
            self.breach(f"{message.token} came while it was hidden")

    def deleting(self, message):
        with self.lock:
            message.delete_asked = True

    def deleted(self, message):
        with self.lock:
            message.deleted = time.monotonic()
            self.counts["deletes"] += 1

    def not_deleted(self, message):
        with self.lock:
            message.delete_asked = message.deleted is not False

    def returning(self, message):
        with self.lock:
            message.hidden_until = 0.0

    def left(self):
        with self.lock:
            return [m for m in self.messages.values() if m.sent and not m.deleted and not m.delete_asked]


class Producer:
    """Its groups, and the sends that it must repeat: it lives through the crashes."""

    def __init__(self, number, ledger, dice):
        self.number, self.ledger, self.dice = number, ledger, dice
        self.count, self.unanswered = 0, None

    def work(self, server, url, stop):
        connection = Client(server)
        try:
            while not stop.is_set():
                repeated = self.unanswered is not None
                if not repeated:
                    self.unanswered = self._compose()
                self._send(connection, url, self.unanswered, repeated)
                self.unanswered = None
        except Gone:
            pass
        connection.close()

    def repeat(self, server, url):
        if self.unanswered is not None:
            connection = Client(server)
            self._send(connection, url, self.unanswered, True)
            self.unanswered = None
            connection.close()

    def _compose(self):
        entries = []
        for _ in range(self.dice.choice((1, 1, 2, 10))):
            group = f"p{self.number}-{self.dice.randrange(groups_per_producer)}"
            token = f"{group}.{self.count}"
            self.count += 1
            self.ledger.sending(token, group)
            entries.append({"Id": str(len(entries)), "MessageBody": token, "MessageGroupId": group,
                            "MessageDeduplicationId": token})
        return entries

    def _send(self, connection, url, entries, repeated):
        if len(entries) == 1:
            members = {k: v for k, v in entries[0].items() if k != "Id"}
            replies = [connection.ok("SendMessage", QueueUrl=url, **members) | {"Id": "0"}]
        else:
            reply = connection.ok("SendMessageBatch", QueueUrl=url, Entries=entries)
            if reply.get("Failed"):
                raise AssertionError(f"a batch was refused in part: {reply['Failed'][:2]}")
            replies = reply["Successful"]
        for one in replies:
            self.ledger.sent(entries[int(one["Id"])]["MessageBody"], one, repeated)


def receive(connection, ledger, url, lease, most):
    began = time.monotonic()
    reply = connection.ok("ReceiveMessage", QueueUrl=url, MaxNumberOfMessages=most, VisibilityTimeout=lease,
                          AttributeNames=["All"])
    return ledger.received(began, lease, reply.get("Messages", []))


def delete(connection, ledger, url, message, handle):
    ledger.deleting(message)
    status, reply = connection.call("DeleteMessage", QueueUrl=url, ReceiptHandle=handle)
    if status == 200:
        ledger.deleted(message)
    elif "expired" in reply.get("message", ""):
        ledger.not_deleted(message)
    else:
        raise AssertionError(f"a delete answers {status} {reply}")


def consume(server, ledger, url, stop, dice):
    connection = Client(server)
    try:
        while not stop.is_set():
            for message, handle in receive(connection, ledger, url, dice.choice(lease_seconds), dice.choice((1, 3, 10))):
                chance = dice.random()
                if chance < 0.7:
                    delete(connection, ledger, url, message, handle)
                elif chance < 0.8:
                    ledger.returning(message)
                    connection.call("ChangeMessageVisibility", QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)
    except Gone:
        pass
    connection.close()


class Trial:
    def __init__(self, start, seed):
        self.start_server, self.seed, self.dice = start, seed, random.Random(seed)
        self.ledger, self.faults, self.kills = Ledger(), [], 0
        self.producers = [Producer(i, self.ledger, random.Random(f"{seed}.{i}")) for i in range(producers)]

    def run(self, rounds):
        server = self.start_server().wait_ready()
        try:
            connection = Client(server)
            url = connection.create_queue(queue, FifoQueue="true", VisibilityTimeout=1)
            connection.close()
            while self.kills < rounds and not self.ledger.violations and not self.faults:
                self._work(server, url)
                self.kills += 1
                server = self.start_server().wait_ready()
                for producer in self.producers:
                    producer.repeat(server, url)
            self._drain(server, url)
        finally:
            server.kill()

    def _work(self, server, url):
        stop = threading.Event()

        def guarded(work, *arguments):
            try:
                work(*arguments)
            except Exception as fault:  # noqa: BLE001 - a thread's fault is the test's
                self.faults.append(f"{type(fault).__name__}: {fault}")
        works = [(producer.work, server, url, stop) for producer in self.producers]
        works += [(consume, server, self.ledger, url, stop, random.Random(f"{self.seed}-{self.kills}-{i}"))
                  for i in range(consumers)]
        threads = [threading.Thread(target=guarded, args=work) for work in works]
        for thread in threads:
            thread.start()
        time.sleep(self.dice.uniform(*work_seconds))
        server.kill()
        stop.set()
        for thread in threads:
            thread.join()

    def _drain(self, server, url):
        connection = Client(server)
        last = time.monotonic()
        while not self.ledger.violations and time.monotonic() - last < lost_after_seconds:
            taken = receive(connection, self.ledger, url, 600, 10)
            for message, handle in taken:
                delete(connection, self.ledger, url, message, handle)
            if taken:
                last = time.monotonic()
            elif not self.ledger.left():
                break
            else:
                time.sleep(0.05)
        for message in self.ledger.left() if not self.ledger.violations else ():
            self.ledger.breach(f"{message.token} is lost")
        connection.close()

    def verdict(self):
        found = self.ledger.violations + self.faults
        return None if not found else f"{len(found)} breaches: " + "; ".join(found[:5])


def test(options):
    seed = options.seed if options.seed is not None else random.randrange(1 << 32)
    more = ["--durability", options.durability] if options.durability else []
    with tempfile.TemporaryDirectory(prefix="sluice-ordered-") as directory:
        dice = random.Random(seed)

        def start():  # a small log goes on in a new segment many times
            return client.Server(f"{directory}/data", more + dice.choice(([], ["--segment-bytes", str(8 << 20)])))
        trial = Trial(start, seed)
        trial.run(options.rounds or rounds_default)
        counts = ", ".join(f"{count} {what}" for what, count in trial.ledger.counts.items())
        print(f"  {trial.kills} rounds of kill -9 over an ordered queue, seed {seed}: {counts}")
        if trial.verdict():
            raise AssertionError(f"seed {seed}: {trial.verdict()}")
