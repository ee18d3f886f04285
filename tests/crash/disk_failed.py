"""A disk that fails a flush (strace makes the call fail): the log is final. Everything, receives included, is answered with
an error that SDKs retry; /health says 503, so that whoever watches starts the server anew; and then every message that
was acknowledged is there, and it is healthy."""

import http.client
import subprocess
import tempfile

import client
from client import Client, drain

flushes_before = 30
sends_max = 2_000


def page(server, path):
    link = http.client.HTTPConnection(*server.address, timeout=client.reply_seconds_max)
    try:
        link.request("GET", path)
        reply = link.getresponse()
        return reply.status, reply.read().decode()
    finally:
        link.close()


def health_word(server):
    """The exit code of `sluice health`."""
    url = f"http://{server.address[0]}:{server.address[1]}"
    return subprocess.run([client.binary(), "health", url], stderr=subprocess.DEVNULL, check=False).returncode


def check_condition(server, healthy):
    status = 200 if healthy else 503
    for path in ("/health", "/_sluice/health", "/ready"):
        found = page(server, path)
        assert found[0] == status, f"{path} answers {found}, expected {status}"
    assert (health_word(server) == 0) == healthy, f"`sluice health` exits with {health_word(server)}"


def send_until_refused(link, url, kept):
    for number in range(sends_max):
        status, reply = link.call("SendMessage", QueueUrl=url, MessageBody=f"message {number}")
        if status != 200:
            return status, reply
        kept[reply["MessageId"]] = f"message {number}"
    raise AssertionError(f"{sends_max} sends were taken by a disk that fails after {flushes_before} flushes")


def check_final(link, url):
    for operation, members in (("SendMessage", {"MessageBody": "more"}), ("ReceiveMessage", {}), ("PurgeQueue", {}),
                               ("GetQueueAttributes", {"AttributeNames": ["All"]})):
        status, reply = link.call(operation, QueueUrl=url, **members)
        assert status >= 500, f"{operation} on a failed log answers {status} {reply}"


def test(_options):
    client.need_strace()
    with tempfile.TemporaryDirectory(prefix="sluice-failed-") as directory:
        data, kept = f"{directory}/data", {}
        fails = f"inject=fdatasync:error=EIO:when={flushes_before}+"
        server = client.start(data, wrapper=["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync", "-e", fails])
        try:
            link = Client(server)
            url = link.create_queue("failed")
            check_condition(server, healthy=True)
            status, reply = send_until_refused(link, url, kept)
            assert status >= 500, f"a failed flush answers {status} {reply}: SDKs do not retry that"
            check_final(Client(server), url)
            check_condition(server, healthy=False)
            print(f"  after {len(kept)} messages: {status} {reply.get('message', '')}")
        finally:
            server.kill()
        server = client.start(data)
        try:
            check_condition(server, healthy=True)
            there = {m["MessageId"]: m["Body"] for m in drain(Client(server), url, 1)}
            lost = {number: text for number, text in kept.items() if there.get(number) != text}
            assert not lost, f"{len(lost)} of {len(kept)} acknowledged messages are lost"
        finally:
            server.kill()
