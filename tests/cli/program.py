"""The program under test: servers it runs as, and single words."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from harness.server import Server

WORD_SECONDS = 60


class Done:
    """What a word left: its exit code and what it printed."""

    def __init__(self, process):
        self.code, self.out, self.err = process.returncode, process.stdout, process.stderr

    def lines(self):
        return self.out.splitlines()


class Program:
    def __init__(self, binary):
        self.binary = binary
        self.folder = Path(tempfile.mkdtemp(prefix="sluice-cli-"))
        self.servers = []

    def serve(self, *arguments, variables=None):
        """A server with a data folder of its own; the words that follow ask the last one."""
        server = Server(self.binary, self.folder / f"server-{len(self.servers)}.log", arguments, variables)
        self.servers.append(server)
        return server

    def file(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def run(self, *words, stdin="", variables=None):
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "SLUICE_"))}
        if self.servers:
            environment["SLUICE_ENDPOINT"] = self.servers[-1].endpoint
        return Done(subprocess.run([self.binary, *words], input=stdin, capture_output=True, text=True, check=False,
                                   timeout=WORD_SECONDS, env={**environment, **(variables or {})}, cwd=self.folder))

    def well(self, *words, **options):
        """The same, for what must go well."""
        done = self.run(*words, **options)
        assert done.code == 0, f"{' '.join(words)}: exit code {done.code}: {done.err}"
        return done

    def log(self):
        return Path(self.servers[-1].log.name).read_text(encoding="utf-8")

    def close(self):
        for server in self.servers:
            server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
