"""A small file system, filled to the brim: sends are refused with a clear error, receives and deletes are served, a kill
and a start on the full disk lose nothing, and once there is room again sends are taken without anybody's help.

Two ways to full: somebody else's file takes the room (and gives it back), and the queue's own messages do (and deletes
give it back).
"""

import contextlib
import os
import subprocess
import tempfile
import time

import client
from client import Client, drain

disk_mib = 400
body = "x" * 60_000
sends_max = 20_000
resumes_within_seconds = 60
kept_free_mib = 150  # left beside the stranger's file


@contextlib.contextmanager
def small_disk(directory):
    if os.geteuid() != 0:
        raise client.Skipped("mounting a small file system needs root")
    place = f"{directory}/disk"
    os.mkdir(place)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={disk_mib}m", "tmpfs", place],
                          stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise client.Skipped(f"mounting is not allowed here: {done.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=False)


def fill(link, url, kept):
    """Sends until refused; gives the refusal. What was acknowledged goes into `kept`: message id -> number."""
    for number in range(len(kept), sends_max):
        status, reply = link.call("SendMessage", QueueUrl=url, MessageBody=f"{number:08} {body}")
        if status != 200:
            return status, reply
        kept[reply["MessageId"]] = number
    raise AssertionError(f"{sends_max} messages of {len(body)} bytes fit on {disk_mib} MiB")


def check_refusal(status, reply):
    assert status >= 500, f"a full disk answers {status} {reply}: SDKs do not retry that"
    text = reply.get("message", "") + reply.get("Message", "")
    assert any(word in text.lower() for word in ("disk", "space", "full")), f"no clear error: {reply}"
    return text


def delete_some(link, url, kept, count):
    """Receives and deletes on a full disk."""
    done = 0
    while done < count:
        messages = link.ok("ReceiveMessage", QueueUrl=url, MaxNumberOfMessages=5, VisibilityTimeout=600)["Messages"]
        for message in messages:
            link.ok("DeleteMessage", QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            assert kept.pop(message["MessageId"], None) is not None, "a message came twice, or from nowhere"
            done += 1


def wait_until_taken(link, url, kept):
    began = time.monotonic()
    while time.monotonic() - began < resumes_within_seconds:
        status, reply = link.call("SendMessage", QueueUrl=url, MessageBody=f"{99999999} {body}")
        if status == 200:
            kept[reply["MessageId"]] = 99999999
            return time.monotonic() - began
        time.sleep(0.1)
    raise AssertionError(f"sends are still refused {resumes_within_seconds} s after there was room again: {reply}")


def check_nothing_lost(link, url, kept):
    there = {m["MessageId"]: m["Body"] for m in drain(link, url, 1)}
    lost, strange = kept.keys() - there.keys(), there.keys() - kept.keys()
    assert not lost, f"{len(lost)} of {len(kept)} acknowledged messages are lost"
    # A send that was refused in doubt may be there; one that was deleted may not (they were taken out of `kept`).
    assert len(strange) <= 2, f"{len(strange)} messages that were deleted or never acknowledged are there"
    wrong = [i for i, number in kept.items() if there[i] != f"{number:08} {body}"]
    assert not wrong, f"{len(wrong)} bodies changed"


def strangers_file(place):
    stranger = f"{place}/stranger"
    with tempfile.TemporaryDirectory(prefix="data-", dir=place) as data:
        server = client.start(f"{data}/data")
        try:
            link, kept = Client(server), {}
            url = link.create_queue("full")
            free = os.statvfs(place).f_bavail * os.statvfs(place).f_frsize >> 20
            with open(stranger, "wb") as file:
                for _ in range(max(0, free - kept_free_mib)):
                    file.write(bytes(1 << 20))
            status, reply = fill(link, url, kept)
            text = check_refusal(status, reply)
            print(f"  full after {len(kept)} messages: {status} {text}")
            delete_some(link, url, kept, 10)
            server.kill()
            server = client.start(f"{data}/data")
            link = Client(server)
            delete_some(link, url_on(link), kept, 10)
            url = url_on(link)
            os.remove(stranger)
            print(f"  taken again {wait_until_taken(link, url, kept):.1f} s after there was room")
            check_nothing_lost(link, url, kept)
        finally:
            server.kill()


def url_on(link):
    return link.ok("GetQueueUrl", QueueName="full")["QueueUrl"]


def own_messages(place):
    with tempfile.TemporaryDirectory(prefix="data-", dir=place) as data:
        server = client.start(f"{data}/data")
        try:
            link, kept = Client(server), {}
            url = link.create_queue("full")
            check_refusal(*fill(link, url, kept))
            full = len(kept)
            delete_some(link, url, kept, full * 3 // 4)
            seconds = wait_until_taken(link, url, kept)
            print(f"  full after {full} messages of its own, taken again {seconds:.1f} s after {full - len(kept) + 1}"
                  " deletes")
            server.kill()
            server = client.start(f"{data}/data")
            link = Client(server)
            check_nothing_lost(link, url_on(link), kept)
        finally:
            server.kill()


def test(_options):
    with tempfile.TemporaryDirectory(prefix="sluice-full-") as directory, small_disk(directory) as place:
        strangers_file(place)
        own_messages(place)
