"""What AWS does to its callers, each switched on by its own setting: throttling, short polls that miss, keys that fail."""

import http.client
import json
import ssl
import tempfile
import time
from contextlib import contextmanager

from harness.signing import Signer
from harness.wire import JSON_TYPE, Wire, replies
from sqs.raw import *

THROTTLED = "Request is throttled."
KMS = "arn:aws:kms:us-east-1:000000000000:"


@contextmanager
def configured(text, *settings):
    with tempfile.NamedTemporaryFile("w", prefix="sluice-conformance-", suffix=".toml") as file:
        file.write(text)
        file.flush()
        with own_server("--config", file.name, *settings) as server:
            yield Wire(server.endpoint)


def pipelined(wire, operation, given, count):
    """Many equal calls on one connection, faster than one waits for the other."""
    body = json.dumps(given).encode()
    head = (f"POST / HTTP/1.1\r\nHost: {wire.authority()}\r\nContent-Type: {JSON_TYPE}\r\n"
            f"X-Amz-Target: AmazonSQS.{operation}\r\nContent-Length: {len(body)}\r\n").encode()
    one, last = head + b"\r\n" + body, head + b"Connection: close\r\n\r\n" + body
    return replies(wire.talk(one * (count - 1) + last))


def over_tls(wire, operation, given, sign=None):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection(wire.host, wire.port, context=context, timeout=60)
    body = json.dumps(given).encode()
    headers = {"Host": wire.authority(), "Content-Type": JSON_TYPE, "X-Amz-Target": "AmazonSQS." + operation}
    connection.request("POST", "/", body, sign("POST", "/", body, headers) if sign else headers)
    reply = connection.getresponse()
    told = reply.status, json.loads(reply.read() or b"{}")
    connection.close()
    return told


@case
def a_limit_of_calls_refuses_the_rest_of_the_second(server, prefix):
    with own_server("--call-limits", "slow:SendMessage=1") as limited:
        wire = Wire(limited.endpoint)
        url, other = create(wire, "slow"), create(wire, "other")
        begun = time.monotonic()
        told = [wire.json("SendMessage", {"QueueUrl": url, "MessageBody": "x"}) for _ in range(20)]
        allowed = sum(reply.status == 200 for reply in told)
        assert 1 <= allowed <= 2 + time.monotonic() - begun, allowed
        reply = next(reply for reply in told if reply.status != 200)
        refused(reply, 403, "RequestThrottled", THROTTLED)
        same(reply.headers["x-amzn-query-error"], "RequestThrottled;Sender")
        told = [wire.query("SendMessage", {"QueueUrl": url, "MessageBody": "x"}) for _ in range(20)]
        refused(next(reply for reply in told if reply.status != 200), 403, "RequestThrottled", THROTTLED)
        same(wire.json("GetQueueAttributes", {"QueueUrl": url}).status, 200)
        send(wire, other)
        send(wire, other)
        time.sleep(1.1)
        send(wire, url)


@case
def a_fifo_queue_takes_300_calls_a_second(server, prefix):
    with own_server("--throttling", "--durability", "memory") as limited:
        wire = Wire(limited.endpoint)
        usual = create(wire, "usual.fifo", FifoQueue="true")
        high = create(wire, "high.fifo", FifoQueue="true", DeduplicationScope="messageGroup",
                      FifoThroughputLimit="perMessageGroupId")
        standard = create(wire, "standard")
        for url in (usual, high, standard):  # from the first call on the server learns how the queue is set
            receive(wire, url)
        time.sleep(0.5)
        begun = time.monotonic()
        entries = [{"Id": str(n), "MessageBody": "x", "MessageGroupId": "g", "MessageDeduplicationId": "d"} for n in range(10)]
        told = pipelined(wire, "SendMessageBatch", {"QueueUrl": usual, "Entries": entries}, 900)
        seconds = time.monotonic() - begun
        allowed = sum(reply.status == 200 for reply in told)
        same(len(told), 900)
        assert 300 <= allowed <= 300 + 300 * seconds + 1, (allowed, seconds)
        if seconds < 1.5:
            refused(next(reply for reply in told if reply.status != 200), 403, "RequestThrottled", THROTTLED)
        for url in (high, standard):
            told = pipelined(wire, "ReceiveMessage", {"QueueUrl": url}, 900)
            same({reply.status for reply in told}, {200}, url)


