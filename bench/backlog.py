"""Memory that a backlog does not move: millions of waiting messages in one queue, and the server's resident memory while
they come, wait and go; then, after kill -9, the time until a receive answers again.

Four lives of a backlog: `waiting` (sent, then received), `delayed` (sent with a delay, due all at once) and `returned`
(received once, not deleted, visible again), `ordered` (a FIFO queue with a million message groups).
"""

import argparse
import http.client
import json
import os
import signal
import subprocess
import threading
import time

import servers

lives = ("waiting", "delayed", "returned", "ordered")
resident_mib_max = 200
ordered_resident_mib_max = 300  # with the deduplication ids of five minutes
groups = 1_000_000
first_receive_seconds_max = 2
sample_seconds = 0.1


class Memory:
    """Samples a server's resident memory in the background; `peak` since the last `restart`."""

    def __init__(self, server):
        self.server, self.peak, self.going = server, 0.0, True
        self.thread = threading.Thread(target=self._sample, daemon=True)
        self.thread.start()

    def _sample(self):
        while self.going:
            try:
                self.peak = max(self.peak, self.server.resident_mib())
            except (OSError, TypeError):  # gone, or just going
                return
            time.sleep(sample_seconds)

    def restart(self):
        self.peak = self.server.resident_mib()

    def stop(self):
        self.going = False
        self.thread.join()


def call(address, operation, **members):
    connection = http.client.HTTPConnection(address, timeout=60)
    connection.request("POST", "/", json.dumps(members), {"Content-Type": "application/x-amz-json-1.0",
                                                          "X-Amz-Target": "AmazonSQS." + operation})
    reply = connection.getresponse()
    body = reply.read()
    connection.close()
    return reply.status, json.loads(body or b"{}")


def start(directory, arguments):
    command = [servers.binary, "serve", "--listen", "127.0.0.1:0", "--data", os.path.join(directory, "data"),
               "--durability", arguments.durability]
    return servers.Server("sluice", command, directory)


def load(server, work, arguments, count, *more):
    command = [servers.tool("bench_backlog"), "--server", server.address, "--do", work, "--count", str(count),
               "--connections", str(arguments.connections), "--deadline", str(arguments.deadline), *map(str, more)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if not done.stdout:
        raise SystemExit(f"the load failed: {' '.join(command)}\n{server.last_words()}")
    return json.loads(done.stdout)


def name_of(life):
    return "backlog.fifo" if life == "ordered" else "backlog"


class Report:
    def __init__(self, life):
        self.life, self.missed = life, []
        self.most = ordered_resident_mib_max if life == "ordered" else resident_mib_max

    def line(self, phase, memory, result=None, note=""):
        text = f"{self.life:9} {phase:9} {memory.peak:8.1f} MiB resident at most"
        if result:
            rate = result["messages"] / max(result["seconds"], 0.001)
            text += (f"  {result['messages']:>9} messages {rate:>8.0f}/s  out of order {result['out_of_order']}"
                     f"  again {result['twice']}  slow downs {result['slow_downs']}")
            self.judge(result["whole"], f"{phase}: only {result['distinct']} messages")
        print(text + ("  " + note if note else ""), flush=True)
        self.judge(memory.peak <= self.most, f"{phase}: over {self.most} MiB")
        memory.restart()

    def judge(self, met, what):
        if not met:
            self.missed.append(what)


def crash(life, server, directory, arguments, report):
    """kill -9, start again; how long until a receive answers: with a message, where one is due."""
    server.stop(signal.SIGKILL)
    killed = time.monotonic()
    server = start(directory, arguments)
    ready = time.monotonic() - killed
    memory = Memory(server)
    url = call(server.address, "GetQueueUrl", QueueName=name_of(life))[1]["QueueUrl"]
    empty = 0
    while not call(server.address, "ReceiveMessage", QueueUrl=url, VisibilityTimeout=0)[1].get("Messages"):
        empty += 1
        if life == "delayed":
            break
    seconds = time.monotonic() - killed
    report.line("kill -9", memory, note=f"ready after {ready:.2f} s, first receive after {seconds:.2f} s"
                                        f" ({empty} empty{', as nothing is due' if life == 'delayed' else ''})")
    report.judge(seconds < first_receive_seconds_max, f"first receive after {seconds:.1f} s")
    return server, memory


def run_life(life, directory, arguments):
    report = Report(life)
    server = start(directory, arguments)
    memory = Memory(server)
    count = arguments.count
    try:
        memory.restart()
        report.line("empty", memory)
        delay = arguments.delay if life == "delayed" else 0
        began = time.monotonic()
        ordered = ("--groups", groups) if life == "ordered" else ()
        report.line("fill", memory, load(server, "fill", arguments, count, "--delay", delay, *ordered))
        if life == "returned":
            report.line("bounce", memory, load(server, "bounce", arguments, count, "--visibility", 1))
        time.sleep(arguments.wait)
        report.line("wait", memory)
        memory.stop()
        server, memory = crash(life, server, directory, arguments, report)
        if life == "delayed":
            time.sleep(max(0.0, delay - (time.monotonic() - began)))
            report.line("all due", memory)
        if life == "returned":
            time.sleep(1.5)
        report.line("drain", memory, load(server, "drain", arguments, count, *ordered))
    finally:
        memory.stop()
        server.stop()
    return report.missed


def main(words):
    parser = argparse.ArgumentParser(prog="bench/run backlog", description=__doc__)
    parser.add_argument("--count", type=int, default=5_000_000)
    parser.add_argument("--life", action="append", choices=lives)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--wait", type=float, default=3, help="seconds the full queue is watched")
    parser.add_argument("--delay", type=int, default=0, help="seconds of delay; 0: enough for the fill")
    parser.add_argument("--deadline", type=int, default=900, help="seconds for each phase")
    parser.add_argument("--durability", default="disk", choices=("disk", "os", "memory"))
    arguments = parser.parse_args(words)
    arguments.delay = arguments.delay or min(900, 20 + arguments.count // 40_000)
    servers.build_targets("bench_backlog")
    missed = []
    for life in arguments.life or lives:
        directory = servers.scratch("backlog")
        try:
            missed += [f"{life}: {what}" for what in run_life(life, directory, arguments)]
        finally:
            servers.remove(directory)
    print(f"targets: at most {resident_mib_max} MiB ({ordered_resident_mib_max} ordered), first receive in under {first_receive_seconds_max} s: "
          + ("met" if not missed else "MISSED: " + "; ".join(missed)))
    return 1 if missed else 0
