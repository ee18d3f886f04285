"""What a client may rely on, kept as a ledger: what was sent, received and deleted, what is known and what is not.

The rules, and why a breach cannot hide (docs: a reply waits for its flush; a standard queue's receive waits only for the
sends of what it returns):

1. *Nothing lost.* A message whose send was acknowledged, and whose delete was never asked for, must be received after
   every restart, with its body, attributes, message id and sent time. The round's drain goes on until each of them was
   seen, or until nothing has come for much longer than any lease or delay in use; then the rest counts as lost.
2. *Nothing back.* A delete counts as certain when it was acknowledged with the newest handle: within the lease of its
   receive, in one life of the server (or, by `held`, with a lease that was still running at the kill, before anything was
   received after the restart). A certain delete's message seen ever again, in this round or any later one, is a breach.
   Uncertain deletes (no reply, or a lease that may have ended) allow both and are not counted.
3. *Nothing doubled.* Every send carries a token of its own and is never repeated, so one token has one message id; and
   within one life of the server no message is given out twice within one lease, nor from both ends of a redrive.
4. *Receive counts.* A receive is known to be flushed when a send or delete on the same queue, begun after the receive's
   reply was in hand, was acknowledged: facts of one queue have one order. The next count must be higher than that one's.
   It must also not be higher than the receives that can have happened: those answered, and those under way now or at a
   kill. After a drain by one thread for each group that bound is exact.

All times are this process's monotonic clock. A server's clock may be slewed by 5 %, so leases are trusted for 90 %. A
receive that took longer than half its lease is not used for rules 3 and 4, since the next one may overtake it here.
"""

import base64
import hashlib
import threading
import time

lease_trust = 0.9


class Message:
    """One token's life. `count` values are what ApproximateReceiveCount said."""

    __slots__ = ("token", "group", "queue", "life", "sent_at", "due_at", "acknowledged", "message_id", "sent_timestamp",
                 "receives", "last_count", "count_known", "lease_until", "lease_life", "handle", "delete_asked", "deleted",
                 "seen_life", "story")

    def __init__(self, token, group, queue, life, delay_seconds):
        self.token, self.group, self.queue, self.life = token, group, queue, life
        self.sent_at = time.monotonic()
        self.due_at = self.sent_at + delay_seconds
        self.acknowledged = self.delete_asked = self.deleted = False
        self.message_id = self.sent_timestamp = self.handle = None
        self.receives = self.last_count = 0
        self.count_known = []  # (time the reply was in hand, count), newest last
        self.lease_until, self.lease_life, self.seen_life = 0.0, -1, -1
        self.story = []  # (life, time, what), for the report of a breach

    def note(self, life, what):
        self.story.append((life, round(time.monotonic(), 4), what))


def body_of(token):
    return f"{token} " + hashlib.sha256(token.encode()).hexdigest() * (1 + len(token) % 5) + " é€𝄞"


def attributes_of(token):
    digest = hashlib.md5(token.encode()).digest()
    if digest[0] % 3 == 0:
        return {}
    return {"text": {"DataType": "String", "StringValue": token},
            "number": {"DataType": "Number.int", "StringValue": str(digest[1] * 1000003)},
            "bytes": {"DataType": "Binary", "BinaryValue": base64.b64encode(digest).decode()}}


