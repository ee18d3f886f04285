"""A short load on many connections: `tests/load/run.py SERVER [SECONDS]`.

Made for a server built with ThreadSanitizer (`./dev test load`), where it fails on any report; with any server it fails
when a message is lost, an answer is not what was asked, or SIGTERM does not end it cleanly. Bounded: THREADS
connections, SECONDS, loopback. Closes with `N passed, N failed`.
"""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

THREADS = 8
QUEUES = 4
BODY_BYTES = 256
START_SECONDS_MAX = 30
STOP_SECONDS_MAX = 60
REPORT = "WARNING: ThreadSanitizer"
# An open server takes any credentials, but wants some.
AUTHORIZATION = ("AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/sqs/aws4_request, "
                 "SignedHeaders=host, Signature=" + "0" * 64)


class Client:
    """One connection, kept alive; opened anew every so often, so that accept and close are part of the load."""

    def __init__(self, port):
        self.port, self.calls, self.connection = port, 0, None

    def call(self, operation, **request):
        if self.calls % 50 == 0:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        self.calls += 1
        self.connection.request("POST", "/", json.dumps(request), {
            "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"AmazonSQS.{operation}",
            "X-Amz-Date": "20260101T000000Z", "Authorization": AUTHORIZATION})
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise AssertionError(f"{operation}: {answer.status} {text[:200]}")
        return json.loads(text or b"{}")


class Load:
    """Sends, receives and deletes until told to stop; keeps which bodies are in the queues."""

    def __init__(self, port, urls):
        self.port, self.urls = port, urls
        self.sent, self.deleted, self.wrong = set(), set(), []
        self.over = threading.Event()

    def worker(self, number):
        client, count = Client(self.port), 0
        try:
            while not self.over.is_set():
                url = self.urls[(number + count) % len(self.urls)]
                bodies = [f"{number}-{count}-{i}".ljust(BODY_BYTES, ".") for i in range(11)]
                client.call("SendMessage", QueueUrl=url, MessageBody=bodies[10])
                entries = [{"Id": str(i), "MessageBody": body} for i, body in enumerate(bodies[:10])]
                if client.call("SendMessageBatch", QueueUrl=url, Entries=entries).get("Failed"):
                    raise AssertionError("an entry of a batch was refused")
                self.sent.update(bodies)
                self.take(client, url, 0)
                client.call("GetQueueAttributes", QueueUrl=url, AttributeNames=["All"])
                count += 1
        except Exception as error:  # any end of a worker is a finding
            self.wrong.append(f"worker {number}: {error!r}")

    def poller(self, url):
        """A long poll takes part, so that a send on one core wakes a receive on another."""
        client = Client(self.port)
        try:
            while not self.over.is_set():
                self.take(client, url, 1)
        except Exception as error:
            self.wrong.append(f"poller: {error!r}")

    def take(self, client, url, wait_seconds):
        messages = client.call("ReceiveMessage", QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=wait_seconds,
                               VisibilityTimeout=600).get("Messages", [])
        if messages:
            client.call("ChangeMessageVisibility", QueueUrl=url, ReceiptHandle=messages[0]["ReceiptHandle"],
                        VisibilityTimeout=300)
            entries = [{"Id": str(i), "ReceiptHandle": message["ReceiptHandle"]} for i, message in enumerate(messages)]
            if client.call("DeleteMessageBatch", QueueUrl=url, Entries=entries).get("Failed"):
                raise AssertionError("a message just received cannot be deleted")
            self.deleted.update(message["Body"] for message in messages)
        return len(messages)

    def run(self, seconds):
        threads = [threading.Thread(target=self.worker, args=(number,)) for number in range(THREADS)]
        threads += [threading.Thread(target=self.poller, args=(url,)) for url in self.urls]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        self.over.set()
        for thread in threads:
            thread.join()
        client = Client(self.port)
        for url in self.urls:
            while self.take(client, url, 0) or self.take(client, url, 1):
                pass


def started(process):
    """The port of the ready line."""
    timer = threading.Timer(START_SECONDS_MAX, process.kill)
    timer.start()
    for line in process.stdout:
        ready = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        if ready:
            timer.cancel()
            return int(ready.group(1))
    raise SystemExit("the server did not start\n0 passed, 1 failed")


def main(server, seconds="15"):
    checks = {}
    with tempfile.TemporaryDirectory() as data:
        errors = open(os.path.join(data, "errors"), "w+", encoding="utf-8", errors="replace")
        process = subprocess.Popen([server, "serve", "--listen", "127.0.0.1:0", "--data", os.path.join(data, "log")],
                                   stdout=subprocess.PIPE, stderr=errors, stdin=subprocess.DEVNULL, text=True)
        try:
            client = Client(started(process))
            urls = [client.call("CreateQueue", QueueName=f"load-{number}")["QueueUrl"] for number in range(QUEUES)]
            load = Load(client.port, urls)
            load.run(float(seconds))
            process.send_signal(signal.SIGTERM)
            checks["every answer is what was asked"] = load.wrong
            checks["no message is lost"] = sorted(load.sent - load.deleted)[:10] or ([] if load.sent else ["none sent"])
            status = process.wait(STOP_SECONDS_MAX)
            checks["SIGTERM ends it with 0"] = [] if status == 0 else [f"exit code {status}"]
        except subprocess.TimeoutExpired:
            checks["SIGTERM ends it with 0"] = [f"still there after {STOP_SECONDS_MAX} s"]
        finally:
            process.kill()
            process.wait()
        errors.seek(0)
        text = errors.read()
        checks["no report of a sanitizer"] = [text[text.index(REPORT):][:6000]] if REPORT in text else []
    for claim, findings in checks.items():
        print("not ok" if findings else "ok", claim, *findings, sep="\n  " if findings else " ")
    print(f"{len(load.sent)} messages in {seconds} s")
    failed = sum(bool(findings) for findings in checks.values())
    print(f"{len(checks) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
