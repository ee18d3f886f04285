"""Plays the cases with the AWS CLI: a process per call, `--cli-input-json` in, JSON and `An error occurred (…)` out."""

import base64
import json
import os
import re
import subprocess
import sys
import tempfile

from player import Refused, play

CALL_SECONDS = 300
REFUSED_EXIT_CODES = (254, 255)


def dashed(operation):
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", operation).lower()


def main():
    cli, program_path = sys.argv[1:]
    with open(program_path, encoding="utf-8") as file:
        program = json.load(file)
    environment = dict(os.environ, AWS_ACCESS_KEY_ID=program["access_key"], AWS_SECRET_ACCESS_KEY=program["secret_key"],
                       AWS_DEFAULT_REGION=program["region"], AWS_MAX_ATTEMPTS="2")
    version = subprocess.run([cli, "--version"], capture_output=True, text=True, env=environment).stdout
    first = version.startswith("aws-cli/1.")

    def bytes_as_taken(value):
        """The second CLI takes base64, the first one the bytes as text."""
        if isinstance(value, dict):
            if "$bytes" in value:
                return base64.b64decode(value["$bytes"]).decode() if first else value["$bytes"]
            return {key: bytes_as_taken(item) for key, item in value.items()}
        return [bytes_as_taken(item) for item in value] if isinstance(value, list) else value

    def call(operation, given):
        with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
            json.dump(bytes_as_taken(given), file)
            file.flush()
            done = subprocess.run(
                [cli, "sqs", dashed(operation), "--endpoint-url", program["endpoint"], "--output", "json", "--no-paginate",
                 "--cli-input-json", f"file://{file.name}"],
                capture_output=True, text=True, env=environment, timeout=CALL_SECONDS)
        if done.returncode == 0:
            return json.loads(done.stdout or "{}")
        told = re.search(r"An error occurred \((.+?)\) when calling the \w+ operation(?: \(.*?\))?: (.*)", done.stderr, re.DOTALL)
        if not told or done.returncode not in REFUSED_EXIT_CODES:
            raise RuntimeError(f"exit code {done.returncode}: {done.stderr.strip()[-500:]}")
        # The newest CLI adds lines of its own below the text.
        raise Refused(told[1], told[2].split("\n\nAdditional error details")[0].rstrip("\n"))

    # The second CLI of Debian has a model from before SQS spoke JSON.
    speaks_query = not first
    sys.exit(1 if play(program, call, "query" if speaks_query else "json") else 0)


main()
