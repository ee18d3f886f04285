"""A server under test and a small, quick SQS client: unsigned AWS JSON over one keep-alive connection."""

import ctypes
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time

root = pathlib.Path(__file__).resolve().parent.parent.parent
ready_seconds_max = 30
reply_seconds_max = 30
stop_seconds_max = 30


def binary():
    return os.environ.get("SLUICE_BINARY", str(root / "build" / "sluice"))


def die_with_parent():
    """A test that is itself ended leaves no server behind (PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Skipped(Exception):
    """Raised by a test that cannot run here; the text says why."""


def need_strace():
    if not shutil.which("strace"):
        raise Skipped("strace is missing")
    if subprocess.run(["strace", "-o", "/dev/null", "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        raise Skipped("tracing is not allowed here")


class Gone(Exception):
    """The server closed the connection or cannot be reached: what was under way has an unknown outcome."""


class DidNotStart(Exception):
    """The server ended instead of becoming ready; the text is what it wrote to stderr."""


class Server:
    """One process on a data directory. `wrapper` stands before the command (a tracer, say)."""

    def __init__(self, data, more=(), wrapper=(), command=None, log=None):
        self.data = str(data)
        self.wrapped = bool(wrapper)
        self.log = log or self.data.rstrip("/") + ".log"
        command = command or [binary(), "serve", "--listen", "127.0.0.1:0", "--data", self.data]
        with open(self.log, "ab") as log_file:
            self.log_began = log_file.tell()
            self.process = subprocess.Popen([*wrapper, *command, *more], stdout=subprocess.PIPE, stderr=log_file,
                                            preexec_fn=die_with_parent)

    def wait_ready(self):
        line = self.process.stdout.readline().decode()
        found = re.search(r"http://([0-9.]+):([0-9]+)", line)
        if not found:
            self.process.wait(stop_seconds_max)
            with open(self.log, "rb") as log_file:
                log_file.seek(self.log_began)
                raise DidNotStart(line + log_file.read().decode(errors="replace"))
        self.address = (found[1], int(found[2]))
        return self

    def kill(self):
        if self.process.poll() is None:
            os.kill(self._pid(), signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def _pid(self):
        """The server's own: below a wrapper it is the child."""
        if not self.wrapped:
            return self.process.pid
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as children:
            return int(children.read().split()[0])

    def stop(self):
        """Asks politely; gives the exit code, or None when the server had to be killed."""
        os.kill(self._pid(), signal.SIGTERM)
        try:
            code = self.process.wait(stop_seconds_max)
        except subprocess.TimeoutExpired:
            self.kill()
            return None
        self.process.stdout.close()
        return code


def start(data, more=(), wrapper=()):
    return Server(data, more, wrapper).wait_ready()


class Client:
    """One connection; opened at the first call and again after `Gone`."""

    def __init__(self, server):
        self.server, self.socket, self.rest = server, None, b""

    def close(self):
        if self.socket:
            self.socket.close()
        self.socket, self.rest = None, b""

    def call(self, operation, **members):
        """(status, reply as a dict). Raises Gone when no whole reply came."""
        body = json.dumps(members).encode()
        head = (f"POST / HTTP/1.1\r\nHost: {self.server.address[0]}:{self.server.address[1]}\r\n"
                f"Content-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AmazonSQS.{operation}\r\n"
                f"Content-Length: {len(body)}\r\n\r\n").encode()
        try:
            if not self.socket:
                self.socket = socket.create_connection(self.server.address, reply_seconds_max)
                self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.socket.sendall(head + body)
            return self._reply()
        except OSError as error:
            self.close()
            raise Gone(str(error)) from error

    def _more(self):
        got = self.socket.recv(1 << 18)
        if not got:
            raise ConnectionResetError("closed by the server")
        return got

    def _reply(self):
        data = self.rest
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more()
        head = data[:end].lower()
        found = re.search(rb"content-length: *(\d+)", head)
        whole = end + 4 + (int(found[1]) if found else 0)
        while len(data) < whole:
            data += self._more()
        self.rest = data[whole:]
        if b"connection: close" in head:
            self.close()
        return int(head[9:12]), json.loads(data[end + 4:whole] or b"{}")

    def ok(self, operation, **members):
        """The reply of a call that must succeed."""
        status, reply = self.call(operation, **members)
        if status != 200:
            raise AssertionError(f"{operation} answers {status} {reply}")
        return reply

    def create_queue(self, name, **attributes):
        return self.ok("CreateQueue", QueueName=name, Attributes={k: str(v) for k, v in attributes.items()})["QueueUrl"]


def drain(client, url, idle_seconds=0.0, visibility_seconds=600):
    """Receives until nothing comes for `idle_seconds`, deletes nothing: a list of the messages."""
    messages, last = [], time.monotonic()
    while True:
        reply = client.ok("ReceiveMessage", QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=visibility_seconds,
                          WaitTimeSeconds=1 if idle_seconds else 0, AttributeNames=["All"],
                          MessageAttributeNames=["All"])
        batch = reply.get("Messages", [])
        messages += batch
        if batch:
            last = time.monotonic()
        elif time.monotonic() - last >= idle_seconds:
            return messages
