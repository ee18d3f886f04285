"""Starts the server under test on a free port with a data folder of its own, and ends it."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.request

READY_SECONDS = 60
STOP_SECONDS = 60


class Server:
    """One server process. Its log goes to `log_path`; `exit_code` is known after stop()."""

    def __init__(self, binary, log_path, arguments=(), variables=None):
        self.data = tempfile.mkdtemp(prefix="sluice-conformance-")
        self.log = open(log_path, "w", encoding="utf-8")
        self.exit_code = None
        self.binary, self.arguments = binary, ["--data", self.data, *arguments]
        self.environment = {**os.environ, **(variables or {})}
        self.start("127.0.0.1:0")

    def start(self, address):
        self.process = subprocess.Popen([self.binary, "serve", "--listen", address, *self.arguments], stdout=subprocess.PIPE,
                                        stderr=self.log, text=True, env=self.environment)
        self.endpoints = self.addresses_when_ready()
        self.endpoint = self.endpoints[0]

    def crash(self, pause_seconds=0):
        """kill -9; then the same server again, at the same address and with its data."""
        self.process.kill()
        self.process.wait()
        time.sleep(pause_seconds)
        self.start(self.endpoint.partition("//")[2])

    def addresses_when_ready(self):
        alarm = threading.Timer(READY_SECONDS, self.process.kill)
        alarm.start()
        try:
            for line in self.process.stdout:
                found = re.findall(r"http://[0-9.]+:[0-9]+", line)
                if found:
                    threading.Thread(target=self.drain, daemon=True).start()
                    return found
        finally:
            alarm.cancel()
        raise RuntimeError(f"the server did not say where it listens; see {self.log.name}")

    def drain(self):
        for line in self.process.stdout:
            self.log.write(line)

    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS:"))

    def status(self):
        with urllib.request.urlopen(f"{self.endpoint}/_sluice/status", timeout=30) as reply:
            return json.load(reply)

    def running(self):
        return self.process.poll() is None

    def stop(self):
        """Ends it as a service manager would. Returns the exit code; a server that does not end is killed."""
        if self.running():
            self.process.send_signal(signal.SIGTERM)
        try:
            self.exit_code = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.exit_code = self.process.wait()
        shutil.rmtree(self.data, ignore_errors=True)
        self.log.flush()
        return self.exit_code