@case
def short_polls_may_miss_messages(server, prefix):
    with own_server("--short-poll-sampling", "--durability", "memory") as sampled:
        wire = Wire(sampled.endpoint)
        url, fifo = create(wire, "q"), create(wire, "q.fifo", FifoQueue="true")
        waits = create(wire, "waits", ReceiveMessageWaitTimeSeconds="5")
        for one in (url, waits):
            send(wire, one)
        same(wire.json("SendMessage", {"QueueUrl": fifo, "MessageBody": "x", "MessageGroupId": "g",
                                       "MessageDeduplicationId": "d"}).status, 200)
        for given in ({"WaitTimeSeconds": 0}, {}):
            found = [len(receive(wire, url, VisibilityTimeout=0, **given)) for _ in range(60)]
            same(set(found), {0, 1}, str(given))
            assert sum(found) > 25, found
        for one, given in ((url, {"WaitTimeSeconds": 1}), (fifo, {"WaitTimeSeconds": 0}), (waits, {})):
            same({len(receive(wire, one, VisibilityTimeout=0, **given)) for _ in range(30)}, {1}, one)


STATES = {
    "disabled": ("KmsDisabled", "KMS.DisabledException", 400, "{key} is disabled."),
    "pending_deletion": ("KmsInvalidState", "KMS.InvalidStateException", 400, "{key} is pending deletion."),
    "access_denied": ("KmsAccessDenied", "KMS.AccessDeniedException", 400, None),
    "invalid_key_usage": ("KmsInvalidKeyUsage", "KMS.InvalidKeyUsageException", 400, None),
    "throttled": ("KmsThrottled", "KMS.ThrottlingException", 400, "You have exceeded the rate at which you may call KMS. "
                  "Reduce the frequency of your calls."),
    "opt_in_required": ("KmsOptInRequired", "KMS.OptInRequired", 403, None),
}


def needs_the_key(wire, url, shape, code, status, text=None):
    entry = {"Id": "a", "MessageBody": "x"}
    for operation, given in (("SendMessage", {"MessageBody": "x"}), ("SendMessageBatch", {"Entries": [entry]}),
                             ("ReceiveMessage", {})):
        given = {"QueueUrl": url, **given}
        reply = wire.json(operation, given)
        refused(reply, status, shape)
        same(reply.headers["x-amzn-query-error"], code + ";Sender")
        assert text is None or reply.json()["message"].startswith(text + " (Service: AWSKMS; "), repr(reply)
        refused(wire.query(operation, form_of(operation, given)), status, code)


@case
def keys_that_fail_fail_what_needs_them(server, prefix):
    text = "".join(f"[[kms_key]]\nid = '{state}'\naliases = ['alias/{state}']\nstate = '{state}'\n" for state in STATES)
    with configured(text + "[[kms_key]]\nid = 'fine'\n") as wire:
        for state, (shape, code, status, words) in STATES.items():
            url = create(wire, state, KmsMasterKeyId="alias/" + state)  # AWS does not look at the key yet
            needs_the_key(wire, url, shape, code, status, words and words.format(key=KMS + "key/" + state))
            for operation in ("GetQueueAttributes", "PurgeQueue"):
                same(wire.json(operation, {"QueueUrl": url}).status, 200)
            refused(wire.json("SendMessage", {"QueueUrl": url}), 400, "MissingRequiredParameterException")
            refused(wire.json("SendMessage", {"QueueUrl": url + "-none", "MessageBody": "x"}), 400, "QueueDoesNotExist")
        url = create(wire, "missing", KmsMasterKeyId="alias/none")
        needs_the_key(wire, url, "KmsNotFound", "KMS.NotFoundException", 400, f"Alias {KMS}alias/none is not found.")
        for key in ("fine", KMS + "key/fine", "alias/aws/sqs", ""):
            same(wire.json("SetQueueAttributes", {"QueueUrl": url, "Attributes": {"KmsMasterKeyId": key}}).status, 200)
            send(wire, url)
            same(len(receive(wire, url)), 1)


@case
def without_keys_every_key_will_do(server, prefix):
    url = create(server, prefix, KmsMasterKeyId="alias/none")
    send(server, url)
    same(len(receive(server, url)), 1)


