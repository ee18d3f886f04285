"""The words that cases are written in. A case is data: a name, a claim and steps; players in every language play it.

Step kinds (the players know no others; README.md tells them in full):
  {"call", "input", "expect", "refused", "save", "within_seconds", "took_seconds"}, {"sleep_seconds"}, {"together"}
`${name}` in a text stands for a variable: `${prefix}` (unique per client and case) or what an earlier step saved."""

import base64
import hashlib

ACCOUNT = "000000000000"
REGION = "us-east-1"

CASES = []


# Clients that cannot send the numbers 0 where they mean something, since theirs are plain integers.
NO_ZERO = ("go",)

# Clients that refuse an answer whose digest is not that of what they sent.
CHECKS_DIGESTS = ("java", "javascript", "go")

LONG = "600"  # seconds, as a queue's attribute: nothing becomes visible while a case runs


def case(name, claim, *steps, core=False, not_for=()):
    """Adds a case. The command-line clients, each of whose calls is a new process, play the `core` ones alone."""
    assert all(name != known["name"] for known in CASES), name
    CASES.append({"name": name, "claim": claim, "steps": flat(steps), "core": core, "not_for": not_for})


def core_case(name, claim, *steps, **options):
    """A case that every client plays: each operation, and each kind of error."""
    case(name, claim, *steps, core=True, **options)


def flat(steps):
    return [leaf for step in steps for leaf in (flat(step) if isinstance(step, (list, tuple)) else [step])]


def call(operation, given, expect=None, refused=None, save=None, within=None, took=None):
    step = {"call": operation, "input": {k: v for k, v in given.items() if v is not None}}
    for key, value in (("expect", expect), ("refused", refused), ("save", save), ("within_seconds", within),
                       ("took_seconds", took)):
        if value is not None:
            step[key] = value
    return step


def sleep(seconds):
    return {"sleep_seconds": seconds}


def together(*lanes):
    """Plays the lanes at the same time; all must pass. What they save is seen by the steps after."""
    return {"together": [flat(lane if isinstance(lane, list) else [lane]) for lane in lanes]}


# Matchers: what may stand in `expect` instead of a plain value.
ABSENT = {"$absent": True}
UUID = {"$matches": "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"}
PRESENT = {"$matches": "."}


def matches(regex):
    return {"$matches": regex}


def unordered(*items):
    return {"$unordered": list(items)}


def length(count):
    return {"$length": count}


def between(low, high):
    return {"$between": [low, high]}


def is_not(value):
    return {"$not": value}


# Operations. `q` is the short name that the queue has in its case; those that start with `fifo` are FIFO queues.
def url(q):
    return "${%s}" % q


def is_fifo(q):
    return q.startswith("fifo")


def name_of(q):
    return "${prefix}-" + q + (".fifo" if is_fifo(q) else "")


def arn(q):
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:" + name_of(q)


def create(q="q", tags=None, expect=None, refused=None, **attributes):
    if is_fifo(q):
        attributes.setdefault("FifoQueue", "true")
    return call("CreateQueue", {"QueueName": name_of(q), "Attributes": attributes or None, "tags": tags},
                expect=expect, refused=refused, save=None if refused else {q: "QueueUrl"})


def set_attributes(q="q", refused=None, **attributes):
    return call("SetQueueAttributes", {"QueueUrl": url(q), "Attributes": attributes}, refused=refused)


def attributes(expected, q="q", names=("All",), within=None):
    return call("GetQueueAttributes", {"QueueUrl": url(q), "AttributeNames": list(names)},
                expect={"Attributes": expected}, within=within)


def counts(visible=0, in_flight=0, delayed=0, q="q", within=5):
    return attributes({"ApproximateNumberOfMessages": str(visible), "ApproximateNumberOfMessagesNotVisible": str(in_flight),
                       "ApproximateNumberOfMessagesDelayed": str(delayed)}, q, within=within)


def send(body, q="q", expect=None, refused=None, save=None, **more):
    if not refused and expect is None:
        expect = {"MD5OfMessageBody": md5(body), "MessageId": UUID}
    return call("SendMessage", {"QueueUrl": url(q), "MessageBody": body, **more}, expect, refused, save)


def send_batch(entries, q="q", expect=None, refused=None, save=None):
    """`entries`: bodies, which get the ids e0, e1 …, or whole entries."""
    given = [dict({"Id": f"e{n}"}, **(e if isinstance(e, dict) else {"MessageBody": e})) for n, e in enumerate(entries)]
    return call("SendMessageBatch", {"QueueUrl": url(q), "Entries": given}, expect, refused, save)


def receive(*expected, q="q", save=None, within=None, took=None, refused=None, **more):
    """Receives and expects just these messages (matchers or bodies), in any order; none: an empty reply."""
    wanted = [m if isinstance(m, dict) else {"Body": m, "MD5OfBody": md5(m)} for m in expected]
    if len(wanted) > 1:
        more.setdefault("MaxNumberOfMessages", 10)
    messages = ABSENT if not wanted else wanted if len(wanted) == 1 else unordered(*wanted)
    return call("ReceiveMessage", {"QueueUrl": url(q), **more}, None if refused else {"Messages": messages}, refused, save,
                within, took)


def take(body, handle="handle", q="q", **more):
    """Receives this one message and keeps its handle."""
    return receive(body, q=q, save={handle: "Messages.0.ReceiptHandle"}, **more)


def delete(handle="${handle}", q="q", refused=None):
    return call("DeleteMessage", {"QueueUrl": url(q), "ReceiptHandle": handle}, refused=refused)


def change_visibility(seconds, handle="${handle}", q="q", refused=None):
    return call("ChangeMessageVisibility", {"QueueUrl": url(q), "ReceiptHandle": handle, "VisibilityTimeout": seconds},
                refused=refused)


def text_attribute(value, kind="String"):
    return {"DataType": kind, "StringValue": value}


def binary_attribute(base64, kind="Binary"):
    """Bytes are told in base64 in all cases; each player turns them into what its SDK takes."""
    return {"DataType": kind, "BinaryValue": {"$bytes": base64}}


def failed(entry_id, shape, message=None):
    """An entry of a batch's Failed list."""
    from sqs.refusals import REFUSALS
    return {"Id": entry_id, "Code": REFUSALS[shape][0], "SenderFault": True, "Message": message or PRESENT}


def redrive_to(q, receives):
    return '{"deadLetterTargetArn":"%s","maxReceiveCount":%d}' % (arn(q), receives)


def md5(body):
    return PRESENT if "${" in body else hashlib.md5(body.encode()).hexdigest()


def sha256(body):
    return hashlib.sha256(body.encode()).hexdigest()


def attributes_md5(attributes):
    """The digest of message attributes of 5.3: sorted by name; lengths as 4 bytes, text as type 1, bytes as type 2."""
    digest = hashlib.md5()

    def add(data):
        digest.update(len(data).to_bytes(4, "big") + data)
    for name, attribute in sorted(attributes.items()):
        add(name.encode())
        add(attribute["DataType"].encode())
        is_text = "StringValue" in attribute
        digest.update(b"\1" if is_text else b"\2")
        add(attribute["StringValue"].encode() if is_text else base64.b64decode(attribute["BinaryValue"]["$bytes"]))
    return digest.hexdigest()
