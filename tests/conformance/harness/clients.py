"""The clients: how each is installed under build/conformance, and the command that plays a program of cases."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
INSTALL_SECONDS = 900
INSTALLING = threading.Lock()


class Unavailable(Exception):
    """This client cannot run here; the text says what is missing."""


def install(command, what, **options):
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=INSTALL_SECONDS,
                              stdin=subprocess.DEVNULL, **options)
    except FileNotFoundError:
        raise Unavailable(f"{command[0]} is not installed") from None
    except subprocess.TimeoutExpired:
        raise Unavailable(f"{what}: took too long to install") from None
    if done.returncode:
        told = [line.strip() for line in done.stdout.splitlines() if re.search("error:|ERROR.*/|ERR!", line)] or [done.stdout.strip()[-300:]]
        raise Unavailable(f"`{' '.join(map(str, command))}` failed: {told[0][:300]}")


def once(folder, sources, make):
    """Runs `make` unless `folder` was made from these very source files before."""
    digest = hashlib.sha256(b"\0".join(Path(source).read_bytes() for source in sources)).hexdigest()
    stamp = folder / "made-from"
    if not stamp.exists() or stamp.read_text() != digest:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        make()
        stamp.write_text(digest)


def venv(build, name):
    requirements = HERE / "clients/python" / f"requirements-{name}.txt"
    folder = build / name

    def make():
        python = "/usr/bin/python3" if os.access("/usr/bin/python3", os.X_OK) else sys.executable
        install([python, "-m", "venv", folder], name)
        install([folder / "bin/pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements], name)
    once(folder, [requirements], make)
    return folder / "bin"


def debian(package, works):
    """Needs a Debian package: installs it when root, else says which."""
    if works():
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Unavailable(f"Debian package missing: apt-get install {package}")
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    install(["apt-get", "update", "-qq"], package)
    install(["apt-get", "install", "-y", "-qq", "--no-install-recommends", package], package, env=environment)
    if not works():
        raise Unavailable(f"Debian package {package} does not work here")


def runs(*command):
    try:
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def boto3(build):
    return [venv(build, "boto3") / "python", HERE / "clients/python/boto3_client.py"]


def boto3_query(build):
    debian("python3-boto3", lambda: runs("/usr/bin/python3", "-c", "import boto3; assert boto3.__version__ < '1.28'"))
    return ["/usr/bin/python3", HERE / "clients/python/boto3_client.py"]


def aws_cli_1(build):
    return [sys.executable, HERE / "clients/python/aws_cli.py", venv(build, "awscli") / "aws"]


def aws_cli_2(build):
    debian("awscli", lambda: runs("/usr/bin/aws", "--version"))
    return [sys.executable, HERE / "clients/python/aws_cli.py", "/usr/bin/aws"]


def go(build):
    folder, source = build / "go", HERE / "clients/go"
    once(folder, sorted(source.iterdir()), lambda: install(["go", "build", "-o", folder / "player", "."], "go", cwd=source))
    return [folder / "player"]


def javascript(build):
    folder, source = build / "javascript", HERE / "clients/javascript"

    def make():
        for file in source.iterdir():
            shutil.copy(file, folder)
        install(["npm", "install", "--silent", "--no-audit", "--no-fund", "--no-package-lock"], "javascript", cwd=folder)
    with INSTALLING:  # both generations live in one folder
        once(folder, sorted(source.iterdir()), make)
    return ["node", folder / "player.mjs", "sdk3"]


def javascript_2(build):
    return [*javascript(build)[:-1], "sdk2"]


def maven(folder, source, description, what):
    files = sorted(file for file in source.rglob("*") if file.is_file())
    once(folder, files, lambda: install(
        ["mvn", "-q", "-B", "-f", source / description, f"-Dbuild.folder={folder}", "package"], what))
    return ["java", "-XX:TieredStopAtLevel=1", "-cp", f"{folder}/classes:{folder}/libraries/*"]


def java(build):
    return [*maven(build / "java", HERE / "clients/java", "pom.xml", "java"), "Player", "SdkV2"]


def java_1(build):
    return [*maven(build / "java-1", HERE / "clients/java", "pom-1.xml", "java-1"), "Player", "SdkV1"]


def bridged(protocol, *command):
    return [sys.executable, HERE / "clients/python/bridge.py", protocol, *command]


def php(build):
    debian("php-cli", lambda: runs("php", "--version"))
    debian("php-async-aws-sqs", lambda: runs("php", "-r", "exit((include 'AsyncAws/Sqs/autoload.php') ? 0 : 1);"))
    return bridged("query", "php", HERE / "clients/php/client.php")


def ruby(build):
    debian("ruby-aws-sdk-core", lambda: runs("ruby", "-W0", "-e", "require 'aws-sdk-core'"))
    return bridged("json", "ruby", "-W0", HERE / "clients/ruby/core.rb")


def ruby_1(build):
    debian("ruby-aws-sdk", lambda: runs("ruby", "-W0", "-e", "require 'aws/sqs'"))
    return bridged("query", "ruby", "-W0", HERE / "clients/ruby/sdk1.rb")


def rust(build):
    folder, source = build / "rust", HERE / "clients/rust"

    def make():
        shutil.copytree(source, folder, dirs_exist_ok=True)
        install(["cargo", "build", "--quiet", "--target-dir", folder / "target"], "rust", cwd=folder)
    once(folder, sorted(file for file in source.rglob("*") if file.is_file()), make)
    return bridged("json", folder / "target/debug/player")


def raw(build):
    return [sys.executable, HERE / "sqs/play_raw.py"]


# Operations and members that a client is too old to know, and cases whose long wait others show: it plays none of these.
LACKS = {
    "php": ["AddPermission", "RemovePermission", "ListDeadLetterSourceQueues", "SetQueueAttributes", "TagQueue", "retention"],
    "ruby": ["retention"],
    "ruby-1": ["PurgeQueue", "TagQueue", "MaxResults", "MessageGroupId", "MessageSystemAttributes", "retention"],
}

# Name, preparation, which cases it plays ("core", "all", "raw": its own), how many at a time.
CLIENTS = [
    ("aws-cli-1", aws_cli_1, "core", 4),
    ("boto3", boto3, "all", 24),
    ("boto3-query", boto3_query, "all", 24),
    ("aws-cli-2", aws_cli_2, "core", 4),
    ("java-1", java_1, "core", 8),
    ("java", java, "all", 24),
    ("go", go, "all", 24),
    ("javascript", javascript, "all", 24),
    ("javascript-2", javascript_2, "core", 8),
    ("php", php, "core", 8),
    ("ruby-1", ruby_1, "core", 8),
    ("ruby", ruby, "core", 8),
    ("rust", rust, "all", 24),
    ("raw-http", raw, "raw", 4),
]
