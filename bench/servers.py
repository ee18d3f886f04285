"""The servers a load is put on: started on a free loopback port, stopped by their own process id."""

import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

root = pathlib.Path(__file__).resolve().parent.parent
build = pathlib.Path(os.environ.get("SLUICE_BUILD", root / "build"))
binary = pathlib.Path(os.environ.get("SLUICE_BINARY", build / "sluice"))
keys = "AKIDBENCH:benchsecretbenchsecretbenchsecret"
ready_seconds_max = 120


def build_targets(*targets):
    """Builds load generators; the server itself is the caller's business (`./dev build`)."""
    if not (build / "CMakeCache.txt").exists():
        configure = ["cmake", "-S", root, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=RelWithDebInfo"]
        subprocess.run(configure, check=True, stdout=subprocess.DEVNULL)
    done = subprocess.run(["cmake", "--build", build, "--target", *targets], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise SystemExit(done.stdout[-4000:])


def tool(name):
    return str(build / "bench" / name)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """A running server: `address` is HOST:PORT, `keys` what its clients sign with (empty: nothing), `protocol` what they
    speak."""

    def __init__(self, name, command, directory, keys_used="", log=None, address=None, protocol="json"):
        self.name, self.keys, self.directory, self.protocol = name, keys_used, directory, protocol
        self.log = open(log or os.path.join(directory, "log"), "ab")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE if address is None else self.log,
                                        stderr=self.log, cwd=directory)
        self.pid = self.process.pid
        self.address = address or self._announced()

    def _announced(self):
        line = self.process.stdout.readline().decode()
        found = re.search(r"http://([0-9.]+:[0-9]+)", line)
        if not found:
            raise SystemExit(f"{self.name} did not start: {line!r}; see {self.log.name}")
        return found[1]

    def resident_mib(self):
        with open(f"/proc/{self.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1]) / 1024

    def last_words(self):
        """For a report: how it ended, if it did, and the end of its log."""
        with open(self.log.name, "rb") as log:
            end = log.read()[-2000:].decode(errors="replace")
        return f"{self.name}: {'exit code ' + str(code) if (code := self.process.poll()) is not None else 'runs'}\n{end}"

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()


def scratch(name):
    """A fresh directory on the disk that is measured; `remove` it when done."""
    return tempfile.mkdtemp(prefix=f"bench-{name}-", dir=os.environ.get("SLUICE_BENCH_DIRECTORY", build))


def remove(directory):
    shutil.rmtree(directory, ignore_errors=True)


def start_sluice(directory, *more):
    if not binary.exists():
        raise SystemExit(f"{binary} is missing: run ./dev build")
    command = [binary, "serve", "--listen", "127.0.0.1:0", "--data", os.path.join(directory, "data"),
               "--access-keys", keys, *more]
    return Server("sluice", command, directory, keys)


def start_floor(directory):
    return Server("floor", [tool("bench_floor"), os.path.join(directory, "data"), keys], directory, keys)


def fetch_elasticmq():
    jars = build / "bench" / "elasticmq"
    if not jars.is_dir() or not any(jars.glob("elasticmq-server*.jar")):
        command = ["mvn", "-q", "-B", "-f", root / "bench" / "peers" / "pom.xml", "dependency:copy-dependencies",
                   f"-DoutputDirectory={jars}"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return jars


def start_elasticmq(directory):
    """ElasticMQ keeps its queues in memory here, its default. None when Java or Maven is missing."""
    if not shutil.which("java") or not shutil.which("mvn"):
        return None
    jars = fetch_elasticmq()
    port = free_port()
    config = os.path.join(directory, "elasticmq.conf")
    with open(config, "w") as file:
        file.write('include classpath("application.conf")\n'
                   f"node-address {{ protocol = http, host = localhost, port = {port}, context-path = \"\" }}\n"
                   f'rest-sqs {{ enabled = true, bind-port = {port}, bind-hostname = "127.0.0.1" }}\n'
                   "rest-stats { enabled = false }\n")
    command = ["java", "-Xmx4g", f"-Dconfig.file={config}", "-cp", f"{jars}/*", "org.elasticmq.server.Main"]
    server = Server("ElasticMQ", command, directory, "", address=f"127.0.0.1:{port}")
    deadline = time.monotonic() + ready_seconds_max
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"http://{server.address}/?Action=ListQueues", timeout=2).read()
            return server
        except OSError:
            time.sleep(0.2)
    server.stop()
    raise SystemExit(f"ElasticMQ did not start; see {server.log.name}")


def start_goaws(directory):
    """GoAWS keeps its queues in memory; the newest that can be had as a module speaks Query alone. None without Go."""
    if not shutil.which("go"):
        return None
    program = build / "bench" / "goaws"
    subprocess.run(["go", "build", "-o", program, "."], check=True, cwd=root / "bench" / "peers" / "goaws")
    return Server("GoAWS", [program], directory, protocol="query")
