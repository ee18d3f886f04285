"""The end of the log, cut or flipped at many of its bytes, on a real data directory.

A server takes messages one at a time, each acknowledged, hence flushed, before the next: so each has records of its own,
and their places are known. Then kill -9, and on copies of the directory, for sampled bytes p of the last records:
- *cut*: all from p on is zeros (or the file ends there), as if these writes had not happened: the server must start, with
  every message whose records end before p, and none damaged. It then takes a message and keeps it over another kill.
- *flip*: one byte changes. In the last record that is a torn tail: as above. Before it, a later record says that this
  place was flushed, so it is damage: the start must be refused, naming the file and an offset in the broken record.

Records are walked as docs/formats/journal.md has it.
"""

import os
import random
import re
import struct
import subprocess
import tempfile
import time

import client
from client import Client, drain

segment_magic, record_magic = b"SLG1", b"SLR1"
records_at = 4096
header = struct.Struct("<4sIIIQQIIHBBIQQ")
messages = 40
records_sampled = 8
room_seconds_max = 10
points = 75  # cut, and as many flipped


class Record:
    def __init__(self, at, fields):
        self.at, self.payload_bytes, self.flushed_offset = at, fields[3], fields[13]
        self.end = at + header.size + (self.payload_bytes + 7) // 8 * 8


def records_from(file, at):
    """The records that follow one another from `at` on."""
    found = []
    while True:
        file.seek(at)
        head = file.read(header.size)
        if len(head) < header.size or head[:4] != record_magic:
            return found
        found.append(Record(at, header.unpack(head)))
        at = found[-1].end


def newest_segment(data):
    """The one segment of records that holds any; the log of this test fits into its first."""
    found = []
    for folder, _, names in os.walk(data):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                if file.read(4) == segment_magic and records_from(file, records_at):
                    found.append(path)
    assert found, f"no segment with records below {data}"
    return max(found, key=os.path.getmtime)


def write_log(data):
    """(segment's name below data, [(body, end of the log when it was acknowledged)])"""
    server = client.start(data)
    try:
        link = Client(server)
        url = link.create_queue("torn")
        segment = newest_segment(data)
        sent, at = [], records_at
        with open(segment, "rb", buffering=0) as file:  # nothing remembered: it grows
            for number in range(messages):
                body = f"{number} " + "ab" * random.randrange(5, 60)
                link.ok("SendMessage", QueueUrl=url, MessageBody=body)
                at = max((r.end for r in records_from(file, at)), default=at)
                sent.append((body, at))
    finally:
        server.kill()
    return os.path.relpath(segment, data), sent


def copy(data, to):
    subprocess.run(["cp", "-r", "--sparse=always", data, to], check=True)


def queue_url(link):
    """A start may first have to make room again where the file was cut short: 503 until then, and clients retry."""
    deadline = time.monotonic() + room_seconds_max
    while True:
        status, reply = link.call("GetQueueUrl", QueueName="torn")
        if status == 200:
            return reply["QueueUrl"]
        assert status == 503 and time.monotonic() < deadline, f"GetQueueUrl answers {status} {reply}"
        time.sleep(0.01)


def start_and_take(data):
    """The bodies a server on this directory gives, after it showed that it can keep a new message over a kill."""
    server = client.start(data)
    try:
        link = Client(server)
        url = queue_url(link)
        bodies = [m["Body"] for m in drain(link, url)]
        link.ok("SendMessage", QueueUrl=url, MessageBody="after")
    finally:
        server.kill()
    return bodies


def check_there(data, sent, from_place, what, again):
    bodies = start_and_take(data)
    missing = [b for b, end in sent if end <= from_place and b not in bodies]
    assert not missing, f"{what}: {len(missing)} messages that were flushed before it are lost"
    assert len(bodies) == len(set(bodies)) and set(bodies) <= {b for b, _ in sent}, f"{what}: damaged messages came out"
    if again:
        server = client.start(data)
        try:
            link = Client(server)
            url = queue_url(link)
            after = [m["Body"] for m in drain(link, url)]
        finally:
            server.kill()
        assert "after" in after, f"{what}: a message acknowledged after the repair was lost by the next kill"


def check_refused(data, name, record, what):
    try:
        client.start(data).kill()
    except client.DidNotStart as refusal:
        text = str(refusal)
        assert os.path.basename(name) in text, f"{what}: the refusal does not name the file: {text[-300:]}"
        places = [int(n) for n in re.findall(r"\b\d+\b", text.split(os.path.basename(name), 1)[1])]
        assert any(record.at <= place < record.end for place in places), \
            f"{what}: the refusal does not name an offset in {record.at}..{record.end}: {text[-300:]}"
        return
    raise AssertionError(f"{what}: damage in a place known to be flushed, and the server started over it")


def damage(path, at, how):
    size = os.path.getsize(path)
    with open(path, "r+b") as file:
        if how == "flip":
            file.seek(at)
            byte = file.read(1)[0]
            file.seek(at)
            file.write(bytes([byte ^ (1 << random.randrange(8))]))
            return
        file.truncate(at)
        if how == "cut to zeros":
            file.truncate(size)


def sample(first, last, count):
    """About `count` of the bytes first..last, both ends and an even spread, each time other ones."""
    step = max(1, (last - first) // count)
    return sorted({first, last, *(min(last, p + random.randrange(step)) for p in range(first, last + 1, step))})


def test(options):
    seed = options.seed if options.seed is not None else random.randrange(1 << 32)
    random.seed(seed)
    with tempfile.TemporaryDirectory(prefix="sluice-torn-") as directory:
        name, sent = write_log(f"{directory}/data")
        copy(f"{directory}/data", f"{directory}/golden")
        with open(f"{directory}/golden/{name}", "rb") as file:
            records = records_from(file, records_at)
        tail = records[-records_sampled:]
        done = {"cut to zeros": 0, "cut short": 0, "flip": 0}
        refused = 0
        for number, (how, at) in enumerate(plan(tail)):
            what = f"seed {seed}, {how} at byte {at} of {name}"
            trial = f"{directory}/trial"
            copy(f"{directory}/golden", trial)
            damage(f"{trial}/{name}", at, how)
            record = next(r for r in tail if r.at <= at < r.end)
            known_flushed = how == "flip" and any(r.flushed_offset > at for r in records if r.at > at)
            if known_flushed:
                check_refused(trial, name, record, what)
                refused += 1
            else:
                check_there(trial, sent, record.at, what, again=number % 10 == 0)
            done[how] += 1
            subprocess.run(["rm", "-rf", trial, f"{trial}.log"], check=True)
        print(f"  seed {seed}: {done}, {refused} refused as damage, {len(tail)} records of {name}")


def plan(tail):
    first, last = tail[0].at, tail[-1].end - 1
    for number, at in enumerate(sample(first, last, points)):
        yield ("cut to zeros", "cut short")[number % 2], at
    for at in sample(first, last, points):
        yield "flip", at