@case
def queues_with_a_key_may_demand_tls(server, prefix):
    with own_server("--kms-needs-tls", "--tls-self-signed") as careful:
        wire = Wire(careful.endpoint)
        plain, encrypted = create(wire, "plain"), create(wire, "encrypted", KmsMasterKeyId="alias/aws/sqs")
        send(wire, plain)
        text = "All requests to this queue must use HTTPS and SigV4."
        for operation in ("SendMessage", "ReceiveMessage", "GetQueueAttributes", "PurgeQueue", "DeleteQueue"):
            given = {"QueueUrl": encrypted, **({"MessageBody": "x"} if operation == "SendMessage" else {})}
            refused(wire.json(operation, given), 403, "InvalidSecurity", text)
            refused(wire.query(operation, given), 403, "InvalidSecurity", text)
        signed = Signer("any", "any")
        same(over_tls(wire, "SendMessage", {"QueueUrl": encrypted, "MessageBody": "x"})[0], 403, "not signed")
        same(over_tls(wire, "SendMessage", {"QueueUrl": encrypted, "MessageBody": "x"}, signed)[0], 200)
        same(over_tls(wire, "ReceiveMessage", {"QueueUrl": encrypted}, signed)[1]["Messages"][0]["Body"], "x")


@case
def a_call_that_makes_its_queue_counts_once(server, prefix):
    with own_server("--sqs-auto-create", "--call-limits", "*:SendMessage=1") as limited:
        wire = Wire(limited.endpoint)
        url = f"{limited.endpoint}/{ACCOUNT}/made"
        same(wire.json("SendMessage", {"QueueUrl": url, "MessageBody": "x"}).status, 200)


@case
def strict_addresses(server, prefix):
    with own_server("--strict") as strict:
        wire = Wire(strict.endpoint)
        url = create(wire, "q")
        text = f"The address {strict.endpoint}/ is not valid for this endpoint."
        for elsewhere in (f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/q", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q"):
            refused(wire.json("ReceiveMessage", {"QueueUrl": elsewhere}), 404, "InvalidAddress", text)
            refused(wire.query("ReceiveMessage", {"QueueUrl": elsewhere}), 404, "InvalidAddress", text)
        same(wire.json("GetQueueAttributes", {"QueueUrl": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/q"}).status, 200)
        same(wire.json("GetQueueAttributes", {"QueueUrl": url}).status, 200)


@case
def strict_regions(server, prefix):
    for settings in ((), ("--access-keys", "KEY:secret")):
        with own_server("--strict", *settings) as strict:
            same(Wire(strict.endpoint, Signer("KEY", "secret")).json("ListQueues", {}).status, 200)
            elsewhere = Wire(strict.endpoint, Signer("KEY", "secret", "eu-west-1"))
            text = "Credential should be scoped to a valid region, not 'eu-west-1'. "
            refused(elsewhere.json("ListQueues", {}), 403, "SignatureDoesNotMatch", text)
            refused(elsewhere.query("ListQueues"), 403, "SignatureDoesNotMatch", text)


@case
def strict_move_tasks(server, prefix):
    with own_server("--strict", "--durability", "memory") as strict:
        wire = Wire(strict.endpoint)
        names = [f"q{number}" for number in range(102)]  # each takes the dead letters of the one before
        arns = [f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}" for name in names]
        entries = [{"Id": str(n), "MessageBody": "x"} for n in range(10)]
        for name in names:
            url = create(wire, name)
            for _ in range(4):
                same(len(wire.json("SendMessageBatch", {"QueueUrl": url, "Entries": entries}).json()["Successful"]), 10)
        for source, target in zip(names, arns[1:]):
            policy = json.dumps({"deadLetterTargetArn": target, "maxReceiveCount": 1})
            same(wire.json("SetQueueAttributes", {"QueueUrl": source, "Attributes": {"RedrivePolicy": policy}}).status, 200)

        def begin(source):
            return wire.json("StartMessageMoveTask", {"SourceArn": source, "DestinationArn": arns[0],
                                                      "MaxNumberOfMessagesPerSecond": 1})
        handles = [begin(source).json()["TaskHandle"] for source in arns[1:101]]
        refused(begin(arns[101]), 403, "RequestThrottled")
        same(wire.json("CancelMessageMoveTask", {"TaskHandle": handles[0]}).status, 200)
        for _ in range(50):
            if begin(arns[101]).status == 200:
                return
            time.sleep(0.1)
        raise AssertionError("a task that ended makes no room")