class Ledger:
    """Shared by all client threads; each method is one short critical section."""

    def __init__(self):
        self.lock = threading.Lock()
        self.messages, self.violations = {}, []
        self.live = {}               # those of the messages that are not certainly gone
        self.pending_receives = {}   # group -> receives under way now
        self.life = 0                # how often the server was started
        self.unknown_receives = {}   # group -> receives under way when a connection broke, in all lives
        self.durable_mark = {}       # queue -> start of the newest acknowledged send or delete, this life or before
        self.counts = dict.fromkeys(("sends", "receives", "deletes", "unknown sends", "unknown deletes", "held deletes",
                                     "counts checked"), 0)

    def breach(self, text, message=None):
        story = f"; its story (life, time, event): {message.story}" if message else ""
        self.violations.append(f"life {self.life} at {time.monotonic():.4f}: {text}{story}")

    # --- sending -------------------------------------------------------------------------------------------------
    def sending(self, token, group, queue, delay_seconds):
        with self.lock:
            self.messages[token] = self.live[token] = Message(token, group, queue, self.life, delay_seconds)

    def sent(self, token, message_id, began):
        with self.lock:
            message = self.messages[token]
            message.acknowledged = True
            message.note(self.life, f"sent to {message.queue}, asked {began:.4f}")
            self.counts["sends"] += 1
            if message.message_id not in (None, message_id):
                self.breach(f"{token} was received as {message.message_id} but acknowledged as {message_id}")
            message.message_id = message_id
            self.durable_mark[message.queue] = max(self.durable_mark.get(message.queue, 0), began)

    def send_unknown(self, _token):
        with self.lock:
            self.counts["unknown sends"] += 1

    def send_refused(self, token):
        with self.lock:
            del self.messages[token], self.live[token]

    # --- receiving -----------------------------------------------------------------------------------------------
    def receiving(self, group, change=1):
        with self.lock:
            self.pending_receives[group] = self.pending_receives.get(group, 0) + change

    def received(self, queue, began, lease_seconds, raw):
        """Checks one received message (its receive still counts as pending); None when this ledger does not know it."""
        now = time.monotonic()
        with self.lock:
            token = raw["Body"].split(" ", 1)[0]
            message = self.messages.get(token)
            if message is None:
                self.breach(f"{queue} gave a message nobody sent: {raw['Body'][:60]!r}")
                return None
            self.counts["receives"] += 1
            self._check_content(message, raw)
            if now - began < lease_seconds / 2:
                self._check_place(message, queue, now)
                self._check_count(message, queue, int(raw["Attributes"]["ApproximateReceiveCount"]), now)
            count = int(raw["Attributes"]["ApproximateReceiveCount"])
            message.note(self.life, f"received from {queue}, count {count}, lease {lease_seconds}, asked {began:.4f}")
            message.receives += 1
            message.acknowledged = True  # a receive waits for the sends of what it returns
            if not message.deleted:
                self.live[token] = message
            message.queue = queue
            message.handle, message.seen_life = raw["ReceiptHandle"], self.life
            message.lease_until, message.lease_life = began + lease_seconds * lease_trust, self.life
            return message

    def _check_content(self, message, raw):
        body = body_of(message.token)
        if raw["Body"] != body or raw["MD5OfBody"] != hashlib.md5(body.encode()).hexdigest():
            self.breach(f"{message.token}: the body came back different", message)
        if raw.get("MessageAttributes", {}) != attributes_of(message.token):
            self.breach(f"{message.token}: attributes came back as {raw.get('MessageAttributes')}", message)
        if message.message_id not in (None, raw["MessageId"]):
            self.breach(f"{message.token} doubled: it is {message.message_id} and {raw['MessageId']}", message)
        message.message_id = raw["MessageId"]
        sent = raw["Attributes"]["SentTimestamp"]
        if message.sent_timestamp not in (None, sent):
            self.breach(f"{message.token}: sent at {message.sent_timestamp}, later at {sent}", message)
        message.sent_timestamp = sent

    def _check_place(self, message, queue, now):
        if message.deleted:
            self.breach(f"{message.token} came back after its delete was acknowledged", message)
        if message.lease_life == self.life and now < message.lease_until:
            self.breach(f"{message.token} given out twice within one lease", message)
        if message.life == self.life and now < message.sent_at + (message.due_at - message.sent_at) * lease_trust:
            self.breach(f"{message.token} came before its delay was over", message)
        if message.receives and queue != message.queue and not queue.endswith("dead"):
            self.breach(f"{message.token} is in {queue} although it had moved to {message.queue}", message)

    def _check_count(self, message, queue, count, now):
        mark = self.durable_mark.get(message.queue, 0)
        least = max((c for at, c in message.count_known if at < mark), default=0) + 1
        if message.lease_life == self.life:  # no crash since: nothing may be forgotten
            least = message.last_count + 1
        most = message.receives + self.unknown_receives.get(message.group, 0) + self.pending_receives[message.group]
        if not least <= count <= most:
            self.breach(f"{message.token}: receive count {count} in {queue}, expected {least} to {most}, newest flush "
                        f"known to {mark:.4f}", message)
        self.counts["counts checked"] += 1 if least > 1 else 0
        message.last_count = count
        message.count_known.append((now, count))

    def receive_unknown(self, group):
        with self.lock:
            self.unknown_receives[group] = self.unknown_receives.get(group, 0) + 1

    def returning(self, message):
        """Its visibility is being set to 0: from now on anybody may get it."""
        with self.lock:
            message.lease_until = 0.0
            message.note(self.life, "visibility 0 asked")

    # --- deleting ------------------------------------------------------------------------------------------------
    def deleting(self, messages):
        with self.lock:
            for message in messages:
                message.delete_asked = True

    def deleted(self, message, began, held=False):
        with self.lock:
            if not held:
                self.durable_mark[message.queue] = max(self.durable_mark.get(message.queue, 0), began)
            message.note(self.life, f"delete acknowledged, asked {began:.4f}{' with an old handle' if held else ''}")
            if held or (message.lease_life == self.life and time.monotonic() < message.lease_until):
                message.deleted = True
                self.live.pop(message.token, None)
                self.counts["held deletes" if held else "deletes"] += 1

    def delete_unknown(self, count):
        with self.lock:
            self.counts["unknown deletes"] += count

    # --- a crash -------------------------------------------------------------------------------------------------
    def restarted(self):
        """Only what was flushed before the kill survived: acknowledgements after it prove nothing about before."""
        with self.lock:
            self.life += 1
            for message in self.live.values():
                mark = self.durable_mark.get(message.queue, 0)
                message.count_known = [(at, count) for at, count in message.count_known if at < mark]

    def held_at(self, killed_at, groups):
        """Messages whose newest handle is certainly ours at the moment of the kill."""
        with self.lock:
            return [m for m in self.live.values() if m.group in groups and m.lease_life == self.life - 1 and
                    m.lease_until > killed_at and not m.delete_asked]

    def expected(self, groups):
        """Messages that must be there and were not seen since the last start."""
        with self.lock:
            return [m for m in self.live.values() if m.group in groups and m.acknowledged and not m.delete_asked
                    and m.seen_life != self.life]

    def drained(self, group):
        """Everything that had to be there was seen and deleted: what is left is uncertain, and stays allowed."""
        with self.lock:
            self.live = {token: m for token, m in self.live.items() if m.group != group}
